"""Whisper by CTranslate2, made for turns: what was said is encoded, not thirty seconds of padding.

Radford et al., *Robust Speech Recognition via Large-Scale Weak Supervision*. What a short window does to Whisper
is mended in ``whisper_silence``; words it invents on noise are told by its own probabilities.
"""

import math
import time
from collections.abc import Callable
from dataclasses import replace
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
from voicegw.engines.providers.whisper_rivals import likeliest, says_twice
from voicegw.engines.providers.whisper_silence import silent_states, with_silence
from voicegw.engines.providers.whisper_text import Decoded, begun_once, cleaned, hangs, is_sayable, loops
from voicegw.engines.stt import Hypothesis, SttCapabilities
from voicegw.errors import EngineError
from voicegw.nlu.en.answers import ANSWERS
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.likely import likely_words

DIGIT_KINDS = ("digits", "phone")
"""Slot types that are asked for in digits alone."""
ANY_DIGITS = Expecting("digits")
PADDING_S = 0.1
LEAST_WINDOW_S = 0.5
"""Behind the longer of the speech and this the states of silence begin: before it they are not yet silent."""
TOKENS_PER_S = 8.0
LEAST_TOKENS = 10
"""Nobody speaks faster for long: some 5 words a second. What is written beyond that is repetition."""
NO_REPEAT = 3
"""Tokens in a row that may not come twice, where the decoder was lost in a loop; people do say "no, no"."""
LONGEST_S = 28.0
"""The encoder's window is 30 s."""
QUIET_DBFS = -60.0
"""No frame of speech on a phone is softer."""
UNSURE = 0.9
"""Confidence below which it is asked what else may have been said."""
RIVALS = 5
"""Ways in which it is written, with a hint and without. Five take a tenth longer than one."""
CUT_SHORT = 0.6
"""Confidence below which the rivals may all be cut short: those that leave out words come to their end first, and leave
no room for the whole. What is written word for word goes on to the end.
"""
LEAST_SENTENCE_S = 1.5
"""What is shorter has nothing to leave out; a voice over the agent must be judged by then."""
MOST_HINT_TOKENS = 80
LONGEST_HINTED_S = 3.0
"""What is longer says enough by itself, and would be waited for too long."""
HINTS = {kind: ". ".join(ANSWERS[kind][:4]) for kind in ("time", "date")}
"""By what was asked for, where nothing better is known."""


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
        """The first encoding and decoding allocate their buffers; rivals and a hint need more of them."""
        mel = LogMel()
        mel.feed(np.random.default_rng(1).normal(0, 2000, MEL_RATE_HZ * 2).astype(np.int16))
        states = self.encode(mel.features(0))
        self.digits(states, Expecting(DIGIT_KINDS[0]))
        self.written(states, 2.0, hint="Hello.", beams=RIVALS)

    def encode(self, features: np.ndarray) -> np.ndarray:
        """States of ``features`` (float32 ``[80, frames]``), float32 ``[positions, width]``.

        :raises EngineError: the model failed.
        """
        try:
            encoded = self._model.encode(ctranslate2.StorageView.from_array(features[np.newaxis]))
        except RuntimeError as error:
            raise EngineError(f"whisper failed: {error}") from error
        return np.array(encoded)[0]

    def written(
        self, states: np.ndarray, speech_s: float, digits: int | None = None, hint: str = "", beams: int = 1
    ) -> list[Decoded]:
        """What the decoder writes, its first choice first.

        :param digits: how many digits were asked for: more need not be written.
        :param hint: what is likely to be said; taken for what was said before. It brings out rare words ("gas"), and
            loops where little was said.
        :param beams: how many are wanted. They look alike, apart from spelling and a word or two.
        :raises EngineError: the model failed.
        """
        most = LEAST_TOKENS + int(TOKENS_PER_S * speech_s)
        if digits:
            most = min(most, most_tokens(digits))
        heard = ctranslate2.StorageView.from_array(with_silence(states[np.newaxis], self._silence))
        prompt = [*self._tokens_of(hint), *self._prompt]
        found = self._generate(heard, prompt, most, beam_size=beams, num_hypotheses=beams)
        if not digits and loops(found.sequences_ids[0]):
            found = self._generate(heard, prompt, most, no_repeat_ngram_size=NO_REPEAT)
        return [
            Decoded(self._tokenizer.decode(ids).strip(), math.exp(min(score, 0.0)), found.no_speech_prob, len(ids) + 1)
            for ids, score in zip(found.sequences_ids, found.scores, strict=True)
        ]

    def _tokens_of(self, hint: str) -> list[int]:
        """What stands before the prompt: nothing without a hint."""
        if hint and hint not in self._hints:
            tokens = self._tokenizer.encode(f" {hint}", add_special_tokens=False).ids
            self._hints[hint] = [self._before, *tokens[:MOST_HINT_TOKENS]]
        return self._hints.get(hint, [])

    def _generate(self, heard: ctranslate2.StorageView, prompt: list[int], most: int, **options: Any) -> Any:
        """What the decoder writes, at most ``most`` tokens."""
        try:
            return self._model.generate(
                heard,
                [prompt],
                # CTranslate2 halves it, as OpenAI's decoder keeps half of its context for what came before, and takes
                # off the prompt.
                max_length=max(2 * most, most + len(prompt)),
                return_scores=True,
                return_no_speech_prob=True,
                **{"beam_size": 1, **options},
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

    def decode(self, *, final: bool, ahead: bool = False) -> Hypothesis:
        """The words so far. No state is kept between decodings, so ``final`` changes nothing.

        :param ahead: it is not asked what else may have been said, which takes as long again.
        """
        began = time.perf_counter()
        audio_s = self._samples / self._rate_hz
        audio_ms = round(audio_s * 1000)
        if self._loudest_dbfs < QUIET_DBFS:
            return Hypothesis("", 0.0, audio_ms)
        padding_s = max(PADDING_S, LEAST_WINDOW_S - audio_s)
        states = self._engine.encode(self._mel.features(int(padding_s * MEL_RATE_HZ)))
        text, confidence, others = self._heard(states, audio_s, ahead=ahead)
        took_ms = (time.perf_counter() - began) * 1000
        return Hypothesis(text, confidence if text else 0.0, audio_ms, round(took_ms, 1), others)

    def _heard(self, states: np.ndarray, audio_s: float, *, ahead: bool) -> tuple[str, float, tuple[str, ...]]:
        """Text, its confidence, and what else it may be. The decoder is asked only where digits do not tell all."""
        reading = self._engine.digits(states, self._expecting)
        if reading is not None and digit_words.is_clear(reading, self._expecting):
            return digit_words.written(reading.digits), reading.confidence, reading.alternatives
        digits = self._expecting.length if self._expecting.kind == "digits" else None
        compared = self._words_tell and not ahead
        raw = self._written(states, audio_s, digits, compared=compared)
        heard = self._chosen(raw, states, audio_s, compared=compared)
        text = heard.text
        if reading is None and (digit_words.may_be_miscounted(text) or digit_words.may_be_digits(text)):
            sound = self._engine.digits(states, ANY_DIGITS)
            text = digit_words.spelled(digit_words.recounted(text, sound), sound)
        if digits:
            text = said_once(text, digits, audio_s)
        if reading is not None and digit_words.is_better(reading, text, raw[0].text, self._expecting):
            return digit_words.written(reading.digits), reading.confidence, reading.alternatives
        return text, heard.confidence, ()

    def _written(self, states: np.ndarray, audio_s: float, digits: int | None, *, compared: bool) -> list[Decoded]:
        """What the decoder writes, and where it is to be compared, other ways to write it."""
        written = self._engine.written(states, audio_s, digits, beams=RIVALS if compared else 1)
        if not compared or written[0].confidence >= CUT_SHORT or audio_s < LEAST_SENTENCE_S:
            return written
        (whole,) = self._engine.written(states, audio_s)
        others = (each for each in written if each.text != whole.text)
        return sorted((whole, *others), key=lambda each: -each.confidence)

    @property
    def _words_tell(self) -> bool:
        """Whether other words may tell which of them was said: not of what is nothing but a number or a name."""
        return not {self._expecting.kind, *self._expecting.also} & {*DIGIT_KINDS, "name"}

    def _chosen(self, raw: list[Decoded], states: np.ndarray, audio_s: float, *, compared: bool) -> Decoded:
        """What was said, of what the decoder wrote: nothing, where its own choice is none of the caller's words."""
        written = [self._believed(each, audio_s) for each in raw]
        if not written[0].text:
            return written[0]
        rivals = sorted((each for each in written if each.text), key=lambda each: says_twice(each.text))
        if not compared or (rivals[0].confidence >= UNSURE and not hangs(rivals[0].text)):
            return rivals[0]
        return self._likeliest(rivals, states, audio_s)

    def _likeliest(self, rivals: list[Decoded], states: np.ndarray, audio_s: float) -> Decoded:
        """The decoder is asked for more, with a hint, unless what is likeliest of these is said here, or is long."""
        likely = likely_words(self._expecting)
        heard = likeliest(rivals, likely)
        hint = self._expecting.hint or HINTS.get(self._expecting.kind, "")
        known = likely.knows(likely.words(heard.text)) and not hangs(heard.text)
        if known or not hint or audio_s > LONGEST_HINTED_S:
            return heard
        hinted = [
            self._believed(each, audio_s) for each in self._engine.written(states, audio_s, hint=hint, beams=RIVALS)
        ]
        return likeliest([*rivals, *(each for each in hinted if each.text)], likely)

    def _believed(self, decoded: Decoded, audio_s: float) -> Decoded:
        """Without the decoder's own inventions."""
        text = begun_once(cleaned(decoded.text), audio_s) if decoded.believable else ""
        return replace(decoded, text=text if is_sayable(text, audio_s) else "")
