"""Voice activity by webrtcvad and level: over an adaptive noise floor, with the agent's own echo discounted."""

import numpy as np
import webrtcvad

from voicegw.audio.echo import EchoGate
from voicegw.audio.levels import level_dbfs
from voicegw.audio.noise_floor import NoiseFloor
from voicegw.engines.vad import FrameActivity
from voicegw.wire.messages import RATE_HZ

AGGRESSIVENESS = 2
"""webrtcvad's 0 to 3: 3 loses soft ends of words, 0 and 1 take steady noise for voice."""
OVER_FLOOR_DB = 9.0
LEAST_DBFS = -52.0
"""Softer than this is never a caller speaking into a phone."""


class WebRtcVoiceActivity:
    """One call's detector."""

    def __init__(self) -> None:
        self._vad = webrtcvad.Vad(AGGRESSIVENESS)
        self._floor = NoiseFloor()
        self._echo = EchoGate()

    def feed(self, heard: bytes, played: bytes) -> FrameActivity:
        """One 20 ms frame, in order."""
        pcm = np.frombuffer(heard, dtype="<i2")
        level = level_dbfs(pcm)
        echo = self._echo.feed(pcm, np.frombuffer(played, dtype="<i2"), level)
        loud = level >= max(LEAST_DBFS, self._floor.feed(level) + OVER_FLOOR_DB)
        voiced = loud and self._vad.is_speech(heard, RATE_HZ)
        return FrameActivity(voiced and not echo, level, echo=voiced and echo)
