"""Does what was seen of a scenario hold what the scenario says? The same questions for every runner."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from voicegw.qa.figures import percentile
from voicegw.qa.matching import matches
from voicegw.qa.scenarios.evidence import Changes, Evidence, Reply, Row, Sip, ToolCall
from voicegw.qa.scenarios.model import Change, Holds, OutcomeHolds, Runner, Scenario, ScenarioLine, SipHolds, Sipp

Loc = tuple[str | int, ...]
Likeness = Callable[[str, str], float]
"""How alike two texts are in meaning: cosine of their sentence vectors."""
MEANS_THE_SAME = 0.55
MASKED = "***"
"""In the place of a personal value."""


@dataclass(frozen=True)
class Failure:
    """Something that does not hold."""

    loc: Loc
    """The place in the scenario's file that wants it."""
    message: str


def failures(scenario: Scenario, runner: Runner, evidence: Evidence, alike: Likeness) -> list[Failure]:
    """All that does not hold, in the order of the file."""
    found = [Failure(loc, message) for loc, message in _all(scenario, runner, evidence, alike)]
    if evidence.problem:
        found.insert(0, Failure(("talk", len(evidence.replies) - 1) if evidence.replies else (), evidence.problem))
    return found


Found = Iterator[tuple[Loc, str]]


def _all(scenario: Scenario, runner: Runner, evidence: Evidence, alike: Likeness) -> Found:
    for index, (line, reply) in enumerate(zip(scenario.talk, evidence.replies, strict=False)):
        for field, message in _line(line, reply, runner, alike):
            yield ("talk", index, field), message
    if len(evidence.replies) < len(scenario.talk) and not evidence.problem:
        yield ("talk", len(evidence.replies)), "the call was over before this"
    if evidence.sip is not None:
        yield from _sip(scenario.holds.sip, evidence.sip)
    if evidence.outcome is not None:
        yield from _outcome(scenario, evidence.outcome)
    yield from _whole(scenario.holds, runner, evidence)
    if scenario.sipp:
        yield from _sipp(scenario.sipp, evidence)


# --- one line -----------------------------------------------------------------------------------------------


def _line(line: ScenarioLine, reply: Reply, runner: Runner, alike: Likeness) -> Iterator[tuple[str, str]]:
    yield from (("agent", message) for message in missing(line.agent, reply.said))
    yield from (("never", message) for message in unwanted(line.never, reply.said))
    for meaning in line.means:
        likeness = alike(meaning, reply.said)
        if likeness < MEANS_THE_SAME:
            yield "means", f"the agent must mean {meaning!r}, but said {reply.said!r} (likeness {likeness:.2f})"
    if reply.slots is not None:
        yield from (("slots", message) for message in _slots(line.slots, reply.slots))
    if line.calls is not None:
        yield from (("calls", message) for message in _line_calls(line.calls, reply.calls))
    if line.task and reply.task != line.task:
        yield "task", f"the task must be {line.task!r}, but is {reply.task!r}"
    if line.ends != reply.ended and (line.ends or (reply.ended and not line.hang_up)):
        yield "ends", f"the call must {f'end as {line.ends}' if line.ends else 'go on'}, but it {_did(reply.ended)}"
    if runner != "text":
        yield from _timing(line, reply)


def _timing(line: ScenarioLine, reply: Reply) -> Iterator[tuple[str, str]]:
    if line.within_ms is not None and (reply.latency_ms is None or reply.latency_ms > line.within_ms):
        yield "within_ms", f"the answer must come within {line.within_ms:g} ms, but {_came(reply.latency_ms)}"
    if line.stops_within_ms is not None and (reply.stop_ms is None or reply.stop_ms > line.stops_within_ms):
        took = "it was not speaking" if reply.stop_ms is None else f"it took {reply.stop_ms:.0f} ms"
        yield "stops_within_ms", f"the agent must be silent within {line.stops_within_ms:g} ms, but {took}"
    if line.aside and reply.silenced:
        yield "aside", "the agent must go on after this, but it was silenced"


def missing(wanted: Iterable[str], said: str) -> Iterator[str]:
    """What must be said, and was not."""
    return (f"the agent must say {text!r}, but said {said!r}" for text in wanted if not matches(text, said))


def unwanted(never: Iterable[str], said: str) -> Iterator[str]:
    """What must not be said, and was."""
    return (f"the agent must not say {text!r}, but said {said!r}" for text in never if matches(text, said))


def _slots(wanted: Mapping[str, object], known: Mapping[str, object]) -> Iterator[str]:
    for name, value in wanted.items():
        found = known.get(name)
        if found != MASKED and str(found) != str(value):
            yield f"{name} must be {value!r}, but is {found!r}"


def _line_calls(wanted: Mapping[str, Mapping[str, object] | None], calls: Sequence[ToolCall]) -> Iterator[str]:
    for tool, arguments in wanted.items():
        made = [dict(call.arguments) for call in calls if call.tool == tool]
        if not made:
            yield f"{tool} must be called, but was not"
        elif arguments is not None and dict(arguments) not in made:
            yield f"{tool} must be called with {dict(arguments)}, but was with {made[-1]}"
    for call in calls:
        if call.tool not in wanted and (call.writes or not wanted):
            yield f"{call.tool} must not be called, but was, with {dict(call.arguments)}"


def _did(ended: str) -> str:
    return f"ended as {ended}" if ended else "went on"


def _came(latency_ms: float | None) -> str:
    return "none came" if latency_ms is None else f"it took {latency_ms:.0f} ms"


# --- the whole call -----------------------------------------------------------------------------------------


def _whole(holds: Holds, runner: Runner, evidence: Evidence) -> Found:
    said = " ".join([evidence.greeting, *(reply.said for reply in evidence.replies)])
    yield from ((("holds", "greeting"), message) for message in missing(holds.greeting, evidence.greeting))
    yield from ((("holds", "said"), message) for message in missing(holds.said, said))
    yield from ((("holds", "never"), message) for message in unwanted(holds.never, said))
    if holds.calls is not None:
        yield from ((("holds", "calls"), message) for message in _counts(holds.calls, evidence.calls))
    if holds.backend is not None:
        yield from _backend(holds.backend, evidence.backend)
    for disposition, count in holds.dispositions.items():
        seen = evidence.dispositions.get(disposition, 0)
        if runner != "text" and seen != count:
            yield (
                ("holds", "dispositions", disposition),
                f"{count} calls must end as {disposition}, but {seen} did: {dict(evidence.dispositions)}",
            )
    if runner != "text":
        yield from _speed(holds, evidence)


def _counts(wanted: Mapping[str, int], calls: Sequence[ToolCall]) -> Iterator[str]:
    made = Counter(call.tool for call in calls)
    for tool, count in wanted.items():
        if made[tool] != count:
            yield f"{tool} must run {_times(count)}, but ran {_times(made[tool])}"
    for tool in dict.fromkeys(call.tool for call in calls if call.writes):
        if tool not in wanted:
            yield f"{tool} must not run, but ran {_times(made[tool])}"


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _backend(wanted: Mapping[str, Change], seen: Mapping[str, Changes]) -> Found:
    for name in sorted({*wanted, *seen}):
        change, found = wanted.get(name, Change()), seen.get(name, Changes())
        for what in ("added", "removed", "changed"):
            rows, real = getattr(change, what), getattr(found, what)
            if len(rows) != len(real) or not all(any(_is_row(row, one) for one in real) for row in rows):
                loc = ("holds", "backend", name, what) if name in wanted else ("holds", "backend")
                yield loc, f"{name}: rows {what} must be {list(rows)}, but are {list(real)}"


def _is_row(wanted: Row, real: Row) -> bool:
    return all(name in real and _same(value, real[name]) for name, value in wanted.items())


def _same(wanted: object, real: object) -> bool:
    if isinstance(wanted, int | float) and isinstance(real, int | float):
        return abs(wanted - real) < 1e-9
    return str(wanted) == str(real)


def _speed(holds: Holds, evidence: Evidence) -> Found:
    latencies = evidence.latencies_ms
    for name, percent in (("slowest_ms", 100), ("median_ms", 50)):
        most = getattr(holds, name)
        value = percentile(latencies, percent)
        if most is not None and (value is None or value > most):
            yield ("holds", name), f"must be at most {most:g} ms, but is {value} over {len(latencies)} answers"
    over = max((reply.talked_over_ms for reply in evidence.replies), default=0.0)
    if holds.talked_over_ms is not None and over > holds.talked_over_ms:
        yield ("holds", "talked_over_ms"), f"both spoke at once for {over:.0f} ms"
    cut_offs = sum(reply.cut_off for reply in evidence.replies)
    if holds.cut_offs is not None and cut_offs > holds.cut_offs:
        yield ("holds", "cut_offs"), f"the agent began {_times(cut_offs)} before the caller was through"
    if holds.holes is not None and evidence.sip is not None and evidence.sip.holes > holds.holes:
        yield ("holds", "holes"), f"there are {evidence.sip.holes} holes in the agent's speech"


def _sip(holds: SipHolds, sip: Sip) -> Found:
    if holds.status is not None and sip.status != holds.status:
        yield ("holds", "sip", "status"), f"must be {holds.status}, but is {sip.status}"
    if holds.ended_by and sip.ended_by != holds.ended_by:
        yield ("holds", "sip", "ended_by"), f"the call must be ended by {holds.ended_by}, but was by {sip.ended_by}"
    if holds.codec and sip.codec != holds.codec:
        yield ("holds", "sip", "codec"), f"must be {holds.codec}, but is {sip.codec}"
    for name, value in (("setup_within_ms", sip.setup_ms), ("greeting_within_ms", sip.greeting_ms)):
        most = getattr(holds, name)
        if most is not None and (value is None or value > most):
            yield ("holds", "sip", name), f"must be at most {most:g} ms, but is {value}"


def _outcome(scenario: Scenario, row: Row) -> Found:
    holds: OutcomeHolds = scenario.holds.outcome
    for name in ("disposition", "task", "ended_by"):
        wanted = getattr(holds, name)
        if wanted and row[name] != wanted:
            yield ("holds", "outcome", name), f"must be {wanted!r}, but is {row[name]!r}"
    slots: Mapping[str, object] = row["slots"]
    yield from ((("holds", "outcome", "slots"), message) for message in _slots(holds.slots, slots))
    last_named = {name: index for index, line in enumerate(scenario.talk) for name in line.slots}
    for name, index in last_named.items():
        wanted_slot = {name: scenario.talk[index].slots[name]}
        yield from ((("talk", index, "slots"), message) for message in _slots(wanted_slot, slots))
    if row["turns"] < holds.least_turns:
        yield ("holds", "outcome", "least_turns"), f"there are {row['turns']} turns"


def _sipp(sipp: Sipp, evidence: Evidence) -> Found:
    seen = evidence.sipp
    if seen is None:
        yield ("sipp",), "SIPp said nothing"
    elif seen.failed != sipp.failed or seen.succeeded + seen.failed != sipp.calls:
        counts = f"{seen.succeeded} calls succeeded and {seen.failed} failed (exit code {seen.exit_code})"
        yield ("sipp", "file"), f"of {sipp.calls} calls {sipp.failed} must fail, but {counts}: {seen.complaint}"
