"""The ruler: how fast, how politely and how steadily the agent answered, measured on the audio of a call.

It is given both directions of a call as two recordings on one clock, and where in the first one the caller's
lines lie. Everything else is measured: where the caller's voice really began and ended, and where the agent's.

* **Voice-to-voice latency**: last voiced sample sent to the first voiced sample received after it.
* **Stop** of an interruption: the caller's first voiced sample to the agent's last one.
* **Pause** for a backchannel or a cough: how long the agent, who should have gone on, was silent.
* **Cut-off**: the agent began while the caller was not through.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from voicegw.qa.spans import Span, join, milliseconds, samples, voiced_spans

PHRASE_MS = 300
"""Silence of the agent up to this is a pause between clauses; after a longer one it has begun anew."""
ANSWER_MS = 150
"""The shortest word takes longer; less is an agent who began and took it back."""
COLLISION_MS = 200
"""An agent who begins this soon after the caller could not yet have heard the caller: both began at once."""
TALKED_OVER_MS = 200
"""Shorter overlaps are how people talk."""
AWAITED_MS = 2000
"""An agent still silent so long after an aside into its speech has been silenced for good."""
NEAR_MS = 500
"""A silence of the agent that begins within an aside, or this soon after it, was made by it."""


class Intent(StrEnum):
    """What the caller wants with a line."""

    TURN = "turn"
    """Speaks when the agent has finished, and wants an answer."""
    INTERRUPTION = "interruption"
    """Speaks over the agent: who should stop, and answer."""
    ASIDE = "aside"
    """A cough or "mhm" into the agent's speech: who should go on."""
    SILENCE = "silence"
    """Nothing for the agent, though there may be noise, echo or a cough: who should remain silent."""


@dataclass(frozen=True)
class Line:
    """Something the caller sent, and where."""

    text: str
    span: Span
    """Where the clip lies on the sent track, its pauses included."""
    intent: Intent = Intent.TURN
    label: str = ""
    """What kind of turn it is, for benches: ``digits``, ``cough``, …"""


@dataclass(frozen=True)
class Turn:
    """What came of a line."""

    line: Line
    voice: Span | None
    """First to last voiced sample of the line; None: the line was silent."""
    latency_ms: float | None = None
    """Last voiced sample sent to first voiced sample received; None if the agent was not silent at the end of
    the line, or never answered."""
    stop_ms: float | None = None
    """For interruptions: first voiced sample sent to the agent's last; None if the agent was not speaking."""
    pause_ms: float | None = None
    """For asides: the longest silence of the agent that followed; None if it was not speaking."""
    resumed_ms: float | None = None
    """For asides: how much of that silence lay behind the aside's last voiced sample; 0 if the agent did not
    stop, or went on sooner."""
    silenced: bool = False
    """For asides: the agent did not speak again within two seconds."""
    cut_off: bool = False
    """The agent began before the caller's turn was over."""
    talked_over_ms: float = 0.0
    """For turns: how long both were voiced at once."""
    began_alone: bool = False
    """For silences: the agent began to speak, though nobody had asked."""


def measure(voice: np.ndarray, received: np.ndarray, lines: Sequence[Line]) -> tuple[Turn, ...]:
    """One ``Turn`` per line, in order.

    :param voice: what the caller sent, without added noise and echo: int16 at 8 kHz.
    :param received: what the caller heard on the same ticks.
    """
    sent, agent = voiced_spans(voice), voiced_spans(received)
    ends = [*[line.span.begin for line in lines], len(received)][1:]
    return tuple(_measure_line(line, sent, agent, until) for line, until in zip(lines, ends, strict=True))


def greeting_ms(received: np.ndarray, answered: int = 0) -> float | None:
    """Answer to the first voiced sample received.

    :param answered: the sample at which the call was answered.
    """
    first = next((span.begin for span in voiced_spans(received) if span.end > answered), None)
    return None if first is None else milliseconds(max(first - answered, 0))


def talked_over_ms(caller: Sequence[Span], agent: Sequence[Span]) -> float:
    """How long both were voiced at once, overlaps of at most 200 ms left out."""
    overlaps = [one.overlap_ms(other) for one in caller for other in agent]
    return sum(overlap for overlap in overlaps if overlap > TALKED_OVER_MS)


def _measure_line(line: Line, sent: Sequence[Span], agent: Sequence[Span], until: int) -> Turn:
    """:param until: where the next line begins."""
    words = [span for span in sent if span.overlap_ms(line.span) > 0]
    said = Span(max(words[0].begin, line.span.begin), min(words[-1].end, line.span.end)) if words else None
    if line.intent is Intent.SILENCE:
        return Turn(line, said, began_alone=any(line.span.begin < span.begin < line.span.end for span in agent))
    if line.intent is Intent.ASIDE:
        return _measure_aside(line, said, agent, until)
    if said is None:
        return Turn(line, None)
    phrases = join(agent, PHRASE_MS)
    latency = _latency_ms(said, agent, until)
    cut_off = any(said.begin + samples(COLLISION_MS) < phrase.begin < said.end for phrase in phrases)
    if line.intent is Intent.INTERRUPTION:
        return Turn(line, said, latency, stop_ms=_stop_ms(said, phrases), cut_off=cut_off)
    return Turn(line, said, latency, cut_off=cut_off, talked_over_ms=talked_over_ms(words, agent))


def _latency_ms(said: Span, agent: Sequence[Span], until: int) -> float | None:
    """None if the agent speaks across the end of the line, or not before ``until``."""
    if any(span.begin < said.end < span.end for span in agent):
        return None
    answers = [phrase for phrase in join(agent, PHRASE_MS) if phrase.length_ms >= ANSWER_MS]
    first = next((answer.begin for answer in answers if said.end <= answer.begin < until), None)
    return None if first is None else milliseconds(first - said.end)


def _stop_ms(said: Span, phrases: Sequence[Span]) -> float | None:
    """To the agent's last voiced sample within the caller's line, or, if it talks on, beyond it."""
    if not any(phrase.begin < said.begin < phrase.end for phrase in phrases):
        return None
    last = max(phrase.end for phrase in phrases if phrase.begin < said.end and phrase.end > said.begin)
    return milliseconds(last - said.begin)


def _measure_aside(line: Line, said: Span | None, agent: Sequence[Span], until: int) -> Turn:
    """One without sound is an echo's: it lasts as long as its line."""
    lasting = said or line.span
    spans = [span for span in agent if span.end > lasting.begin and span.begin < until]
    speaking = any(phrase.begin < lasting.begin < phrase.end for phrase in join(agent, PHRASE_MS))
    if not spans or not speaking:
        return Turn(line, said)
    near = lasting.end + samples(NEAR_MS)
    stops = [(before.end, after.begin) for before, after in pairwise(spans) if before.end <= near]
    pause_ms = max((milliseconds(back - stop) for stop, back in stops), default=0.0)
    # An aside without sound has no end to wait for: an echo lasts as long as the agent speaks.
    resumed_ms = max((milliseconds(back - max(stop, said.end if said else stop)) for stop, back in stops), default=0.0)
    left_silent = milliseconds(until - spans[-1].end) if spans[-1].end <= near else 0.0
    return Turn(line, said, pause_ms=pause_ms, resumed_ms=max(resumed_ms, 0.0), silenced=left_silent >= AWAITED_MS)
