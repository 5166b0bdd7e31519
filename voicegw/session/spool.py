"""Stream entries on disk, for as long as Redis is away: one JSON object a line, a file for each process.

A process holds its file's lock while it lives, so a file that can be locked was left behind by one that died, and
whoever locks it may send what it holds. A process killed in the middle of a line leaves half a line; that entry is
lost, the ones before it and the ones after it are not.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

Entry = dict[str, str]
"""Fields of a stream entry."""


def format_entries(entries: Iterable[Entry]) -> bytes:
    """Lines of a spool file."""
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


def parse_entries(data: bytes) -> list[Entry]:
    """Entries of whole lines; what is not an entry is passed over."""
    return [entry for line in data.splitlines() if (entry := _parse(line)) is not None]


def _parse(line: bytes) -> Entry | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    fits = isinstance(entry, dict) and all(isinstance(value, str) for value in entry.values())
    return entry if fits and entry else None


class Spool:
    """One file of entries, first in, first out; locked by this process while open."""

    def __init__(self, path: Path) -> None:
        """:raises BlockingIOError: somebody else holds it."""
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise
        self._sent = 0
        self._size = os.fstat(self._file).st_size
        self._end_last_line()

    @classmethod
    def new(cls, folder: Path) -> "Spool":
        """An empty spool of this process's own."""
        folder.mkdir(parents=True, exist_ok=True)
        final = folder / f"{uuid4().hex}.jsonl"
        # Locked before it has the name that left_behind looks for.
        spool = cls(final.with_suffix(".new"))
        spool.path = spool.path.rename(final)
        return spool

    @property
    def empty(self) -> bool:
        """Nothing waits."""
        return self._sent >= self._size

    def put(self, entries: Iterable[Entry]) -> None:
        """Write ``entries``, all or none; once this returns they outlive this process and a power cut.

        :raises OSError: the disk is full, or broken.
        """
        data = format_entries(entries)
        try:
            self._write(data)
        except OSError:
            os.ftruncate(self._file, self._size)
            raise
        self._size += len(data)

    def peek(self, most_bytes: int = 1 << 18) -> tuple[list[Entry], int]:
        """The first entries that wait, and how many bytes they take: hand these to ``advance`` once sent."""
        data = os.pread(self._file, most_bytes, self._sent)
        while b"\n" not in data and self._sent + len(data) < self._size:  # a line longer than that
            data += os.pread(self._file, most_bytes, self._sent + len(data))
        whole = data.rfind(b"\n") + 1
        return parse_entries(data[:whole]), whole

    def advance(self, taken_bytes: int) -> None:
        """So many bytes have been sent; the file shrinks to nothing once all have."""
        self._sent += taken_bytes
        if self.empty:
            os.ftruncate(self._file, 0)
            self._sent = self._size = 0

    def close(self) -> None:
        """Let go of the file; remove it if nothing waits."""
        if self.empty:
            self.path.unlink(missing_ok=True)
        os.close(self._file)

    def _write(self, data: bytes) -> None:
        written = 0
        while written < len(data):
            written += os.write(self._file, data[written:])
        os.fsync(self._file)

    def _end_last_line(self) -> None:
        """A file left behind by a killed process may end in half a line: what follows must not be glued to it."""
        if self._size and os.pread(self._file, 1, self._size - 1) != b"\n":
            os.write(self._file, b"\n")
            self._size += 1


def left_behind(folder: Path) -> Iterator[Spool]:
    """Spools whose process has died, locked for this one; close each."""
    for path in sorted(folder.glob("*.jsonl")):
        with suppress(BlockingIOError, PermissionError):
            yield Spool(path)
