"""Where there is sound in a recording, to the sample.

Levels are taken every 5 ms over a noise floor that follows the recording. A span begins where the level has
risen well over the floor, and reaches outwards to where it sinks into it (hysteresis), so that soft beginnings
and endings of words belong to it. Inside the first and the last 5 ms the first and last sample that stands out
is the edge.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voicegw.audio.levels import FULL_SCALE, frame_levels_dbfs

RATE_HZ = 8000
HOP = RATE_HZ // 200
"""5 ms."""
ENTER_OVER_FLOOR_DB, ENTER_DBFS = 10.0, -44.0
"""A span has at least 20 ms this loud. Speech on a telephone line is at -15 to -30 dBFS (ITU-T P.56 levels)."""
LEAVE_OVER_FLOOR_DB, LEAVE_DBFS = 6.0, -52.0
"""A span ends where it is softer than this: the end of "yes" is some 25 dB below its vowel."""
FLOOR_REACH_MS = 2500
FLOOR_PERCENTILE = 10
HIGHEST_FLOOR_DBFS = -30.0
"""A floor louder than this is no floor: somebody talks without a pause."""
CREST = 4.0
"""Peak over RMS of noise: the edge of a span is the first sample that noise would not have made."""
DIP_MS = 30
"""A soft end of a word belongs to it across a dip of this length."""
CLOSURE_MS = 80
"""Silence up to this is inside a word: the closure of a plosive, the dip between two pitch pulses."""
SHORTEST_MS = 30
"""Shorter is a click."""


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of a recording, in samples at 8 kHz."""

    begin: int
    """First sample."""
    end: int
    """One past the last sample."""

    @property
    def length_ms(self) -> float:
        """How long it is."""
        return (self.end - self.begin) * 1000 / RATE_HZ

    def overlap_ms(self, other: "Span") -> float:
        """How long both last at once."""
        return max(min(self.end, other.end) - max(self.begin, other.begin), 0) * 1000 / RATE_HZ


def samples(ms: float) -> int:
    """Milliseconds as samples."""
    return round(ms * RATE_HZ / 1000)


def milliseconds(count: float) -> float:
    """Samples as milliseconds."""
    return count * 1000 / RATE_HZ


def voiced_spans(pcm: np.ndarray) -> tuple[Span, ...]:
    """Spans of int16 mono samples at 8 kHz in which there is sound over the floor, in order."""
    levels = frame_levels_dbfs(pcm, HOP)
    if not len(levels):
        return ()
    floor = noise_floor_dbfs(levels)
    enter = np.maximum(floor + ENTER_OVER_FLOOR_DB, ENTER_DBFS)
    leave = np.maximum(floor + LEAVE_OVER_FLOOR_DB, LEAVE_DBFS)
    loud = _smoothed_dbfs(levels) >= enter
    above = join([Span(run.begin * HOP, run.end * HOP) for run in runs(levels >= leave)], DIP_MS)
    joined = join([run for run in above if loud[run.begin // HOP : run.end // HOP].any()], CLOSURE_MS)
    spans = [_to_the_sample(pcm, span, floor, leave) for span in joined]
    return tuple(span for span in spans if span.length_ms >= SHORTEST_MS)


def join(spans: Sequence[Span], gap_ms: float) -> tuple[Span, ...]:
    """Spans with gaps shorter than ``gap_ms`` made one: words to utterances."""
    joined: list[Span] = []
    for span in spans:
        if joined and milliseconds(span.begin - joined[-1].end) < gap_ms:
            joined[-1] = Span(joined[-1].begin, max(span.end, joined[-1].end))
        else:
            joined.append(span)
    return tuple(joined)


def runs(flags: np.ndarray, shortest: int = 1) -> list[Span]:
    """Each run of True that is at least ``shortest`` long."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    pairs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [Span(begin, end) for begin, end in pairs if end - begin >= shortest]


def noise_floor_dbfs(levels: np.ndarray) -> np.ndarray:
    """The floor under each 5 ms level: a low percentile of the seconds around it."""
    block = 20
    reach = FLOOR_REACH_MS // 5
    floors = []
    for start in range(0, len(levels), block):
        middle = start + block // 2
        around = levels[max(middle - reach, 0) : middle + reach]
        floors.append(float(np.percentile(around, FLOOR_PERCENTILE)))
    return np.minimum(np.repeat(floors, block)[: len(levels)], HIGHEST_FLOOR_DBFS)


def _smoothed_dbfs(levels: np.ndarray) -> np.ndarray:
    """Levels over 20 ms around each 5 ms: a click of one hop is not loud."""
    power = np.convolve(10 ** (levels / 10), np.ones(4) / 4, mode="same")
    return 10 * np.log10(np.maximum(power[: len(levels)], 1e-12))


def _to_the_sample(pcm: np.ndarray, span: Span, floor: np.ndarray, leave: np.ndarray) -> Span:
    """Edges moved to the outermost samples that stand out, looking one hop beyond."""
    first, last = span.begin // HOP, (span.end - 1) // HOP
    begin = _first_outstanding(pcm, max(span.begin - HOP, 0), span.begin + HOP, floor[first], leave[first])
    tail = pcm[span.end - HOP : span.end + HOP][::-1]
    back = _first_outstanding(tail, 0, len(tail), floor[last], leave[last])
    end = span.end - HOP + len(tail) - back if back is not None else span.end
    return Span(begin if begin is not None else span.begin, end)


def _first_outstanding(pcm: np.ndarray, begin: int, end: int, floor_dbfs: float, leave_dbfs: float) -> int | None:
    amplitude = FULL_SCALE * max(10 ** (leave_dbfs / 20), CREST * 10 ** (floor_dbfs / 20))
    found = np.flatnonzero(np.abs(pcm[begin:end].astype(np.int32)) >= amplitude)
    return begin + int(found[0]) if len(found) else None
