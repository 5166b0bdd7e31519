"""What is spoken on calls: any voice, clause by clause, ready to be played, and kept on disk for the next time.

The worker calls ``CachedSpeech.speak`` and nothing else of the speaking side.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from voicegw.audio.phrases import pause_ms_after
from voicegw.audio.resample import Resampler
from voicegw.call.clauses import split
from voicegw.engines.sound_store import SoundStore
from voicegw.engines.tts import TextToSpeech, TtsCapabilities

FORM = "1"
"""Of the stored sound: grows when trimming, levels or filters change, so that old files are not used."""


class SpeechPieces:
    """The sound of a text: int16 samples, piece by piece. Iterate once."""

    def __init__(self, pieces: Iterator[np.ndarray], cached: bool) -> None:
        self._pieces = pieces
        self.cached = cached
        """Nothing has to be synthesised."""

    def __iter__(self) -> Iterator[np.ndarray]:
        return self._pieces


class CachedSpeech:
    """Speaks at the line's rate. Shared by threads, and by processes through the folder.

    :param tts: a voice that begins and ends with sound (``clear.ClearSpeech``).
    :param folder: where sound is kept; made when needed.
    :param rate_hz: of the samples that ``speak`` gives.
    """

    def __init__(self, tts: TextToSpeech, folder: Path, rate_hz: int) -> None:
        self._tts = tts
        self._store = SoundStore(folder, rate_hz)
        self._rate_hz = rate_hz

    @property
    def capabilities(self) -> TtsCapabilities:
        """Those of the voice."""
        return self._tts.capabilities

    def speak(self, text: str, *, speed: float = 1.0, keep: bool = True, more: bool = True) -> SpeechPieces:
        """The sound of ``text``; synthesised while it is iterated, clause by clause. Blocks: use a thread.

        :param speed: 1.0 is the voice's own pace.
        :param keep: store what had to be synthesised. Not for what is said once, or names a person.
        :param more: more will be said after it: end with the pause that its last punctuation asks for.
        :raises EngineError: while iterating: the voice failed.
        """
        clauses = split(text)
        stored = [self._store.load(self._key(clause, speed)) for clause in clauses]
        pieces = self._pieces(list(zip(clauses, stored, strict=True)), speed, keep, more)
        return SpeechPieces(pieces, cached=all(sound is not None for sound in stored))

    def _pieces(
        self, clauses: list[tuple[str, np.ndarray | None]], speed: float, keep: bool, more: bool
    ) -> Iterator[np.ndarray]:
        for number, (clause, stored) in enumerate(clauses, 1):
            if stored is None:
                yield from self._synthesise(clause, speed, keep)
            else:
                yield stored
            if more or number < len(clauses):
                yield np.zeros(pause_ms_after(clause) * self._rate_hz // 1000, np.int16)

    def _synthesise(self, clause: str, speed: float, keep: bool) -> Iterator[np.ndarray]:
        resampler = Resampler(self._tts.capabilities.rate_hz, self._rate_hz)
        made: list[np.ndarray] = []
        for piece in self._tts.speak(clause, speed=speed):
            if len(pcm := resampler.feed(piece)):
                made.append(pcm)
                yield pcm
        if len(pcm := resampler.flush()):
            made.append(pcm)
            yield pcm
        if keep and made:
            self._store.save(self._key(clause, speed), np.concatenate(made))

    def _key(self, clause: str, speed: float) -> str:
        parts = (FORM, self._tts.key, clause, f"{speed:.3f}", str(self._rate_hz))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()
