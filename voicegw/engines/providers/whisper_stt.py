"""Whisper by CTranslate2, made for turns: what was said is encoded, not thirty seconds of padding.

Radford et al., *Robust Speech Recognition via Large-Scale Weak Supervision*. What a short window does to Whisper
is mended in ``whisper_silence``; words it invents on noise are told by its own probabilities.
"""

import math
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import tokenizers

from voicegw.audio.levels import SILENCE_DBFS, level_dbfs
from voicegw.audio.mel import RATE_HZ as MEL_RATE_HZ
from voicegw.audio.mel import LogMel
from voicegw.audio.resample import Resampler
from voicegw.audio.spoken_digits.reading import Reading
from voicegw.engines.providers import digit_network, digit_words
from voicegw.engines.providers.whisper_digits import most_tokens, said_once
from voicegw.engines.providers.whisper_silence import silent_states, with_silence
from voicegw.engines.stt import Hypothesis, SttCapabilities
from voicegw.errors import EngineError
from voicegw.nlu.expecting import Expecting

DIGIT_KINDS = ("digits", "phone")
"""Slot types that are asked for in digits alone."""
ANY_DIGITS = Expecting("digits")
PADDING_S = 0.1
LEAST_WINDOW_S = 0.5
"""Behind the longer of the speech and this the states of silence begin: before it they are not yet silent."""
TOKENS_PER_S = 8.0
LEAST_TOKENS = 10
"""Nobody speaks faster for long: some 5 words a second. What is written beyond that is repetition."""
LEAST_WORDS, WORDS_PER_S = 4, 5.0
"""The same in words: the fastest speakers come to four in half a second, and to five a second for long."""
LONGEST_PERIOD, LOOPED = 4, 3
NO_REPEAT = 3
"""Tokens in a row that may not come twice, where the decoder was lost in a loop; people do say "no, no"."""
LONGEST_S = 28.0
"""The encoder's window is 30 s."""
QUIET_DBFS = -60.0
"""No frame of speech on a phone is softer."""
NO_SPEECH = 0.8
NO_SPEECH_FOR_INVENTED = 0.6
SURE = 0.6
"""Noise of any kind gives 0.63 to 0.96 as probability of no speech, and words of which the decoder is not sure
(0.45 at most); speech gives at most 0.73, and 0.79 at 5 dB over noise."""
INVENTED = frozenset({"you", "thank you", "thanks for watching", "thank you for watching"})
"""All that it ever wrote on 900 noises (below 0.8 only "you"), learnt from the ends of videos."""
LEAST_CONFIDENCE = 0.03
"""Right words go down to 0.06 ("Goodbye" in noise): a word has several spellings. The dialog asks back on low ones."""
UNSURE = 0.7
"""Confidence below which words are written once more, with the hint for context: half of all sentences on the phone."""
HANGING = frozenset({"a", "an", "the", "my", "your", "to", "of", "for", "and"})
"""A sentence that ends in one of these may have lost a word that the decoder does not know."""
MOST_HINT_TOKENS = 80
HINTS = {
    "time": "half past nine. at a quarter to four. ten thirty in the morning",
    "date": "tomorrow. on Thursday. next Tuesday. March the 17th",
}
"""By what was asked for, where nothing better is known."""
_NOT_SPEECH = re.compile(r"\[.*?\]|\(.*?\)|\*.*?\*|♪")


@dataclass(frozen=True)
class Decoded:
    """What the decoder wrote."""

    text: str
    confidence: float
    """Geometric mean of the tokens' probabilities."""
    no_speech: float
    """Probability that there was no speech at all."""

    @property
    def believable(self) -> bool:
        """Words of the caller rather than Whisper's own."""
        most = NO_SPEECH_FOR_INVENTED if self.text.lower().strip(" .!") in INVENTED else NO_SPEECH
        return self.confidence > (LEAST_CONFIDENCE if self.no_speech < most else SURE)


class WhisperSpeechToText:
    """A loaded model. Make it after forking: CTranslate2 starts threads.

    :param folder: ``model.bin``, ``config.json``, ``tokenizer.json``, ``vocabulary.txt``.
    :param at_once: so many utterances may be decoded at the same time, from as many threads.
    :raises EngineError: they are no Whisper model.
    """

    capabilities = SttCapabilities(frozenset({"en"}), MEL_RATE_HZ, streams=False, grammars=False)

    def __init__(self, folder: Path, threads: int = 1, at_once: int = 1) -> None:
        try:
            self._model = ctranslate2.models.Whisper(
                str(folder), device="cpu", compute_type="int8", intra_threads=threads, inter_threads=at_once
            )
            self._silence = silent_states(self._model, folder)
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"{folder} is no Whisper model for CTranslate2: {error}") from error
        self._folder = folder
        self._digits = digit_network.kept(folder)
        self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._prompt = [self._id("<|startoftranscript|>"), self._id("<|notimestamps|>")]
        self._before = self._id("<|startofprev|>")
        self._hints: dict[str, list[int]] = {}

    def recognizer(self, rate_hz: int, expecting: Expecting | None = None) -> "WhisperRecognizer":
        """Begin an utterance."""
        return WhisperRecognizer(self, rate_hz, expecting or Expecting())

    def warm_up(self) -> None:
        """The first encoding and decoding allocate their buffers."""
        mel = LogMel()
        mel.feed(np.random.default_rng(1).normal(0, 2000, MEL_RATE_HZ * 2).astype(np.int16))
        states = self.encode(mel.features(0))
        self.digits(states, Expecting(DIGIT_KINDS[0]))
        self.words(states, 2.0)

    def encode(self, features: np.ndarray) -> np.ndarray:
        """States of ``features`` (float32 ``[80, frames]``), float32 ``[positions, width]``.

        :raises EngineError: the model failed.
        """
        try:
            encoded = self._model.encode(ctranslate2.StorageView.from_array(features[np.newaxis]))
        except RuntimeError as error:
            raise EngineError(f"whisper failed: {error}") from error
        return np.array(encoded)[0]

    def words(self, states: np.ndarray, speech_s: float, digits: int | None = None, hint: str = "") -> Decoded:
        """The words that the decoder writes.

        :param digits: how many digits were asked for: more need not be written.
        :param hint: what is likely to be said; taken for what was said before. It brings out rare words ("gas"), and
            loops where little was said.
        :raises EngineError: the model failed.
        """
        most = LEAST_TOKENS + int(TOKENS_PER_S * speech_s)
        if digits:
            most = min(most, most_tokens(digits))
        heard = ctranslate2.StorageView.from_array(with_silence(states[np.newaxis], self._silence))
        prompt = [*self._tokens_of(hint), *self._prompt]
        found = self._generate(heard, prompt, most)
        if not digits and loops(found.sequences_ids[0]):
            found = self._generate(heard, prompt, most, no_repeat_ngram_size=NO_REPEAT)
        text = self._tokenizer.decode(found.sequences_ids[0])
        return Decoded(text.strip(), math.exp(min(found.scores[0], 0.0)), found.no_speech_prob)

    def _tokens_of(self, hint: str) -> list[int]:
        """What stands before the prompt: nothing without a hint."""
        if hint and hint not in self._hints:
            tokens = self._tokenizer.encode(f" {hint}", add_special_tokens=False).ids
            self._hints[hint] = [self._before, *tokens[:MOST_HINT_TOKENS]]
        return self._hints.get(hint, [])

    def _generate(
        self, heard: ctranslate2.StorageView, prompt: list[int], most: int, no_repeat_ngram_size: int = 0
    ) -> Any:
        """What the decoder writes, at most ``most`` tokens."""
        try:
            return self._model.generate(
                heard,
                [prompt],
                beam_size=1,
                # CTranslate2 halves it, as OpenAI's decoder keeps half of its context for what came before, and takes
                # off the prompt.
                max_length=max(2 * most, most + len(prompt)),
                return_scores=True,
                return_no_speech_prob=True,
                no_repeat_ngram_size=no_repeat_ngram_size,
            )[0]
        except RuntimeError as error:
            raise EngineError(f"whisper failed: {error}") from error

    def digits(self, states: np.ndarray, expecting: Expecting) -> Reading | None:
        """The digits that were said; None if none are expected, or their network was never fitted here."""
        expected = {expecting.kind, *expecting.also} & set(DIGIT_KINDS)
        if self._digits is None or not expected:
            return None
        return digit_network.read(self._digits, states, expecting)

    @property
    def knows_digits(self) -> bool:
        """Their network was fitted on this machine."""
        return self._digits is not None

    def learn_digits(self, tell: Callable[[str], None]) -> None:
        """Fit it, and keep it beside the model.

        :raises OSError: the folder cannot be written to.
        :raises SetupError: espeak-ng is not on this machine.
        """
        self._digits = digit_network.prepare(self._folder, self.encode, tell)

    def _id(self, token: str) -> int:
        number = self._tokenizer.token_to_id(token)
        if number is None:
            raise EngineError(f"the tokenizer has no {token}: is this a Whisper model?")
        return int(number)


class WhisperRecognizer:
    """One utterance: its spectrum grows with the audio, decoding looks at all of it."""

    def __init__(self, engine: WhisperSpeechToText, rate_hz: int, expecting: Expecting) -> None:
        self._engine = engine
        self._rate_hz = rate_hz
        self._expecting = expecting
        self._resampler = Resampler(rate_hz, MEL_RATE_HZ)
        self._mel = LogMel()
        self._samples = 0
        self._loudest_dbfs = SILENCE_DBFS

    def feed(self, pcm: np.ndarray) -> None:
        """Append samples at the rate given to ``recognizer``. What comes after 28 s is not heard."""
        room = int(LONGEST_S * self._rate_hz) - self._samples
        pcm = pcm[: max(room, 0)]
        if not len(pcm):
            return
        self._samples += len(pcm)
        self._loudest_dbfs = max(self._loudest_dbfs, level_dbfs(pcm))
        self._mel.feed(self._resampler.feed(pcm))

    def decode(self, *, final: bool) -> Hypothesis:
        """The words so far. No state is kept between decodings, so ``final`` changes nothing."""
        began = time.perf_counter()
        audio_s = self._samples / self._rate_hz
        audio_ms = round(audio_s * 1000)
        if self._loudest_dbfs < QUIET_DBFS:
            return Hypothesis("", 0.0, audio_ms)
        padding_s = max(PADDING_S, LEAST_WINDOW_S - audio_s)
        states = self._engine.encode(self._mel.features(int(padding_s * MEL_RATE_HZ)))
        text, confidence, others = self._heard(states, audio_s)
        took_ms = (time.perf_counter() - began) * 1000
        return Hypothesis(text, confidence if text else 0.0, audio_ms, round(took_ms, 1), others)

    def _heard(self, states: np.ndarray, audio_s: float) -> tuple[str, float, tuple[str, ...]]:
        """Text, its confidence, and what else it may be. The decoder is asked only where digits do not tell all."""
        reading = self._engine.digits(states, self._expecting)
        if reading is not None and digit_words.is_clear(reading, self._expecting):
            return digit_words.written(reading.digits), reading.confidence, reading.alternatives
        digits = self._expecting.length if self._expecting.kind == "digits" else None
        decoded = self._engine.words(states, audio_s, digits)
        text = self._believed(decoded, audio_s)
        hint = self._expecting.hint or HINTS.get(self._expecting.kind, "")
        if text and hint and (decoded.confidence < UNSURE or _last_word(text) in HANGING):
            hinted = self._engine.words(states, audio_s, hint=hint)
            likelier = self._believed(hinted, audio_s)
            if hinted.confidence > decoded.confidence and is_better_hinted(likelier, text):
                text, decoded = likelier, hinted
        if reading is None and digit_words.may_be_miscounted(text):
            text = digit_words.recounted(text, self._engine.digits(states, ANY_DIGITS))
        if digits:
            text = said_once(text, digits, audio_s)
        if reading is not None and digit_words.is_better(reading, text, decoded.text, self._expecting):
            return digit_words.written(reading.digits), reading.confidence, reading.alternatives
        return text, decoded.confidence, ()

    def _believed(self, decoded: Decoded, audio_s: float) -> str:
        """The decoder's words without its own inventions."""
        text = cleaned(decoded.text) if decoded.believable else ""
        return text if is_sayable(text, audio_s) else ""


def is_better_hinted(hinted: str, plain: str) -> bool:
    """Whether words that were written with a hint may stand for those without it.

    A hint makes the decoder write short words twice, digits over and over, and "thank you" for what it does not know.
    """
    said_twice = _in_halves(hinted) and not _in_halves(plain)
    invented = hinted.lower().strip(" .!") in INVENTED
    return bool(hinted) and not said_twice and not invented and _digits(hinted) == _digits(plain)


def _last_word(text: str) -> str:
    return text.split()[-1].strip(".,?!").lower()


def _in_halves(text: str) -> bool:
    words = ["".join(filter(str.isalnum, word.lower())) for word in text.split()]
    half = len(words) // 2
    return half > 0 and words == words[:half] * 2


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def loops(tokens: Sequence[int]) -> bool:
    """Whether the end is the same one to four tokens over and over ("a re-f-f-f-f-f"): the decoder is lost."""
    for period in range(1, LONGEST_PERIOD + 1):
        looped = 0
        while looped < len(tokens) - period and tokens[-1 - looped] == tokens[-1 - looped - period]:
            looped += 1
        if looped >= LOOPED * period:
            return True
    return False


def is_sayable(text: str, audio_s: float) -> bool:
    """Whether there was time for so many words; a "mhm" may become a sentence of fourteen. Figures do not count: the
    decoder writes those over and over (``whisper_digits``)."""
    words = [word for word in text.split() if not any(character.isdigit() for character in word)]
    return len(words) <= LEAST_WORDS + WORDS_PER_S * audio_s


def cleaned(text: str) -> str:
    """``text`` without sound descriptions ("[music]"), and without an end that only repeats itself."""
    words = _NOT_SPEECH.sub(" ", text).split()
    plain = ["".join(character for character in word.lower() if character.isalnum()) for word in words]
    if not any(plain):
        return ""
    return " ".join(words[: _before_the_loop(plain)])


def _before_the_loop(words: list[str]) -> int:
    """How many words it takes until all that follows is the same: three times where it is the whole text, four at the
    end of another ("No thanks bye bye bye bye").

    People do say things twice ("no, no"), and digits any number of times.
    """
    for period in range(1, len(words) // 3 + 1):
        looped = 0
        while looped < len(words) - period and words[-1 - looped] == words[-1 - looped - period]:
            looped += 1
        begins = len(words) - looped - period
        enough = looped >= (2 if begins == 0 else 3) * period
        if enough and not all(word.isdigit() for word in words[begins : begins + period]):
            return begins + period
    return len(words)
