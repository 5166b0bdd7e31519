"""Short sounds on disk, by key: shared by processes, bounded in size, the least recently used leave first."""

import contextlib
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from voicegw import log
from voicegw.audio import wav
from voicegw.errors import AudioFormatError

logger = log.get_logger()

MOST_BYTES = 256 * 1024 * 1024
"""Some four and a half hours of speech at 8 kHz."""
SWEEP_EVERY = 64
"""So many sounds are saved between two looks at the folder's size."""
SWEPT_TO = 0.9
"""Share of the bound that a sweep leaves."""
DRAFT = ".part"
STALE_DRAFT_S = 3600


class SoundStore:
    """WAV files in a folder, named by key (hexadecimal). A file is whole or absent, whoever dies when.

    A store that cannot be written is a slow one, not a broken call: it says so in the log and goes on.
    """

    def __init__(self, folder: Path, rate_hz: int, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._rate_hz = rate_hz
        self._most_bytes = most_bytes
        self._until_sweep = 1
        """The first save of a process sweeps: most processes save only a few sounds."""

    def load(self, key: str) -> np.ndarray | None:
        """Int16 samples, or None. Counts as use."""
        file = self._file(key)
        try:
            recording = wav.parse(file.read_bytes(), str(file))
            os.utime(file)
        except (OSError, AudioFormatError):
            return None
        return recording.mono if recording.rate_hz == self._rate_hz and len(recording.samples) else None

    def save(self, key: str, pcm: np.ndarray) -> None:
        """Keep int16 samples."""
        file = self._file(key)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._write_whole(file, wav.to_bytes(pcm, self._rate_hz))
        except OSError as error:
            logger.warning("speech_cache.not_written", folder=str(self._folder), error=str(error))
            return
        self._until_sweep -= 1
        if self._until_sweep <= 0:
            self._until_sweep = SWEEP_EVERY
            self.sweep()

    def sweep(self) -> None:
        """Remove the sounds that were not used for longest, if there are too many; and what dying writers left."""
        found: list[tuple[float, int, Path]] = []
        for file in self._folder.glob("*/*"):
            with contextlib.suppress(FileNotFoundError):  # another process sweeps too
                status = file.stat()
                if file.suffix != DRAFT:
                    found.append((status.st_mtime, status.st_size, file))
                elif time.time() - status.st_mtime > STALE_DRAFT_S:
                    file.unlink(missing_ok=True)
        total = sum(size for _, size, _ in found)
        if total <= self._most_bytes:
            return
        for _, size, file in sorted(found):
            if total <= self._most_bytes * SWEPT_TO:
                return
            file.unlink(missing_ok=True)
            total -= size

    def _file(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.wav"

    def _write_whole(self, file: Path, data: bytes) -> None:
        descriptor, draft = tempfile.mkstemp(suffix=DRAFT, dir=file.parent)
        try:
            with os.fdopen(descriptor, "wb") as out:
                out.write(data)
            os.replace(draft, file)
        except OSError:
            Path(draft).unlink(missing_ok=True)
            raise
