"""From frame scores to digits: how many were said, which, what else they may be, how much of it was other words."""

import heapq
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from voicegw.audio.spoken_digits.network import log_softmax
from voicegw.audio.spoken_digits.search import Path, paths
from voicegw.audio.spoken_digits.words import DIGITS, OH, OTHER, PARTS, SILENCE, WORDS, Array

MOST = 24
"""Digits that are looked for where no length is known."""
EXACT = 16.0
"""By how much the right number of digits may score worse than another one: 95 of 100 whole numbers go to 16, and 95 of
100 of which a digit is still to come begin there."""
BEYOND = 2
"""Digits that are looked for beyond their known number: two numbers, or words, are more than one."""
EVIDENCE = 0.12
"""Neighbouring frames say the same thing: their scores count only in part."""
TRIED = 400
"""Strings tried against a check digit: one in ten passes by chance, so the right one is among the first."""
KEPT = 6
AGAIN = 3.0
"""Nats by which a string is likelier that was a rival of one that was wrong."""


@dataclass(frozen=True)
class Reading:
    """What was heard, if it was digits."""

    digits: str
    confidence: float
    """Probability that all of them are right, as far as the sound tells."""
    others: float
    """Share of the sound, silence aside, that is likelier other words than digits."""
    strain: float
    """How much the sound had to be bent to be these digits, per digit: under 3 for clear ones, over 7 for noise."""
    alternatives: tuple[str, ...] = ()
    """What else it may have been, likeliest first."""


def read(
    scores: Array,
    length: int | None = None,
    passes: Callable[[str], bool] = lambda digits: True,
    again: Container[str] = (),
) -> Reading:
    """The digits under frame scores.

    :param scores: from ``DigitNetwork.scores``.
    :param length: how many there should be; taken for granted unless the sound is clearly against it.
    :param passes: whether a string can be right (check digit); not asked about strings of another
        length.
    :param again: strings that were rivals of one that turned out to be wrong: the same caller says the same again.
    """
    path = _counted(paths(scores, length + BEYOND if length else MOST), length)
    if not path.digits:
        return Reading("", 0.0, _others(scores), 0.0)
    strings = ranked(log_softmax(EVIDENCE * _at_places(scores, path)))
    if length is None or len(path.digits) == length:
        strings = _passing(strings, passes)
    if again:
        strings = _reminded(strings, again)
    (digits, chance), *rest = islice(strings, KEPT)
    alternatives = tuple(other for other, _ in rest)
    return Reading(digits, float(np.exp(chance)), _others(scores), _strain(scores, path), alternatives)


def ranked(chances: Array) -> Iterator[tuple[str, float]]:
    """Every string with its log probability, likeliest first.

    :param chances: log probability of each digit at each place, ``[places, 10]``.
    """
    order = np.argsort(-chances, axis=1, kind="stable")
    costs = (chances.max(axis=1, keepdims=True) - np.take_along_axis(chances, order, axis=1)).tolist()
    best = float(chances.max(axis=1).sum())
    waiting = [(0.0, (0,) * len(chances), 0)]
    while waiting:
        cost, ranks, moved = heapq.heappop(waiting)
        yield "".join(str(order[place, rank]) for place, rank in enumerate(ranks)), best - cost
        # Each string is reached once: places are moved from left to right only.
        for place in range(moved, len(ranks)):
            rank = ranks[place] + 1
            if rank < chances.shape[1]:
                more = cost - costs[place][rank - 1] + costs[place][rank]
                heapq.heappush(waiting, (more, (*ranks[:place], rank, *ranks[place + 1 :]), place))


def _counted(found: list[Path], length: int | None) -> Path:
    best = max(found, key=lambda path: path.score)
    exact = next((path for path in found if len(path.digits) == length), best)
    return exact if exact.score >= best.score - EXACT else best


def _passing(strings: Iterator[tuple[str, float]], passes: Callable[[str], bool]) -> Iterator[tuple[str, float]]:
    """Those that pass; if none soon does, all as they are."""
    tried = list(islice(strings, KEPT))
    while len(tried) < TRIED and sum(passes(digits) for digits, _ in tried) < KEPT:
        tried += islice(strings, TRIED // 8)
    return iter([one for one in tried if passes(one[0])] or tried)


def _reminded(strings: Iterator[tuple[str, float]], again: Container[str]) -> Iterator[tuple[str, float]]:
    """Those that were heard before come first, unless others are clearly likelier."""
    return iter(sorted(islice(strings, TRIED), key=lambda one: one[1] + AGAIN * (one[0] in again), reverse=True))


def _at_places(scores: Array, path: Path) -> Array:
    """Score of each digit within the bounds of each digit of the path, ``[places, 10]``."""
    words = scores[:, :SILENCE].reshape(len(scores), len(WORDS), PARTS)
    vocabulary = [OH if path.says_oh else 0, *range(1, DIGITS)]
    return np.stack([_best_parts(words[begin:end, vocabulary]) for begin, end in path.spans])


def _best_parts(words: Array) -> Array:
    """Score of each digit from its beginning to its end over all these frames."""
    parts = np.full(words.shape[1:], -np.inf)
    parts[:, 0] = words[0, :, 0]
    for frame in words[1:]:
        parts[:, 1:] = np.maximum(parts[:, 1:], parts[:, :-1])
        parts = parts + frame
    return parts[:, -1]


def _others(scores: Array) -> float:
    likeliest = scores.argmax(axis=1)
    sound = int((likeliest != SILENCE).sum())
    return float((likeliest == OTHER).sum() / sound) if sound else 0.0


def _strain(scores: Array, path: Path) -> float:
    """What the path costs over taking each frame for what it is likeliest."""
    return float(scores.max(axis=1).sum() - path.score) / len(path.digits)
