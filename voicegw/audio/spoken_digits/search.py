"""The likeliest string of digits under frame scores: a Viterbi search over how many digits have been said.

A path is in the gap after so many digits (silence, or other words), or inside one of them. Nobody says "zero" and
"oh" in one number, so two searches run side by side, one for each.
"""

from dataclasses import dataclass

import numpy as np

from voicegw.audio.spoken_digits.words import DIGITS, OH, OTHER, PARTS, SILENCE, Array

STEPS_PER_PART = 2
"""A digit lasts at least three times this many frames (120 ms)."""
OTHER_COST = 2.0
"""Per frame: what may be a digit is one."""
OH_COST = 20.0
"""Foreign and clipped fours sound like "oh"; where "oh" is said, it wins by far more."""
NEVER = -1e9
_VOCABULARIES = ((0, *range(1, DIGITS)), (OH, *range(1, DIGITS)))


@dataclass(frozen=True)
class Path:
    """One way to hear a stretch of sound."""

    digits: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    """Of each digit: first frame, and one past the last."""
    score: float
    says_oh: bool


def paths(scores: Array, most: int) -> list[Path]:
    """The best path for every number of digits from 0 to ``most``; without those for which there is no room."""
    searches = [_Search(scores, most, vocabulary) for vocabulary in _VOCABULARIES]
    found = []
    for count in range(most + 1):
        costs = [search.best(count) - OH_COST * kind for kind, search in enumerate(searches)]
        kind = int(np.argmax(costs))
        if costs[kind] > NEVER / 2:
            found.append(searches[kind].trace(count, float(costs[kind]), says_oh=bool(kind)))
    return found


class _Search:
    """Forward once, then traced back for any number of digits."""

    def __init__(self, scores: Array, most: int, vocabulary: tuple[int, ...]) -> None:
        gap = np.maximum(scores[:, SILENCE], scores[:, OTHER] - OTHER_COST)
        words = scores[:, :SILENCE].reshape(len(scores), -1, PARTS)[:, list(vocabulary)]
        words = np.repeat(words, STEPS_PER_PART, axis=2)
        self._gaps = np.full(most + 1, NEVER)
        """Score of being in the gap after so many digits."""
        self._gaps[0] = 0
        self._words = np.full((most, *words.shape[1:]), NEVER)
        """Score of being in each step of each digit, after so many before it."""
        self._history: list[tuple[Array, Array, Array]] = []
        for at in range(len(scores)):
            self._advance(gap[at], words[at])

    def _advance(self, gap: float, words: Array) -> None:
        ends = self._words[:, :, -1]
        last = ends.argmax(axis=1)
        ended = np.concatenate([[NEVER], ends[np.arange(len(ends)), last]])
        leaves = ended > self._gaps
        gaps = np.where(leaves, ended, self._gaps)
        entry = np.broadcast_to(gaps[:-1, np.newaxis, np.newaxis], (*ends.shape, 1))
        before = np.concatenate([entry, self._words[:, :, :-1]], axis=2)
        moves = before > self._words
        self._words = np.where(moves, before, self._words) + words
        self._gaps = gaps + gap
        self._history.append((leaves, last, moves))

    def best(self, count: int) -> float:
        """Score of the best path with so many digits."""
        inside = self._words[count - 1, :, -1].max() if count else NEVER
        return float(max(self._gaps[count], inside))

    def trace(self, count: int, score: float, *, says_oh: bool) -> Path:
        """That path."""
        digits: list[int] = []
        spans: list[tuple[int, int]] = []
        inside = count > 0 and self._words[count - 1, :, -1].max() > self._gaps[count]
        end = len(self._history)
        if inside:
            count -= 1
            digits.append(int(self._words[count, :, -1].argmax()))
        step = self._words.shape[2] - 1
        for at in range(len(self._history) - 1, -1, -1):
            leaves, last, moves = self._history[at]
            if inside and moves[count, digits[-1], step]:
                if step:
                    step -= 1
                    continue
                spans.append((at, end))
                inside = False
            elif inside:
                continue
            if leaves[count]:
                count -= 1
                inside, end, step = True, at, self._words.shape[2] - 1
                digits.append(int(last[count]))
        return Path(tuple(digits[::-1]), tuple(spans[::-1]), score, says_oh)
