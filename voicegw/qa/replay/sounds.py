"""The caller's words in a recording, cut out one by one, so that they can be said again. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voicegw.qa.replay.steps import Step
from voicegw.qa.spans import Span, milliseconds, samples, voiced_spans
from voicegw.recording.files import Recording

LEAD_MS, TAIL_MS = 200, 250
"""Kept around the words: a voice is soft where it begins and ends."""
REACH_MS = 120
"""Clocks of the recording and of the turn may differ by so much."""
BREATH_MS = 700
"""An agent silent for less than this is in the middle of what it says."""


@dataclass(frozen=True)
class Utterance:
    """The caller's words of one step."""

    pcm: np.ndarray
    """int16 at 8 kHz."""
    over_ms: float | None = None
    """Said over the agent, so long after it began; None: when it had finished."""


def utterances(recording: Recording, steps: Sequence[Step]) -> dict[int, Utterance]:
    """By index of the step; steps whose words are not in the recording (silent for a secret's sake) are left out."""
    caller, agent = recording.pcm[:, 0], recording.pcm[:, 1]
    said, answered = voiced_spans(caller), _joined(voiced_spans(agent))
    found: dict[int, Utterance] = {}
    since = 0
    for index, step in enumerate(steps):
        until = samples(step.began_ms - recording.begins_ms + REACH_MS)
        if step.kind == "words":
            own = [span for span in said if span.begin >= since and span.begin < until]
            if own:
                found[index] = _cut(caller, own, answered)
        since = max(since, until)
    return found


def _cut(caller: np.ndarray, own: Sequence[Span], answered: Sequence[Span]) -> Utterance:
    begin, end = own[0].begin, own[-1].end
    under = next((span for span in answered if span.begin < begin < span.end), None)
    pcm = caller[max(0, begin - samples(LEAD_MS)) : end + samples(TAIL_MS)]
    return Utterance(pcm, round(milliseconds(begin - under.begin)) if under else None)


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Sentences of one answer are one."""
    joined: list[Span] = []
    for span in spans:
        if joined and milliseconds(span.begin - joined[-1].end) < BREATH_MS:
            joined[-1] = Span(joined[-1].begin, span.end)
        else:
            joined.append(span)
    return joined
