"""One file out of a zip that lies elsewhere, without the rest of it (APPNOTE.TXT §4.3)."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from voicegw.models.remote import NoRanges, Remote, SourceFailed, WrongBytes
from voicegw.models.saving import read_chunks

_TAIL_BYTES = 256 * 1024
"""Enough for the directories of the wheels we read; a longer one costs one more request."""
_LOCAL_HEADER_MAGIC = b"PK\x03\x04"
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")


@dataclass(frozen=True)
class Span:
    """Where a member lies in the zip: its local header, then its data."""

    start: int
    stop: int
    """Not included; may take in a few bytes that follow the data."""
    method: int
    """``zipfile.ZIP_STORED`` or ``ZIP_DEFLATED``."""
    data_bytes: int
    """As compressed."""


class _Tail(io.RawIOBase):
    """The end of a file, for `zipfile`, which reads a zip's directory from its end."""

    def __init__(self, remote: Remote) -> None:
        with remote.read(-_TAIL_BYTES, None) as reply:
            if reply.total is None or (reply.start == 0 and reply.total > _TAIL_BYTES):
                raise NoRanges("the server does not do ranges")
            self._remote = remote
            self._begin = reply.start
            self._bytes = b"".join(reply.chunks)
            self._total = reply.total
        self._at = 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._total}[whence]
        if base + offset < 0:
            raise OSError("before the start of the file")
        self._at = base + offset
        return self._at

    def read(self, size: int = -1) -> bytes:
        stop = self._total if size < 0 else min(self._at + size, self._total)
        if self._at < self._begin:
            with self._remote.read(self._at, self._begin) as reply:
                self._bytes = b"".join(reply.chunks) + self._bytes
                self._begin = self._at
        data = self._bytes[self._at - self._begin : max(stop - self._begin, 0)]
        self._at += len(data)
        return data


def directory(remote: Remote) -> dict[str, Span]:
    """Where each member lies.

    :raises NoRanges: the server only gives whole files.
    :raises SourceFailed: not a zip that we can read.
    """
    try:
        with zipfile.ZipFile(_Tail(remote)) as archive:
            members = sorted(archive.infolist(), key=lambda member: member.header_offset)
            ends = [member.header_offset for member in members[1:]] + [archive.start_dir]
    except (zipfile.BadZipFile, OSError, struct.error) as error:
        raise SourceFailed(f"not a readable zip ({error})") from None
    return {
        member.filename: Span(member.header_offset, end, member.compress_type, member.compress_size)
        for member, end in zip(members, ends, strict=True)
    }


def unpack_member(raw: Path, span: Span, into: Path) -> None:
    """Write the member's own bytes, from a file that holds its span.

    :raises WrongBytes: the span holds no member, or one that does not unpack.
    """
    with raw.open("rb") as file:
        header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or not header.startswith(_LOCAL_HEADER_MAGIC):
        raise WrongBytes("damaged: no zip member where the directory says")
    # §4.3.7: the last two fields are the lengths of the name and of the extra field that follow.
    *_, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
    data = _window(raw, _LOCAL_HEADER.size + name_bytes + extra_bytes, span.data_bytes)
    try:
        with into.open("wb") as file:
            file.writelines(_inflated(data) if span.method == zipfile.ZIP_DEFLATED else data)
    except zlib.error as error:
        raise WrongBytes(f"damaged: {error}") from None


def _inflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    for chunk in chunks:
        yield inflate.decompress(chunk)
    yield inflate.flush()


def _window(file: Path, begin: int, length: int) -> Iterator[bytes]:
    """``length`` bytes of a file from ``begin``."""
    for chunk in read_chunks(file):
        piece = chunk[begin : begin + length] if begin < len(chunk) else b""
        begin = max(begin - len(chunk), 0)
        length -= len(piece)
        if piece:
            yield piece
