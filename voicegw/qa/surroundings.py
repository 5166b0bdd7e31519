"""What the agent hears besides the caller's voice, made frame by frame while the call goes on: the noise of a
room, and the agent's own voice coming back from a speakerphone.
"""

import numpy as np

from voicegw.qa.spans import samples
from voicegw.wire.messages import FRAME_MS

FRAME_SAMPLES = samples(FRAME_MS)
REFLECTIONS = ((0.0, 1.0), (7.0, 0.45), (16.0, -0.3), (29.0, 0.18))
"""Milliseconds after the direct sound, and gain: loudspeaker to microphone across a desk in a small room."""


class Noise:
    """A recording, over and over."""

    def __init__(self, loop: np.ndarray) -> None:
        self._loop = loop
        self._place = 0

    def next_frame(self) -> np.ndarray:
        """The next 20 ms, int32 so that it can be added to."""
        places = np.arange(self._place, self._place + FRAME_SAMPLES)
        self._place = int(places[-1] + 1) % len(self._loop)
        return self._loop[places % len(self._loop)].astype(np.int32)


class Echo:
    """What is received comes back ``delay_ms`` later, ``loss_db`` softer.

    A frame sent now leaves ``lead_ms`` later, as others are queued before it; that much of the delay is spent.
    """

    def __init__(self, delay_ms: float, loss_db: float, lead_ms: float) -> None:
        """:raises ValueError: the echo would have to leave before it is heard."""
        wait_ms = delay_ms - lead_ms
        if wait_ms < 0:
            raise ValueError(f"an echo after {delay_ms} ms cannot leave: {lead_ms} ms are queued before it")
        gain = 10 ** (-loss_db / 20)
        taps = [(samples(wait_ms + after_ms), tap * gain) for after_ms, tap in REFLECTIONS]
        power = sum(tap**2 for _, tap in REFLECTIONS)
        self._taps = [(lag, tap / power**0.5) for lag, tap in taps]
        self._past = np.zeros(max(lag for lag, _ in self._taps) + FRAME_SAMPLES)

    def next_frame(self, received: np.ndarray) -> np.ndarray:
        """The echo to add to the frame that is sent for this tick, int32."""
        self._past = np.concatenate([self._past[FRAME_SAMPLES:], received])
        end = len(self._past)
        echo = sum(tap * self._past[end - FRAME_SAMPLES - lag : end - lag] for lag, tap in self._taps)
        return np.rint(echo).astype(np.int32)


class Surroundings:
    """What is mixed into each frame the caller sends. ``noise`` and ``echo`` may change at any time."""

    def __init__(self, noise: Noise | None = None, echo: Echo | None = None) -> None:
        self.noise = noise
        self.echo = echo

    def mix(self, voice: np.ndarray, received: np.ndarray) -> np.ndarray:
        """Int16 samples to send: ``voice`` (20 ms) with noise, and with the echo of ``received`` (20 ms)."""
        mixed = voice.astype(np.int32)
        if self.noise:
            mixed = mixed + self.noise.next_frame()
        if self.echo:
            mixed = mixed + self.echo.next_frame(received)
        return np.clip(mixed, -32768, 32767).astype(np.int16)
