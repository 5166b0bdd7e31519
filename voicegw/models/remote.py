"""Bytes that lie elsewhere, read piece by piece: behind HTTP, or in a file of this machine."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import httpx

_CHUNK_BYTES = 1 << 18


class SourceFailed(Exception):
    """A source did not give the bytes; the message says why. Another source may."""


class Unreachable(SourceFailed):
    """Nobody answers at that host: no use asking it for the next file."""


class WrongBytes(SourceFailed):
    """The bytes that came are not those of the catalogue."""


class Broken(SourceFailed):
    """The connection ended early, or the server was busy: going on from where it stopped may work."""


class NoRanges(SourceFailed):
    """The server only gives whole files."""


@dataclass(frozen=True)
class Reply:
    """What a source answered."""

    start: int
    """Where the chunks begin; 0 where a server does not do ranges."""
    total: int | None
    """Bytes of the whole file, if the source says so."""
    chunks: Iterator[bytes]


class Remote(Protocol):
    """Something to read spans of bytes from."""

    def read(self, start: int, stop: int | None) -> AbstractContextManager[Reply]:
        """Bytes from ``start`` (negative: that many before the end) up to ``stop``, not included.

        :raises Broken: try again from where the chunks ended.
        :raises SourceFailed: do not.
        """


class FileRemote:
    """A file of this machine."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def read(self, start: int, stop: int | None) -> Iterator[Reply]:
        try:
            total = self._path.stat().st_size
            with self._path.open("rb") as file:
                begin = max(total + start, 0) if start < 0 else start
                file.seek(begin)
                length = (total if stop is None else stop) - begin
                yield Reply(begin, total, _pieces(file.read, length))
        except OSError as error:
            raise SourceFailed(f"{self._path}: {error.strerror}") from None


def _pieces(read: Callable[[int], bytes], length: int) -> Iterator[bytes]:
    while length > 0:
        chunk = read(min(_CHUNK_BYTES, length))
        if not chunk:
            return
        length -= len(chunk)
        yield chunk


class HttpRemote:
    """A file behind HTTP, by `Range` (RFC 9110 §14)."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self._client = client
        self._url = url

    @contextmanager
    def read(self, start: int, stop: int | None) -> Iterator[Reply]:
        # Identity: a range of a compressed transfer is not a range of the file.
        headers = {"Accept-Encoding": "identity"}
        if start < 0:
            headers["Range"] = f"bytes={start}"
        elif start or stop is not None:
            headers["Range"] = f"bytes={start}-" + ("" if stop is None else str(stop - 1))
        try:
            with self._client.stream("GET", self._url, headers=headers) as response:
                yield _reply(response)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.UnsupportedProtocol) as error:
            raise Unreachable(f"no connection ({error or 'timed out'})") from None
        except (httpx.TransportError, httpx.StreamError) as error:
            raise Broken(f"connection lost ({error or type(error).__name__})") from None
        except httpx.HTTPError as error:
            raise SourceFailed(str(error)) from None


def _reply(response: httpx.Response) -> Reply:
    if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        # "Content-Range: bytes */1234": nothing lies behind what we have.
        _, total = _content_range(response)
        return Reply(total or 0, total, iter(()))
    if response.status_code in (408, 425, 429, 500, 502, 503, 504):
        raise Broken(f"HTTP {response.status_code}")
    if response.status_code not in (200, 206):
        raise SourceFailed(f"HTTP {response.status_code}")
    # As they come: pieces of a set size would hold back, and lose, what came before the connection broke.
    chunks = response.iter_raw()
    if response.status_code == httpx.codes.PARTIAL_CONTENT:
        start, total = _content_range(response)
        return Reply(start, total, chunks)
    length = response.headers.get("Content-Length", "")
    return Reply(0, int(length) if length.isdigit() else None, chunks)


def _content_range(response: httpx.Response) -> tuple[int, int | None]:
    """First byte and total of `Content-Range` (RFC 9110 §14.4)."""
    match = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", response.headers.get("Content-Range", ""))
    if match is None:
        raise SourceFailed("a Content-Range that is not one")
    return int(match[1] or 0), None if match[2] == "*" else int(match[2])


def open_remote(client: httpx.Client, address: str) -> Remote:
    """The bytes at a ``http:``, ``https:`` or ``file:`` address."""
    parts = urlsplit(address)
    if parts.scheme == "file":
        return FileRemote(Path(unquote(parts.path)))
    return HttpRemote(client, address)
