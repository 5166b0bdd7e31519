"""The files as they are now, ready to be searched."""

import asyncio
import time
from pathlib import Path

import structlog

from voicegw.actions.requests import Embed, ToolFailed

from . import reading, vectors
from .index import Hit, Index
from .reading import Entry, Unreadable
from .settings import KnowledgeSettings

logger = structlog.get_logger()

LOOK_EVERY_S = 5.0
Stamp = tuple[tuple[str, int, int], ...]
"""Files with their times and sizes."""


class Library:
    """Belongs to one event loop. Reads and indexes in a thread, and again when files have changed."""

    def __init__(self, settings: KnowledgeSettings) -> None:
        self._settings = settings
        self._embed: Embed | None = None
        self._index: Index | None = None
        self._stamp: Stamp = ()
        self._looked_at = 0.0
        self._loading = asyncio.Lock()

    async def open(self, embed: Embed | None) -> None:
        """Read and index all."""
        self._embed = embed
        await self._current()

    async def search(self, question: str, most: int) -> list[Hit]:
        """The entries that fit best.

        :raises ToolFailed: the files cannot be read.
        """
        index = await self._current()
        vector = (await asyncio.to_thread(self._embed, [question]))[0] if self._embed else None
        return index.search(question, vector, most)

    async def health(self) -> str:
        """Empty when well, else what is wrong and what to do."""
        try:
            entries = await asyncio.to_thread(self._read)
        except ToolFailed as error:
            return str(error)
        return "" if entries else f"no entries in {self._folders}: put .md or .csv files there"

    @property
    def _folders(self) -> str:
        return ", ".join(map(str, self._settings.folders))

    async def _current(self) -> Index:
        async with self._loading:
            if self._index is None or time.monotonic() - self._looked_at > LOOK_EVERY_S:
                stamp = await asyncio.to_thread(self._look)
                if self._index is None or stamp != self._stamp:
                    self._index = await asyncio.to_thread(self._load)
                    self._stamp = stamp
                self._looked_at = time.monotonic()
        return self._index

    def _load(self) -> Index:
        entries = self._read()
        phrases = [phrase for entry in entries for phrase in entry.phrases]
        file = self._settings.data_dir / "knowledge" / "vectors.npz"
        rows = vectors.kept(file, phrases, self._embed) if self._embed and phrases else None
        logger.info("knowledge.indexed", entries=len(entries), phrases=len(phrases), vectors=rows is not None)
        return Index(entries, rows)

    def _look(self) -> Stamp:
        return tuple((name, at.st_mtime_ns, at.st_size) for file, name in self._files() for at in [file.stat()])

    def _read(self) -> list[Entry]:
        try:
            return [entry for file, name in self._files() for entry in reading.read(file, name, self._settings.tables)]
        except Unreadable as error:
            raise ToolFailed(f"{error} (setting integration.knowledge_files)") from error

    def _files(self) -> list[tuple[Path, str]]:
        """With their names inside their folders, in order."""
        missing = [folder for folder in self._settings.folders if not folder.is_dir()]
        if missing:
            raise ToolFailed(f"there is no folder {missing[0]} (setting integration.knowledge_files.folders)")
        return sorted(
            (file, str(file.relative_to(folder)))
            for folder in self._settings.folders
            for file in folder.rglob("*")
            if file.suffix in (".md", ".csv") and file.is_file()
        )
