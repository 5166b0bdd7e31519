"""What is counted over the calls of ``voicegw bench turns``, and what is promised."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from voicegw.outcomes.show import stages_of
from voicegw.qa.figures import Figure, percentile, share_percent
from voicegw.qa.kept import MeasuredCall
from voicegw.qa.ruler import Intent, Turn
from voicegw.qa.turn_set import CallPlan, Group

REFLEX = ("short", "long", "digits", "hesitation", "correction")
"""Labels of turns that need no language model."""
DISTURBANCES = ("backchannel", "cough", "echo")


@dataclass(frozen=True)
class Measured:
    """A turn, and the group of its call."""

    group: Group
    turn: Turn

    @property
    def label(self) -> str:
        """What kind of turn it is."""
        return self.turn.line.label


Calls = Sequence[tuple[CallPlan, MeasuredCall]]


def figures(prefix: str, calls: Calls) -> tuple[Figure, ...]:
    """All of them; their names begin with ``prefix``."""
    measured = [Measured(plan.group, turn) for plan, call in calls for turn in call.turns]
    failed = sum(not call.ok for _, call in calls)
    found = (
        Figure("calls that failed", failed, "calls", "= 0", len(calls)),
        Figure("turns that callers spoke", len(_spoken(measured)), "turns", "", len(calls)),
        *latencies(measured),
        *_stages(calls),
        *_cut_offs(measured),
        *_interruptions(measured),
        *disturbances(measured),
        decided_by_llm(calls),
    )
    return tuple(figure.named(f"{prefix}: {figure.name}") for figure in found)


def decided_by_llm(calls: Calls) -> Figure:
    """How many of the turns meant for the language model it really decided; those of a latency "with LLM"."""
    meant = [(sum(step.label == "llm" for step in plan.steps), call) for plan, call in calls]
    decided = sum(turn.decided_by == "llm" for wanted, call in meant if wanted for turn in call.stored)
    return Figure("turns for the LLM that it decided", decided, "turns", "", sum(wanted for wanted, _ in meant))


def latencies(measured: Sequence[Measured]) -> tuple[Figure, ...]:
    """How long a caller waits for an answer."""
    reflex = _values(measured, "alone", REFLEX, lambda turn: turn.latency_ms)
    llm = _values(measured, "alone", ("llm",), lambda turn: turn.latency_ms)
    loaded = _values(measured, "load", REFLEX, lambda turn: turn.latency_ms)
    asking = [one.turn for one in measured if one.group != "load" and one.turn.line.intent is Intent.TURN]
    unanswered = sum(turn.latency_ms is None and not turn.cut_off for turn in asking)
    one, four = percentile(reflex, 50), percentile(loaded, 50)
    ratio = round(four / one, 2) if one and four else None
    return (
        Figure("reflex latency p50", one, "ms", "≤ 300", len(reflex)),
        Figure("reflex latency p95", percentile(reflex, 95), "ms", "≤ 500", len(reflex)),
        Figure("reflex latency worst", percentile(reflex, 100), "ms", "", len(reflex)),
        *_by_label(measured),
        Figure("latency with LLM p50", percentile(llm, 50), "ms", "≤ 800", len(llm)),
        Figure("latency with LLM p95", percentile(llm, 95), "ms", "", len(llm)),
        Figure("latency with LLM worst", percentile(llm, 100), "ms", "", len(llm)),
        Figure("latency of 4 calls at once, p50", four, "ms", "", len(loaded)),
        Figure("latency of 4 calls at once, p95", percentile(loaded, 95), "ms", "", len(loaded)),
        Figure("latency of 4 calls at once, p50 against one call", ratio, "times", "≤ 1.3", len(loaded)),
        Figure("turns without an answer", unanswered, "turns", "", len(asking)),
    )


def _by_label(measured: Sequence[Measured]) -> Iterable[Figure]:
    for label in REFLEX:
        values = _values(measured, "alone", (label,), lambda turn: turn.latency_ms)
        yield Figure(f"latency of {label} p50", percentile(values, 50), "ms", "", len(values))


def _stages(calls: Calls) -> Iterable[Figure]:
    """Where the time of turns goes that a caller waited for, by the service's own account."""
    turns = [turn for plan, call in calls if plan.group == "alone" for turn in call.stored]
    costs: dict[str, list[float]] = {}
    for turn in turns:
        if turn.waterfall.first_packet is not None and turn.waterfall.last_voice is not None:
            for stage, cost in stages_of(turn.waterfall):
                costs.setdefault(stage.name, []).append(cost)
    for name, values in costs.items():
        mean = round(sum(values) / len(values), 1)
        yield Figure(f"of the wait, {name}, mean", mean, "ms", "", len(values))


def _cut_offs(measured: Sequence[Measured]) -> tuple[Figure, ...]:
    spoken = _spoken(measured)
    digits = [one for one in spoken if one.label == "digits"]
    return (
        Figure("caller cut off", _share(spoken, lambda turn: turn.cut_off), "%", "≤ 3", len(spoken)),
        Figure(
            "caller cut off in digits with 700 ms pauses",
            _share(digits, lambda turn: turn.cut_off), "%", "≤ 5", len(digits),
        ),
    )  # fmt: skip


def _interruptions(measured: Sequence[Measured]) -> tuple[Figure, ...]:
    stops = _values(measured, "alone", ("interruption",), lambda turn: turn.stop_ms)
    return (
        Figure("interruption to the agent's last sound p50", percentile(stops, 50), "ms", "≤ 160", len(stops)),
        Figure("interruption to the agent's last sound p95", percentile(stops, 95), "ms", "≤ 240", len(stops)),
        Figure("interruption to the agent's last sound worst", percentile(stops, 100), "ms", "", len(stops)),
    )


def disturbances(measured: Sequence[Measured]) -> tuple[Figure, ...]:
    """What must not take the agent's turn, nor give it one."""
    asides = [one.turn for one in measured if one.label in DISTURBANCES and one.turn.pause_ms is not None]
    returns = [turn.resumed_ms for turn in asides if turn.resumed_ms is not None and not turn.silenced]
    pauses = [turn.pause_ms for turn in asides if turn.pause_ms is not None and not turn.silenced]
    loud = [one.turn for one in measured if one.label in ("silence at 20 dB", "silence at 10 dB")]
    louder = [one.turn for one in measured if one.label == "silence at 5 dB"]
    return (
        Figure("silenced for good by cough, backchannel or echo",
               sum(turn.silenced for turn in asides), "times", "= 0", len(asides)),
        Figure("cough, backchannel or echo to going on, worst",
               percentile(returns, 100), "ms", "≤ 700", len(returns)),
        Figure("longest pause for cough, backchannel or echo", percentile(pauses, 100), "ms", "", len(pauses)),
        Figure("started by noise alone, 10 dB and better", _per_minute(loud), "a minute", "≤ 0.1", len(loud)),
        Figure("started by noise alone, 5 dB", _per_minute(louder), "a minute", "", len(louder)),
    )  # fmt: skip


def _spoken(measured: Sequence[Measured]) -> list[Measured]:
    return [one for one in measured if one.turn.line.intent in (Intent.TURN, Intent.INTERRUPTION)]


def _values(
    measured: Sequence[Measured], group: Group, labels: Sequence[str], value: Callable[[Turn], float | None]
) -> list[float]:
    values = [value(one.turn) for one in measured if one.group == group and one.label in labels]
    return [one for one in values if one is not None]


def _share(measured: Sequence[Measured], holds: Callable[[Turn], bool]) -> float | None:
    return share_percent(sum(holds(one.turn) for one in measured), len(measured))


def _per_minute(turns: Sequence[Turn]) -> float | None:
    minutes = sum(turn.line.span.length_ms for turn in turns) / 60_000
    return round(sum(turn.began_alone for turn in turns) / minutes, 2) if minutes else None
