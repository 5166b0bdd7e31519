"""Voice activity: is there voice in this frame?"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class FrameActivity:
    """The verdict on one 20 ms frame."""

    voiced: bool
    """Voice of the caller: not silence, steady noise, nor the agent's own echo."""
    level_dbfs: float
    """RMS level of the frame, dB relative to full scale; -96 for digital silence."""
    echo: bool = False
    """There was sound, but it was the agent's own, coming back."""


class VoiceActivity(Protocol):
    """Stateful: one per call, fed every frame in order."""

    @property
    def softest_dbfs(self) -> float:
        """A frame softer than this has no voice, whatever came before it."""

    def feed(self, heard: bytes, played: bytes) -> FrameActivity:
        """One 20 ms frame of 16-bit PCM at 8 kHz: what the caller sent, and what we played meanwhile."""


class Deaf:
    """Hears nothing: for a caller who is asked to press keys."""

    softest_dbfs = 96.0

    def feed(self, heard: bytes, played: bytes) -> FrameActivity:
        """Silence."""
        return _NOTHING


_NOTHING = FrameActivity(voiced=False, level_dbfs=-96.0)
