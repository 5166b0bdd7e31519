"""Recordings on disk: written chunk by chunk, gone on with after a writer died, read back as samples."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voicegw.audio.g711 import mu_law_decode
from voicegw.recording.format import (
    HEADER_BYTES,
    SUFFIX,
    Chunk,
    Cipher,
    RecordingError,
    new_header,
    read_header,
    sealed_chunks,
)
from voicegw.recording.notes import ToolNote, of_chunk
from voicegw.wire.messages import RATE_HZ

LONGEST_GAP_S = 600
"""Between two chunks: more would be a clock that jumped."""


@dataclass(frozen=True)
class Recording:
    """All that was kept of a call."""

    begins_ms: int
    """In the call's time."""
    pcm: np.ndarray
    """int16 ``[samples, 2]`` at 8 kHz, the caller left, the agent right."""
    notes: tuple[ToolNote, ...] = ()
    """What tools answered, in order."""


def path_of(folder: Path, call_id: str) -> Path:
    """Where the recording of a call lies."""
    return folder / f"{call_id}{SUFFIX}"


class RecordingFile:
    """One call's, for appending. What an earlier writer left torn is cut off; its whole chunks stay."""

    def __init__(self, folder: Path, call_id: str, key: bytes) -> None:
        """:raises OSError: no such folder, no right, no room. :raises RecordingError: another key's file is there."""
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(path_of(folder, call_id), os.O_RDWR | os.O_CREAT, 0o600)
        self._file = os.fdopen(handle, "r+b")
        header = self._file.read(HEADER_BYTES)
        if len(header) < HEADER_BYTES:
            header, salt = new_header(key)
            self._file.seek(0)
            self._file.write(header)
        else:
            salt = read_header(header, key)
        self._cipher = Cipher(key, salt, call_id)
        self._next = 0
        whole = HEADER_BYTES
        for sealed in sealed_chunks(self._file):
            self._next += 1
            whole += 4 + len(sealed)
        self._file.seek(whole)
        self._file.truncate()

    def append(self, chunks: Sequence[Chunk]) -> None:
        """
        :raises OSError: the disk is full, or gone.
        """
        for chunk in chunks:
            self._file.write(self._cipher.seal(self._next, chunk))
            self._next += 1
        self._file.flush()

    def close(self) -> None:
        """Nothing more comes."""
        self._file.close()


def read(folder: Path, call_id: str, key: bytes) -> np.ndarray:
    """The sound of a call: int16 ``[samples, 2]`` at 8 kHz, the caller left, the agent right, on the call's clock.

    :raises RecordingError: there is none, it is damaged, or the key is another.
    """
    return read_all(folder, call_id, key).pcm


def read_all(folder: Path, call_id: str, key: bytes) -> Recording:
    """The recording of a call, with silence where there was no sound.

    :raises RecordingError: there is none, it is damaged, or the key is another.
    """
    path = path_of(folder, call_id)
    try:
        with path.open("rb") as file:
            cipher = Cipher(key, read_header(file.read(HEADER_BYTES), key), call_id)
            chunks = [cipher.open(number, sealed) for number, sealed in enumerate(sealed_chunks(file))]
    except FileNotFoundError:
        raise RecordingError(f"no recording of call {call_id} in {folder}") from None
    notes = [of_chunk(chunk) for chunk in chunks]
    sound = [chunk for chunk, note in zip(chunks, notes, strict=True) if note is None]
    begins_ms = sound[0].at_ms if sound else 0
    return Recording(begins_ms, _on_one_clock(sound), tuple(note for note in notes if note))


def _on_one_clock(chunks: Sequence[Chunk]) -> np.ndarray:
    """Chunks where their times say, with silence where there are none."""
    if not chunks:
        return np.zeros((0, 2), np.int16)
    first_ms = chunks[0].at_ms
    pieces: list[np.ndarray] = []
    length = 0
    for chunk in chunks:
        gap = (chunk.at_ms - first_ms) * RATE_HZ // 1000 - length
        if 0 < gap <= LONGEST_GAP_S * RATE_HZ:
            pieces.append(np.zeros((gap, 2), np.int16))
            length += gap
        samples = mu_law_decode(np.frombuffer(chunk.samples, np.uint8)).reshape(-1, 2)
        pieces.append(samples)
        length += len(samples)
    return np.concatenate(pieces)
