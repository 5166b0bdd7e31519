"""What is wrong with the sound of a recording: holes in the speech, clipping, levels.

A hole is what an empty playout queue leaves: the wave stops in full swing, the codec's idle value follows, and
the wave goes on in full swing. Speech does not do that: before a natural pause it fades, in a plosive's closure
some sound is left. So a hole is a run of idle samples of 40 to 1,000 ms with a loud edge on both sides. A queue
that runs dry exactly in a natural pause only lengthens it: that is not heard as a hole, and only the cell's own
count of gaps tells of it. The rule is for recorded and neural voices; a formant synthesiser (espeak-ng) really
does close its mouth within a sample.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voicegw.audio.levels import active_speech_level, level_dbfs
from voicegw.qa.spans import RATE_HZ, Span, runs, samples

IDLE_AMPLITUDE = 8
"""Digital silence after a codec: mu-law and G.722 give 0 (G.722 with a bit or two of ringing), A-law ±8."""
SHORTEST_HOLE_MS, LONGEST_HOLE_MS = 40, 1000
EDGE_MS = 5
EDGE_UNDER_SPEECH_DB = 20
"""An edge is loud when its 5 ms are at most this far below the recording's speech level."""
RINGING_MS = 3
"""A resampler or G.722 rings for this long after a sudden stop."""
BARGE_IN_MS = 150
"""Silence in which the caller speaks, or spoke so shortly before, is the agent's listening."""
CLIPPED_AMPLITUDE = 32_100
"""G.711 reaches 32,124 (mu-law) and 32,256 (A-law)."""
CLIPPED_RUN = 3


@dataclass(frozen=True)
class Soundness:
    """The sound of one direction of a call."""

    speech_dbfs: float
    """Active speech level (ITU-T P.56)."""
    clipped_runs: int
    """Places where at least three samples in a row stand at the codec's end."""
    holes: tuple[Span, ...]
    """Silence inside words, where the playout had nothing to play."""


def soundness(pcm: np.ndarray, other_voice: Sequence[Span] = ()) -> Soundness:
    """Of int16 mono samples at 8 kHz.

    :param other_voice: where the other side spoke: a speaker who then stops is polite, not broken.
    """
    speech = active_speech_level(pcm, RATE_HZ).level_dbfs
    polite = [Span(span.begin, span.end + samples(BARGE_IN_MS)) for span in other_voice]
    found = tuple(hole for hole in holes(pcm, speech) if not any(hole.overlap_ms(span) for span in polite))
    return Soundness(round(speech, 1), _clipped_runs(pcm), found)


def holes(pcm: np.ndarray, speech_dbfs: float) -> list[Span]:
    """All holes in ``pcm``, whose speech has this level."""
    loud = speech_dbfs - EDGE_UNDER_SPEECH_DB
    idle = runs(np.abs(pcm.astype(np.int32)) <= IDLE_AMPLITUDE, samples(SHORTEST_HOLE_MS - RINGING_MS))
    return [run for run in idle if run.length_ms <= LONGEST_HOLE_MS and _edges_are_loud(pcm, run, loud)]


def _edges_are_loud(pcm: np.ndarray, run: Span, loud_dbfs: float) -> bool:
    edge, ringing = samples(EDGE_MS), samples(RINGING_MS)
    before = pcm[max(run.begin - edge - ringing, 0) : run.begin]
    after = pcm[run.end : run.end + edge]
    return level_dbfs(before) >= loud_dbfs and level_dbfs(after) >= loud_dbfs


def _clipped_runs(pcm: np.ndarray) -> int:
    return len(runs(np.abs(pcm.astype(np.int32)) >= CLIPPED_AMPLITUDE, CLIPPED_RUN))
