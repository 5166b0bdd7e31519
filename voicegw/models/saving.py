"""From a source to a file of this machine: goes on where it stopped, and accepts only the bytes that were meant."""

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from voicegw.models.remote import Broken, NoRanges, Remote, SourceFailed, WrongBytes

Report = Callable[[int, int], None]
"""Bytes fetched so far, and bytes to fetch (0: not known)."""

_CHUNK_BYTES = 1 << 20
_IDLE_TRIES = 3
"""Attempts in a row that may bring nothing."""
_PAUSE_S = 0.3


def save_span(remote: Remote, start: int, stop: int, into: Path, report: Report) -> None:
    """Bytes ``start`` to ``stop`` of a source that does ranges.

    :raises NoRanges: it does not.
    :raises SourceFailed: it stopped giving.
    """

    def attempt(have: int) -> None:
        with remote.read(start + have, stop) as reply:
            if reply.start != start + have:
                raise NoRanges("the server does not do ranges")
            _append(reply.chunks, into, have, lambda done: report(done, stop - start))

    _persist(attempt, into, stop - start)


def save_whole(remote: Remote, size: int, into: Path, report: Report) -> None:
    """The whole of a source; ``size`` 0 if it is not known.

    :raises SourceFailed: it stopped giving, or has another number of bytes.
    """

    def attempt(have: int) -> None:
        with remote.read(have, None) as reply:
            if size and reply.total not in (None, size):
                raise SourceFailed(f"{reply.total} bytes where {size} were expected")
            # A server without ranges answers from the start, and so do we then.
            _append(reply.chunks, into, reply.start, lambda done: report(done, reply.total or size))

    _persist(attempt, into, size)


def _persist(attempt: Callable[[int], None], into: Path, size: int) -> None:
    """Attempts, until ``size`` bytes are there (0: until one ends well) or several in a row brought nothing."""
    idle = 0
    while not size or _length(into) != size:
        before = _length(into)
        if size and before > size:
            into.unlink()
            before = 0
        broken = Broken("the connection ended early")
        try:
            attempt(before)
            if not size:
                return
        except Broken as error:
            broken = error
        idle = 0 if _length(into) > before else idle + 1
        if idle == _IDLE_TRIES:
            raise broken
        time.sleep(_PAUSE_S * idle)


def _append(chunks: Iterator[bytes], into: Path, have: int, report: Callable[[int], None]) -> None:
    with into.open("r+b" if into.exists() else "wb") as file:
        file.seek(have)
        file.truncate()
        for chunk in chunks:
            file.write(chunk)
            have += len(chunk)
            report(have)


def _length(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def check(file: Path, sha256: str) -> None:
    """The gate that every fetched file passes before it gets its name.

    :raises WrongBytes: these are not the bytes that were meant.
    """
    found = sha256_of(file)
    if found != sha256:
        raise WrongBytes(f"other bytes than the catalogue's (SHA-256 {found[:12]}… instead of {sha256[:12]}…)")


def read_chunks(file: Path) -> Iterator[bytes]:
    """The bytes of a file, a piece at a time."""
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK_BYTES):
            yield chunk


def sha256_of(file: Path) -> str:
    """Hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
