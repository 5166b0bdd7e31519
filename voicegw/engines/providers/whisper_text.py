"""What of Whisper's text is the caller's: without sound descriptions, repetition and its own inventions."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from voicegw.nlu.words import bare

INVENTED = frozenset({"you", "thank you", "thanks for watching", "thank you for watching"})
"""All that it ever wrote on 900 noises (below 0.8 only "you"), learnt from the ends of videos."""
LEAST_WORDS, WORDS_PER_S = 4, 5.0
"""The fastest speakers come to four words in half a second, and to five a second for long."""
LEAST_UNHURRIED, UNHURRIED_PER_S = 1.5, 3.5
"""Words and digits that people say in so much time when they are in no hurry."""
LONGEST_PERIOD, LOOPED = 4, 3
HANGING = frozenset({"a", "an", "the", "my", "your", "to", "of", "for", "and"})
"""A sentence that ends in one of these may have lost a word that the decoder does not know."""
NO_SPEECH = 0.8
NO_SPEECH_FOR_INVENTED = 0.6
SURE = 0.6
"""Noise of any kind gives 0.63 to 0.96 as probability of no speech, and words of which the decoder is not sure
(0.45 at most); speech gives at most 0.73, and 0.79 at 5 dB over noise."""
LEAST_CONFIDENCE = 0.03
"""Right words go down to 0.06 ("Goodbye" in noise): a word has several spellings. The dialog asks back on low ones."""
_NOT_SPEECH = re.compile(r"\[.*?\]|\(.*?\)|\*.*?\*|♪")


@dataclass(frozen=True)
class Decoded:
    """What the decoder wrote."""

    text: str
    confidence: float
    """Geometric mean of the tokens' probabilities."""
    no_speech: float
    """Probability that there was no speech at all."""
    tokens: int
    """With the one that ends the text."""

    @property
    def chance(self) -> float:
        """Log probability of the whole."""
        return self.tokens * math.log(self.confidence)

    def spread(self, chance: float) -> float:
        """The confidence that goes with another log probability of the whole."""
        return math.exp(min(chance / self.tokens, 0.0))

    @property
    def believable(self) -> bool:
        """Words of the caller rather than Whisper's own."""
        most = NO_SPEECH_FOR_INVENTED if is_invented(self.text) else NO_SPEECH
        return self.confidence > (LEAST_CONFIDENCE if self.no_speech < most else SURE)


def is_invented(text: str) -> bool:
    """Whether it is what Whisper makes of noise."""
    return text.lower().strip(" .!") in INVENTED


def hangs(text: str) -> bool:
    """Whether the last word cannot be the last."""
    return text.split()[-1].strip(".,?!").lower() in HANGING


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


def begun_once(text: str, audio_s: float) -> str:
    """``text`` without an end that begins it anew ("where is my order where is", "it's 1 2 3 4, sorry, 1 2 4 3, it's
    1 2 3 4"), if there was no time for it: people do begin again."""
    words = text.split()
    plain = [bare(word) for word in words]
    said = sum(len(word) if word.isdigit() else 1 for word in plain)
    if said <= LEAST_UNHURRIED + UNHURRIED_PER_S * audio_s:
        return text
    begins = next((k for k in range(1, len(words) - 1) if plain[k:] == plain[: len(words) - k]), len(words))
    return text if all(word.isdigit() for word in plain[begins:]) else " ".join(words[:begins]).rstrip(",")


def cleaned(text: str) -> str:
    """``text`` without sound descriptions ("[music]"), and without an end that only repeats itself."""
    words = _NOT_SPEECH.sub(" ", text).split()
    plain = [bare(word) for word in words]
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
