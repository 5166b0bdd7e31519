"""What else Whisper may have heard, and what of it was said: what sounds right, and is likely here.

The decoder knows all the world's sentences and none of the company's: "I need a feeling tomorrow at 11". Among the
rivals that it writes when asked for more than one is nearly always what was said.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from voicegw.engines.providers.whisper_text import Decoded, is_invented
from voicegw.nlu.en.numbers import UNITS
from voicegw.nlu.likely import NUMBER, LikelyWords
from voicegw.nlu.words import split

RANGE = 6.0
"""Nats behind the best within which words may have been said."""
HARDLY = 1 / 3
"""Share of the best confidence under which words are only fewer: fewer tokens have less to lose, and "I am" is likelier
than the seven words that were said."""
WEIGHT = 0.6
"""Of a nat by which words are likelier here, against one by which they sound likelier."""
LONG_NUMBER = 3
"""Figures in a row from which on they are a number of something, which the words around it do not tell."""

Words = tuple[str, ...]


@dataclass(frozen=True)
class _Rival:
    decoded: Decoded
    """As it was written best."""
    chance: float
    """Log probability of all ways in which it was written."""

    @property
    def confidence(self) -> float:
        return max(self.decoded.confidence, self.decoded.spread(self.chance))


def likeliest(written: Sequence[Decoded], likely: LikelyWords) -> Decoded:
    """What was said.

    :param written: what the decoder wrote, its own choice first. The same words in another spelling count together.
    """
    rivals = _together(written, likely)
    own = likely.words(written[0].text)
    least = max(rival.chance for rival in rivals.values()) - RANGE
    clear = HARDLY * max(rival.confidence for rival in rivals.values())
    heard = {words: rival for words, rival in rivals.items() if rival.chance > least and rival.confidence >= clear}
    near = [words for words in heard if _may_stand_for(own, words, rivals)]
    whole = [words for words in near if not any(_is_part(words, other) for other in near)]
    said = max((own, *whole), key=lambda words: rivals[words].chance + WEIGHT * likely.fit(words))
    return replace(rivals[said].decoded, confidence=rivals[said].confidence)


def _together(written: Iterable[Decoded], likely: LikelyWords) -> dict[Words, _Rival]:
    """Rivals by their words."""
    found: dict[Words, _Rival] = {}
    for decoded in written:
        words = likely.words(decoded.text)
        known = found.setdefault(words, _Rival(decoded, -np.inf))
        better = max(known.decoded, decoded, key=lambda each: each.chance)
        found[words] = _Rival(better, float(np.logaddexp(known.chance, decoded.chance)))
    return found


def _may_stand_for(own: Words, other: Words, rivals: Mapping[Words, _Rival]) -> bool:
    """A decoder that is given a hint writes short words twice, figures over and over, and "thank you" for what it does
    not know."""
    text, own_text = rivals[other].decoded.text, rivals[own].decoded.text
    twice = says_twice(text) and not says_twice(own_text)
    fewer = other.count(NUMBER) < own.count(NUMBER)
    return not (twice or is_invented(text) or fewer or _long_numbers(text) != _long_numbers(own_text))


def _is_part(words: Words, whole: Words) -> bool:
    """Whether ``words`` only leave out the beginning or the end of ``whole``: a part of the sound unsaid."""
    return len(words) < len(whole) and words in (whole[: len(words)], whole[-len(words) :])


def says_twice(text: str) -> bool:
    """Whether the same is written twice in a row: all of it, or two words and more of it."""
    words = [word.text for word in split(text) if word.is_letters]
    if len(words) == 2 and words[0] == words[1]:
        return True
    return any(
        words[start : start + size] == words[start + size : start + 2 * size]
        for size in range(2, len(words) // 2 + 1)
        for start in range(len(words) - 2 * size + 1)
    )


def _long_numbers(text: str) -> list[str]:
    """The same for "7 7 8 8", "77-88" and "seven seven eight eight"."""
    said = [word for word in split(text) if word.is_digits or word.is_letters]
    figures = [word.text if word.is_digits else str(UNITS.get(word.text, " ")) for word in said]
    return [number for number in "".join(figures).split() if len(number) >= LONG_NUMBER]
