"""What of a call's sound is kept: chunks of both directions, silent where a secret was given. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from voicegw.audio.g711 import mu_law_encode
from voicegw.recording.format import Chunk
from voicegw.wire.messages import FRAME_BYTES, FRAME_MS

CHUNK_FRAMES = 50
"""One second: what is lost at most when the writer dies, besides an utterance that was going on."""
LEAD_FRAMES = 15
"""Held back always: a voice is noticed a little after it has begun."""
MOST_HELD_FRAMES = 30_000 // FRAME_MS
"""So much is held back until it is known whether a secret was in it."""
_SILENCE = bytes(FRAME_BYTES)


@dataclass
class Track:
    """Frames in, chunks out. While the caller speaks, frames are held back: the words decide whether they are kept."""

    _frames: list[tuple[int, bytes, bytes]] = field(default_factory=list)
    _held_from: int | None = None
    """Index in ``_frames`` from which on they are held."""
    _silenced: bool = False

    def add(self, at_ms: int, heard: bytes, played: bytes) -> None:
        """20 ms of both directions."""
        if self._silenced:
            heard, played = _SILENCE, b""
        self._frames.append((at_ms, heard, played or _SILENCE))

    def silence(self, on: bool) -> None:
        """From now on nothing is kept but the time: a secret is being asked for. Or: it has been given."""
        if on and not self._silenced:
            self._blank(self._held_from if self._held_from is not None else len(self._frames))
        self._silenced = on

    def hold(self) -> None:
        """The caller begins to speak."""
        if self._held_from is None:
            self._held_from = len(self._frames)

    def release(self, *, secret: bool) -> None:
        """What the caller said is known; ``secret``: it is not to be kept."""
        if secret and self._held_from is not None:
            self._blank(self._held_from)
        self._held_from = None

    def take(self, *, all_of_it: bool = False) -> list[Chunk]:
        """Chunks that are due."""
        free = len(self._frames) if self._held_from is None or all_of_it else self._held_from
        if len(self._frames) - free > MOST_HELD_FRAMES:
            free = len(self._frames) - MOST_HELD_FRAMES
        due = free if all_of_it else max(0, free - LEAD_FRAMES) // CHUNK_FRAMES * CHUNK_FRAMES
        chunks = [_chunk(self._frames[start : start + CHUNK_FRAMES]) for start in range(0, due, CHUNK_FRAMES)]
        del self._frames[:due]
        if self._held_from is not None:
            self._held_from = max(0, self._held_from - due)
        return chunks

    def _blank(self, start: int) -> None:
        lead = max(0, start - LEAD_FRAMES)
        self._frames[lead:] = [(at_ms, _SILENCE, _SILENCE) for at_ms, _, _ in self._frames[lead:]]


def _chunk(frames: Iterable[tuple[int, bytes, bytes]]) -> Chunk:
    frames = list(frames)
    heard = np.frombuffer(b"".join(heard for _, heard, _ in frames), "<i2")
    played = np.frombuffer(b"".join(played for _, _, played in frames), "<i2")
    both = np.stack([mu_law_encode(heard), mu_law_encode(played)], axis=1)
    return Chunk(frames[0][0], both.tobytes())
