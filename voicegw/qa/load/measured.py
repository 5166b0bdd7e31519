"""What a load call showed, measured on its audio by the same ruler as every other call."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voicegw.audio.g711 import mu_law_decode
from voicegw.qa.load.phone import LoadCall
from voicegw.qa.load.talker import FRAME_SAMPLES, SILENCE
from voicegw.qa.ruler import measure
from voicegw.qa.spans import voiced_spans
from voicegw.wire.messages import FRAME_MS


@dataclass(frozen=True)
class Answer:
    """One answer of the agent."""

    concurrent: int
    """Calls that were up then."""
    latency_ms: float | None
    """None: there was none, or it began before the line was over."""
    at_s: float = 0.0
    """Seconds from the run's first INVITE to the line that was answered."""
    cut_off: bool = False
    """The agent began before the line was over."""


@dataclass(frozen=True)
class Measured:
    """One call."""

    setup_ms: float | None
    status: int
    failure: str
    greeting_ms: float | None
    answers: tuple[Answer, ...]
    packets: int
    late: int
    lost: int


def measured(call: LoadCall, began_at: float) -> Measured:
    """Of a call that is over, in a run that began then (monotonic seconds)."""
    received = _track(call)
    lines = call.talker.said
    turns = measure(_voice(call, len(received)), received, lines) if len(received) else ()
    lines_at = [turn.line.span.begin // FRAME_SAMPLES for turn in turns]
    answers = tuple(
        Answer(
            _concurrent(call, tick), turn.latency_ms, call.answered_at - began_at + tick * FRAME_MS / 1000, turn.cut_off
        )
        for tick, turn in zip(lines_at, turns, strict=True)
    )
    first = next(iter(voiced_spans(received)), None) if len(received) else None
    greeting = first.begin / 8 if first else None
    expected = max(call.received) - min(call.received) + 1 if call.received else 0
    lost = expected - len(call.received)
    return Measured(call.setup_ms, call.status, call.failure, greeting, answers, call.packets, call.late, lost)


def all_of(calls: Sequence[LoadCall]) -> list[Measured]:
    """In the order given."""
    began_at = min((call.began_at for call in calls), default=0.0)
    return [measured(call, began_at) for call in calls]


def _track(call: LoadCall) -> np.ndarray:
    """What was heard, int16, tick by tick."""
    ticks = call.talker.ticks
    payloads = b"".join(call.received.get(tick, SILENCE) for tick in range(ticks))
    return mu_law_decode(np.frombuffer(payloads, np.uint8))


def _voice(call: LoadCall, length: int) -> np.ndarray:
    """What was said, int16."""
    track = np.zeros(length, np.int16)
    for line in call.talker.said:
        sound = mu_law_decode(np.frombuffer(b"".join(call.talker.lines[int(line.label)]), np.uint8))
        part = track[line.span.begin : line.span.begin + len(sound)]
        part[:] = sound[: len(part)]
    return track


def _concurrent(call: LoadCall, tick: int) -> int:
    before = [count for at, count in call.concurrent if at <= tick]
    return before[-1] if before else call.concurrent[0][1] if call.concurrent else 0
