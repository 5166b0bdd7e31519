"""Any voice, made fit for a phone line: no silence around its clauses, and always equally loud."""

from collections.abc import Iterator

import numpy as np

from voicegw.audio.phrases import Trim, gain_db_for, levelled
from voicegw.engines.tts import TextToSpeech, TtsCapabilities

SAMPLE_SENTENCE = "Your order has been shipped, and it should arrive at your house on Tuesday."
"""What a voice says to itself when it warms up, to learn how loud it is."""


class ClearSpeech:
    """Wraps a voice. One gain for all it says, so that a whisper stays softer than a shout."""

    def __init__(self, tts: TextToSpeech) -> None:
        self._tts = tts
        self._gain_db: float | None = None

    @property
    def capabilities(self) -> TtsCapabilities:
        """Those of the voice."""
        return self._tts.capabilities

    @property
    def key(self) -> str:
        """That of the voice."""
        return self._tts.key

    def speak(self, text: str, *, speed: float = 1.0) -> Iterator[np.ndarray]:
        """As the voice does, from the first sound to the last."""
        gain_db = self._measure_gain_db() if self._gain_db is None else self._gain_db
        trim = Trim(self.capabilities.rate_hz)
        for piece in self._tts.speak(text, speed=speed):
            if len(sound := trim.feed(piece)):
                yield levelled(sound, gain_db)
        if len(tail := trim.flush()):
            yield levelled(tail, gain_db)

    def warm_up(self) -> None:
        """Warm the voice up and measure how loud it is."""
        self._tts.warm_up()
        self._measure_gain_db()

    def _measure_gain_db(self) -> float:
        pieces = list(self._tts.speak(SAMPLE_SENTENCE))
        gain_db = gain_db_for(np.concatenate(pieces), self.capabilities.rate_hz) if pieces else 0.0
        self._gain_db = gain_db
        return gain_db
