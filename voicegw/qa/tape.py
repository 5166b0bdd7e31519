"""What a call sounded like, put together frame by frame on the call's own clock."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voicegw.qa.conversation import placed_on_track
from voicegw.qa.ruler import Line
from voicegw.qa.spans import RATE_HZ, samples
from voicegw.qa.surroundings import FRAME_SAMPLES
from voicegw.wire.messages import FRAME_MS, Frame


@dataclass(frozen=True)
class Tape:
    """Both directions of a call on one clock, int16 at 8 kHz, all equally long."""

    sent: np.ndarray
    """What went out, noise and echo included."""
    voice: np.ndarray
    """The caller's voice in it."""
    received: np.ndarray
    """What came from the agent on the same ticks."""
    began_ms: int = 0
    """When the first sample was, since INVITE."""
    lines: tuple[Line, ...] = ()
    """What was said, where it lies on these tracks."""
    missing_frames: int = 0
    """Ticks the caller was not told about: the tracks hold silence there."""
    stutters: int = 0
    """Ticks at which the caller had nothing ready to send: its own fault, and a reason to doubt the call."""

    @property
    def stereo(self) -> np.ndarray:
        """Int16 ``[samples, 2]``: the caller left, the agent right."""
        return np.stack([self.sent, self.received], axis=1)

    @property
    def duration_s(self) -> float:
        """How long the call was up."""
        return len(self.received) / RATE_HZ


class TapeRecorder:
    """Knows which frame handed out left at which tick: one leaves per tick, in order."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self._voices: list[np.ndarray] = []
        """By number of the frame handed out."""
        self._left_at: list[int] = []
        """Tick at which each frame left; those that have not left are not in it."""
        self._waiting: deque[int] = deque()
        """Numbers of frames that are queued at the cell; -1 stands for the lead."""
        self._stutters = 0

    @property
    def waiting(self) -> int:
        """How many frames are queued at the cell."""
        return len(self._waiting)

    def hand_out_lead(self, frames: int) -> None:
        """So many frames of silence were sent ahead."""
        self._waiting.extend([-1] * frames)

    def hand_out(self, voice: np.ndarray) -> None:
        """A frame with this voice was sent."""
        self._waiting.append(len(self._voices))
        self._voices.append(voice)

    def skip(self, voice: np.ndarray) -> None:
        """A silent frame was not sent, because too many are queued."""
        self._voices.append(voice)
        self._waiting[-1] = len(self._voices) - 1

    def on_frame(self, frame: Frame) -> None:
        """A tick passed."""
        self.frames.append(frame)
        if not frame.played:
            self._stutters += bool(self._waiting)
            return
        if not self._waiting:
            return
        number, tick = self._waiting.popleft(), self._tick(frame)
        self._left_at += [tick] * (number + 1 - len(self._left_at))

    def finish(self, lines: Sequence[Line]) -> Tape:
        """The tape, with ``lines`` (in samples handed out) where they really left."""
        if not self.frames:
            empty = np.zeros(0, np.int16)
            return Tape(empty, empty, empty)
        ticks = self._tick(self.frames[-1]) + 1
        sent, received = np.zeros((2, ticks, FRAME_SAMPLES), np.int16)
        for frame in self.frames:
            tick = self._tick(frame)
            received[tick] = np.frombuffer(frame.heard, "<i2")
            if frame.played:
                sent[tick] = np.frombuffer(frame.played, "<i2")
        placed = placed_on_track(lines, np.array(self._left_at, int))
        return Tape(
            sent.reshape(-1),
            self._voice_track(ticks),
            received.reshape(-1),
            self.frames[0].at_ms,
            placed,
            ticks - len(self.frames),
            self._stutters,
        )

    def _voice_track(self, ticks: int) -> np.ndarray:
        track = np.zeros((ticks, FRAME_SAMPLES), np.int16)
        for voice, tick in zip(self._voices, self._left_at, strict=False):
            if voice.any():
                track[tick] = voice
        return track.reshape(-1)

    def _tick(self, frame: Frame) -> int:
        return (frame.at_ms - self.frames[0].at_ms) // FRAME_MS


def at(tape: Tape, since_invite_ms: float) -> int:
    """The sample of that moment; negative before the tape began."""
    return samples(since_invite_ms - tape.began_ms)
