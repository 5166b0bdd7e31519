"""A recorded call beside its replay, line by line: what the agent said and did, and how long it took. Pure."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from voicegw.qa.figures import percentile
from voicegw.qa.replay.steps import Called, Step
from voicegw.qa.scenarios.evidence import Evidence, Reply, ToolCall


@dataclass(frozen=True)
class Moment:
    """What came of a line, in the recorded call or in the replay."""

    understood: str
    said: str
    calls: tuple[Called, ...]
    latency_ms: float | None
    ended: str
    cut: bool = False
    """The caller silenced the agent: how far it came is chance."""


NOTHING = Moment("", "", (), None, "")
"""The call was over before this line."""


@dataclass(frozen=True)
class Pair:
    """A line of the caller's, twice."""

    before: Moment
    after: Moment

    @property
    def differences(self) -> tuple[str, ...]:
        """``turn``, ``actions``, ``end``: what is not as it was."""
        kinds = {
            "turn": not _same_words(self.before, self.after),
            "actions": not _same_actions(self.before.calls, self.after.calls),
            "end": self.before.ended != self.after.ended,
        }
        return tuple(kind for kind, differs in kinds.items() if differs)


@dataclass(frozen=True)
class Comparison:
    """A whole call, twice."""

    lines: tuple[Pair, ...]
    problem: str = ""
    """Why the replay did not come to its end."""

    @property
    def same(self) -> bool:
        """Nothing differs but the time it took."""
        return not self.problem and not any(line.differences for line in self.lines)

    def median_ms(self) -> tuple[float | None, float | None]:
        """Of the answers' latencies: of lines that have one in both, before and after."""
        both = [
            (line.before.latency_ms, line.after.latency_ms)
            for line in self.lines
            if line.before.latency_ms is not None and line.after.latency_ms is not None
        ]
        return percentile([before for before, _ in both], 50), percentile([after for _, after in both], 50)


def compare(steps: Sequence[Step], evidence: Evidence) -> Comparison:
    """The recorded steps beside what the replay showed of them."""
    pairs = zip_longest(map(_recorded, steps), map(_replayed, evidence.replies), fillvalue=NOTHING)
    return Comparison(tuple(Pair(before, after) for before, after in pairs), evidence.problem)


def _recorded(step: Step) -> Moment:
    return Moment(step.text or f"({step.kind})", step.said, step.calls, step.latency_ms, step.ended, step.interrupted)


def _replayed(reply: Reply) -> Moment:
    return Moment(reply.understood, reply.said, tuple(map(_called, reply.calls)), reply.latency_ms, reply.ended)


def _called(call: ToolCall) -> Called:
    return Called(call.tool, call.status, call.writes, call.arguments)


def _words(text: str) -> list[str]:
    """What counts of a text: neither case nor punctuation."""
    return "".join(letter if letter.isalnum() else " " for letter in text.casefold()).split()


def _same_words(before: Moment, after: Moment) -> bool:
    """Of answers that were cut short, as far as both were heard."""
    words, other = _words(before.said), _words(after.said)
    if before.cut or after.cut:
        shorter = min(len(words), len(other))
        return words[:shorter] == other[:shorter]
    return words == other


def _same_actions(before: Sequence[Called], after: Sequence[Called]) -> bool:
    """Each once: what is asked again ahead of its time is the same. Arguments count where both sides know them."""
    known = all(call.arguments is not None for call in (*before, *after))

    def actions(calls: Sequence[Called]) -> set[tuple[str, str, str]]:
        return {(call.tool, call.status, json.dumps(call.arguments, sort_keys=True) if known else "") for call in calls}

    return actions(before) == actions(after)


def as_lines(comparison: Comparison) -> Iterator[str]:
    """For people: what was as it had been in a line each, what differs as ``-`` and ``+``."""
    for number, pair in enumerate(comparison.lines, 1):
        before, after = pair.before, pair.after
        yield f"{number:>3}  caller: {before.understood or after.understood}{_heard_otherwise(pair)}"
        yield from _sides(
            "turn" in pair.differences,
            _latency(before),
            _latency(after),
            f"agent: {before.said}",
            f"agent: {after.said}",
        )
        if before.calls or after.calls:
            yield from _sides("actions" in pair.differences, "", "", _told(before.calls), _told(after.calls))
        if "end" in pair.differences:
            yield from _sides(True, "", "", f"end: {before.ended or 'goes on'}", f"end: {after.ended or 'goes on'}")
    if comparison.problem:
        yield f"the replay stopped: {comparison.problem}"
    yield _summary(comparison)


def _sides(differs: bool, head_before: str, head_after: str, before: str, after: str) -> Iterator[str]:
    if differs:
        yield f"  -  {before}{head_before}"
        yield f"  +  {after}{head_after}"
    else:
        times = f" →{head_after}" if head_before and head_after else ""
        yield f"     {after or before}{head_before}{times}"


def _heard_otherwise(pair: Pair) -> str:
    before, after = pair.before.understood, pair.after.understood
    return f"   (now heard as: {after})" if after and _words(before) != _words(after) else ""


def _latency(moment: Moment) -> str:
    return "" if moment.latency_ms is None else f"  {moment.latency_ms:.0f} ms"


def _told(calls: Sequence[Called]) -> str:
    told = dict.fromkeys(f"{call.tool}: {call.status}" for call in calls)
    return f"tools: {', '.join(told) or 'none'}"


def _summary(comparison: Comparison) -> str:
    differ = [str(number) for number, line in enumerate(comparison.lines, 1) if line.differences]
    before, after = comparison.median_ms()
    speed = "" if before is None or after is None else f"; median latency {before:.0f} ms then, {after:.0f} ms now"
    what = f"lines {', '.join(differ)} differ" if differ else "nothing differs"
    return f"{len(comparison.lines)} lines, {what}{speed}"
