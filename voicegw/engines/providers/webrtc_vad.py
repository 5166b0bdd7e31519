"""Voice activity by webrtcvad and level: over an adaptive noise floor, with the agent's own echo taken out."""

from collections import deque

import numpy as np
import webrtcvad

from voicegw.audio.echo import EchoPath, Separated
from voicegw.audio.levels import SILENCE_DBFS, level_dbfs
from voicegw.audio.noise_floor import NoiseFloor
from voicegw.engines.vad import FrameActivity
from voicegw.wire.messages import RATE_HZ

KEEN, STRICT = 2, 3
"""Aggressiveness of webrtcvad, 0 to 3. Strict, it is deaf to soft callers (one of three speakers, at -45 dBFS);
keen, it takes music for voice. So in a quiet room it is keen, and else strict."""
QUIET_ROOM_DBFS = -50.0
OVER_FLOOR_DB = 8.0
GOING_ON_DB = 5.0
"""How far a voice must stand out of the room to begin, and to go on."""
RECENT_FRAMES = 6
GOING_ON_FRAMES = 4
"""A voice is going on if so many of the recent frames had one."""
LEAST_DBFS = -50.0
"""Softer than this is never a caller speaking into a phone."""
ECHO_FRAMES = 26
"""Echo comes back within 520 ms."""
FIRST_LOSS_DB = 6.0
"""Until the way of the echo is known, what is softer than what we play, less this, may be echo."""
SURE_SHARE = 0.5
ENOUGH_LESSONS = 4
"""The way is known when it explains half of what is heard; or, after 0.6 s of playing, there is none."""
SMEARED_FRAMES = 5
OVER_ECHO_DB = 2.0
"""What is left must be louder than the loudest echo of the last 100 ms (the room's tail is not predicted)."""


class WebRtcVoiceActivity:
    """One call's detector."""

    softest_dbfs = LEAST_DBFS

    def __init__(self) -> None:
        self._keen, self._strict = webrtcvad.Vad(KEEN), webrtcvad.Vad(STRICT)
        self._floor = NoiseFloor()
        self._recent: deque[bool] = deque(maxlen=RECENT_FRAMES)
        self._path = EchoPath()
        self._played_dbfs: deque[float] = deque([SILENCE_DBFS], ECHO_FRAMES)
        self._echo_dbfs: deque[float] = deque([SILENCE_DBFS], SMEARED_FRAMES)

    def feed(self, heard: bytes, played: bytes) -> FrameActivity:
        """One 20 ms frame, in order."""
        pcm = np.frombuffer(heard, "<i2")
        reference = np.frombuffer(played, "<i2") if played else None
        level = level_dbfs(pcm)
        self._played_dbfs.append(SILENCE_DBFS if reference is None else level_dbfs(reference))
        loudest_dbfs = max(self._played_dbfs)
        separated = self._path.feed(pcm, reference, separate=loudest_dbfs >= LEAST_DBFS)
        if loudest_dbfs < LEAST_DBFS:
            return FrameActivity(self._is_voice(heard, level), level)
        if separated is None or not _is_known(separated):
            voice = self._is_voice(heard, level)
            echo = level < loudest_dbfs - FIRST_LOSS_DB
        else:
            rest, rest_dbfs = heard, level
            if separated.rest is not pcm:  # else nothing comes back
                samples = separated.rest.clip(-32768, 32767).astype(np.int16)
                rest, rest_dbfs = samples.tobytes(), level_dbfs(samples)
            voice = self._is_voice(rest, rest_dbfs)
            self._echo_dbfs.append(level_dbfs(separated.echo))
            echo = rest_dbfs < max(self._echo_dbfs) + OVER_ECHO_DB
        return FrameActivity(voice and not echo, level, echo=voice and echo)

    def _is_voice(self, pcm: bytes, level: float) -> bool:
        margin_db = GOING_ON_DB if sum(self._recent) >= GOING_ON_FRAMES else OVER_FLOOR_DB
        loud = level >= max(LEAST_DBFS, self._floor.dbfs + margin_db)
        # Both learn from every frame.
        keen, strict = (vad.is_speech(pcm, RATE_HZ) for vad in (self._keen, self._strict))
        voice = loud and (keen if self._floor.dbfs < QUIET_ROOM_DBFS else strict)
        self._floor.feed(level)
        self._recent.append(voice)
        return voice


def _is_known(separated: Separated) -> bool:
    return separated.share >= SURE_SHARE or separated.lessons >= ENOUGH_LESSONS
