"""The sound of a clause, made fit for a phone line: from its first sound to its last, at a talker's level, with a
breath before the next.

A synthesiser begins with some 300 ms of silence and ends with 500; on the phone, what comes before the first
sound is latency, and what comes after the last is the caller waiting for the turn.
"""

import numpy as np

from voicegw.audio.levels import active_speech_level, amplified

SPEECH_DBFS = -20.0
"""Active speech level (ITU-T P.56) of the agent's voice."""
SOUND_DBFS = -48.0
"""A frame at least so loud is sound. Breath and the onset of an f or h lie above it, 25 dB under the vowels."""
FRAME_MS = 5
LEAD_MS = 15
"""Kept before the first sound, faded in: what is softer than ``SOUND_DBFS`` but belongs to it."""
TAIL_MS = 40
"""Kept after the last sound, faded out."""
LARGEST_GAIN_DB = 24.0
"""A voice that needs more is broken, and would only become loud noise."""
KNEE, CEILING = 0.6, 0.85
"""Shares of full scale: peaks over the first are bent to stay under the second; resampling may overshoot a little."""


class Trim:
    """Cuts the silence at both ends of one clause, as its samples come. Pauses inside stay."""

    def __init__(self, rate_hz: int) -> None:
        self._frame = rate_hz * FRAME_MS // 1000
        self._lead = self._frame * LEAD_MS // FRAME_MS
        self._tail = self._frame * TAIL_MS // FRAME_MS
        self._held = np.zeros(0, np.int16)
        """Silence that is cut if the clause ends here."""
        self._started = False

    def feed(self, pcm: np.ndarray) -> np.ndarray:
        """Int16 samples in; those that surely belong to the clause out."""
        self._held = np.concatenate([self._held, pcm])
        loud = np.flatnonzero(self._loud_frames())
        if not len(loud):
            if not self._started:
                self._forget_all_but_the_lead()
            return self._held[:0]
        ready = self._held[: (loud[-1] + 1) * self._frame]
        self._held = self._held[len(ready) :]
        return ready if self._started else self._start(ready[max(loud[0] * self._frame - self._lead, 0) :])

    def flush(self) -> np.ndarray:
        """The clause is over: its last samples, faded out."""
        if not self._started:
            return self._held[:0]
        tail = self._held[: self._tail]
        return _rounded(tail * np.linspace(1, 0, len(tail)))

    def _loud_frames(self) -> np.ndarray:
        frames = len(self._held) // self._frame
        shaped = self._held[: frames * self._frame].reshape(frames, self._frame).astype(np.float32)
        return (shaped**2).mean(axis=1) >= (32768 * 10 ** (SOUND_DBFS / 20)) ** 2

    def _forget_all_but_the_lead(self) -> None:
        """In whole frames, so that frames keep their places."""
        frames = max((len(self._held) - self._lead) // self._frame, 0)
        self._held = self._held[frames * self._frame :]

    def _start(self, pcm: np.ndarray) -> np.ndarray:
        self._started = True
        fade = min(self._lead, len(pcm))
        return np.concatenate([_rounded(pcm[:fade] * np.linspace(0, 1, fade)), pcm[fade:]])


def gain_db_for(pcm: np.ndarray, rate_hz: int) -> float:
    """What brings a voice that speaks like ``pcm`` to ``SPEECH_DBFS``; 0 if there is no speech in it."""
    speech = active_speech_level(pcm, rate_hz)
    if not speech.activity:
        return 0.0
    return float(np.clip(SPEECH_DBFS - speech.level_dbfs, -LARGEST_GAIN_DB, LARGEST_GAIN_DB))


def levelled(pcm: np.ndarray, gain_db: float) -> np.ndarray:
    """Int16 samples by ``gain_db`` louder; peaks over ``KNEE`` are bent under ``CEILING``, never clipped."""
    peak = float(np.abs(pcm.astype(np.int32)).max(initial=0)) / 32768 * 10 ** (gain_db / 20)
    if peak <= KNEE:
        return amplified(pcm, gain_db)
    samples = pcm.astype(np.float64) / 32768 * 10 ** (gain_db / 20)
    over = np.maximum(np.abs(samples) - KNEE, 0.0)
    bent = np.minimum(np.abs(samples), KNEE) + (CEILING - KNEE) * np.tanh(over / (CEILING - KNEE))
    return _rounded(np.sign(samples) * bent * 32767)


def pause_ms_after(clause: str) -> int:
    """How long a speaker breathes after ``clause`` when more follows."""
    last = clause.rstrip("\"'”’)] ")[-1:]
    return {".": 280, "!": 280, "?": 280, "…": 350, ";": 220, ":": 200, ",": 140, "—": 180, "–": 180}.get(last, 40)


def _rounded(samples: np.ndarray) -> np.ndarray:
    return np.rint(samples).astype(np.int16)
