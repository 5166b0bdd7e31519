"""``voicegw bench turns``: does the agent take its turns as a person does?

Calls of ``sets/turns.yaml`` to the agent of ``sets/turns-dialplan.yaml``, in real time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from voicegw.outcomes.rows import CallStory
from voicegw.qa import turn_set
from voicegw.qa.benching import MOST_AT_ONCE, Run, bench, failed_calls
from voicegw.qa.call_report import CallReport
from voicegw.qa.figures import Figure, percentile, share_percent
from voicegw.qa.ruler import Intent, Turn
from voicegw.qa.script import Script
from voicegw.qa.stored import stories
from voicegw.qa.turn_set import CallPlan, Group, TurnSet

SETS = Path(__file__).parent / "sets"
REFLEX = ("short", "long", "digits", "hesitation", "correction")
"""Labels of turns that need no language model."""
AT_ONCE: tuple[Group, ...] = ("together", "load")
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


async def run(how: Run, file: Path = SETS / "turns.yaml") -> tuple[Figure, ...]:
    """Some twelve minutes.

    :raises SetupError: something must be mended first.
    """
    turns = turn_set.read(file)
    overrides = {"dialplans": str(SETS / "turns-dialplan.yaml"), "workers": {"warm": MOST_AT_ONCE}}
    reports: dict[Group, list[CallReport]] = {"alone": []}
    async with bench(overrides, how, turns.seed) as one:
        alone = turns.group("alone", recordings=how.digits is not None)
        for plan in alone:
            reports["alone"].append(await one.call(plan.name, plan.script(turns.seed)))
        decided = decided_by_llm(alone, await stories(one.service, len(alone)))
        for group in AT_ONCE:
            plans = turns.group(group, recordings=how.digits is not None)
            reports[group] = await one.calls_at_once(_scripts(plans, turns))
    every = [report for group in reports.values() for report in group]
    return (failed_calls("turns", every), *figures(turns_of(reports)), decided)


def turns_of(reports: Mapping[Group, Sequence[CallReport]]) -> list[Measured]:
    """All turns of all calls."""
    return [Measured(group, turn) for group, some in reports.items() for report in some for turn in report.turns]


def decided_by_llm(plans: Sequence[CallPlan], stored: Sequence[CallStory]) -> Figure:
    """How many of the turns meant for the language model it really decided; those of a latency "with LLM"."""
    meant = [sum(step.label == "llm" for step in plan.steps) for plan in plans]
    decided = [
        sum(turn.decided_by == "llm" for turn in story.turns)
        for story, wanted in zip(stored, meant, strict=False)
        if wanted
    ]
    return Figure("turns: turns for the LLM that it decided", sum(decided), "turns", "", sum(meant))


def figures(measured: Sequence[Measured]) -> tuple[Figure, ...]:
    """What was measured, with its targets."""
    return (*_latencies(measured), *_cut_offs(measured), *_interruptions(measured), *_disturbances(measured))


def _latencies(measured: Sequence[Measured]) -> tuple[Figure, ...]:
    reflex = _values(measured, "alone", REFLEX, lambda turn: turn.latency_ms)
    llm = _values(measured, "alone", ("llm",), lambda turn: turn.latency_ms)
    loaded = _values(measured, "load", REFLEX, lambda turn: turn.latency_ms)
    alone = [one.turn for one in measured if one.group == "alone" and one.turn.line.intent is Intent.TURN]
    unanswered = sum(turn.latency_ms is None and not turn.cut_off for turn in alone)
    one, four = percentile(reflex, 50), percentile(loaded, 50)
    ratio = round(four / one, 2) if one and four else None
    return (
        Figure("turns: reflex latency p50", one, "ms", "≤ 300", len(reflex)),
        Figure("turns: reflex latency p95", percentile(reflex, 95), "ms", "≤ 500", len(reflex)),
        Figure("turns: reflex latency worst", percentile(reflex, 100), "ms", "", len(reflex)),
        *_by_label(measured),
        Figure("turns: latency with LLM p50", percentile(llm, 50), "ms", "≤ 800", len(llm)),
        Figure("turns: latency with LLM p95", percentile(llm, 95), "ms", "", len(llm)),
        Figure("turns: latency with LLM worst", percentile(llm, 100), "ms", "", len(llm)),
        Figure("turns: latency of 4 calls at once, p50 against one call", ratio, "times", "≤ 1.3", len(loaded)),
        Figure("turns: turns without an answer", unanswered, "turns", "", len(alone)),
    )


def _by_label(measured: Sequence[Measured]) -> Iterable[Figure]:
    for label in REFLEX:
        values = _values(measured, "alone", (label,), lambda turn: turn.latency_ms)
        yield Figure(f"turns: latency of {label} p50", percentile(values, 50), "ms", "", len(values))


def _cut_offs(measured: Sequence[Measured]) -> tuple[Figure, ...]:
    spoken = [one for one in measured if one.turn.line.intent in (Intent.TURN, Intent.INTERRUPTION)]
    digits = [one for one in spoken if one.label == "digits"]
    return (
        Figure("turns: caller cut off", _share(spoken, lambda turn: turn.cut_off), "%", "≤ 3", len(spoken)),
        Figure(
            "turns: caller cut off in digits with 700 ms pauses",
            _share(digits, lambda turn: turn.cut_off), "%", "≤ 5", len(digits),
        ),
    )  # fmt: skip


def _interruptions(measured: Sequence[Measured]) -> tuple[Figure, ...]:
    stops = _values(measured, "alone", ("interruption",), lambda turn: turn.stop_ms)
    return (
        Figure("turns: interruption to the agent's last sound p50", percentile(stops, 50), "ms", "≤ 160", len(stops)),
        Figure("turns: interruption to the agent's last sound p95", percentile(stops, 95), "ms", "≤ 240", len(stops)),
        Figure("turns: interruption to the agent's last sound worst", percentile(stops, 100), "ms", "", len(stops)),
    )


def _disturbances(measured: Sequence[Measured]) -> tuple[Figure, ...]:
    asides = [one.turn for one in measured if one.label in DISTURBANCES and one.turn.pause_ms is not None]
    returns = [turn.resumed_ms for turn in asides if turn.resumed_ms is not None and not turn.silenced]
    pauses = [turn.pause_ms for turn in asides if turn.pause_ms is not None and not turn.silenced]
    loud = [one.turn for one in measured if one.label in ("silence at 20 dB", "silence at 10 dB")]
    louder = [one.turn for one in measured if one.label == "silence at 5 dB"]
    return (
        Figure("turns: silenced for good by cough, backchannel or echo",
               sum(turn.silenced for turn in asides), "times", "= 0", len(asides)),
        Figure("turns: cough, backchannel or echo to going on, worst",
               percentile(returns, 100), "ms", "≤ 700", len(returns)),
        Figure("turns: longest pause for cough, backchannel or echo", percentile(pauses, 100), "ms", "", len(pauses)),
        Figure("turns: started by noise alone, 10 dB and better", _per_minute(loud), "a minute", "≤ 0.1", len(loud)),
        Figure("turns: started by noise alone, 5 dB", _per_minute(louder), "a minute", "", len(louder)),
    )  # fmt: skip


def _scripts(plans: Iterable[CallPlan], turns: TurnSet) -> dict[str, Script]:
    return {plan.name: plan.script(turns.seed) for plan in plans}


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
