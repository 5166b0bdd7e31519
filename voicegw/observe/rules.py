"""When somebody should look: each rule once, for Prometheus and for the service's own eyes; no clock, no I/O.

The figures (``AlertSettings``) stand in both; ``deploy/prometheus/voicegw.rules.yml`` is made from here.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from voicegw.config import AlertSettings
from voicegw.observe.machine import MachineState


@dataclass(frozen=True)
class Spell:
    """How a dialplan's calls went for a while."""

    over: int = 0
    """Calls that ended, those refused left out."""
    completed: int = 0
    turns: int = 0
    """In which the caller said something."""
    no_match: int = 0
    latency_p95_ms: float | None = None

    @property
    def completion(self) -> float:
        """Share, 0 to 1."""
        return self.completed / self.over if self.over else 0.0

    @property
    def misses(self) -> float:
        """Share of turns that were not understood."""
        return self.no_match / self.turns if self.turns else 0.0


@dataclass(frozen=True)
class Seen:
    """What the service looks at."""

    recent: Mapping[str, Spell] = field(default_factory=dict)
    """The last hour, by dialplan."""
    usual: Mapping[str, Spell] = field(default_factory=dict)
    """The last days."""
    tools: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """The last hour: how often each was asked, and how often it failed or was too slow."""
    versions: Mapping[str, tuple[tuple[int, Spell], tuple[int, Spell]]] = field(default_factory=dict)
    """By dialplan, the newest version that takes calls and the one before, each with how its calls went."""
    machine: MachineState = field(default_factory=lambda: MachineState(""))


@dataclass(frozen=True)
class Alert:
    """One reason to look."""

    rule: str
    subject: str
    """The dialplan, tool or machine it is about."""
    text: str
    """What is the matter, with figures."""
    to_do: str


@dataclass(frozen=True)
class Rule:
    """For Prometheus."""

    name: str
    expression: str
    lasts: str
    """For so long it must hold (Prometheus's ``for``)."""
    summary: str
    to_do: str


COMPLETION, LATENCY, NO_MATCH, TOOLS = "CompletionFell", "LatencyOverPromise", "NoMatchJumped", "ToolFails"
SPOOL, SERVER, CELLS, TRUNK, VERSION = "SpoolGrows", "ServerAway", "CellsMissing", "TrunkDown", "VersionWorse"
_TO_DO = {
    COMPLETION: "listen to calls that were not completed; did the dialplan or a system behind it change?",
    LATENCY: "look at the stages of slow turns; is the machine too busy for its calls?",
    NO_MATCH: "read the turns that were not understood; they show examples that the dialplan lacks",
    TOOLS: "look at the system behind the tool; callers are told that it does not work",
    SPOOL: "mend Redis; what is in the spool is safe, and is recorded then",
    SERVER: "mend it: `voicegw doctor` says how it is reached",
    CELLS: "see the log for why SIP processes end; calls find the others meanwhile",
    TRUNK: "look at its address and password (sip.registrations, edge.trunks), at the network, and ask the provider",
    VERSION: "compare both, and go back with `voicegw dialplan rollback`",
}


def alerts(seen: Seen, limits: AlertSettings) -> list[Alert]:
    """All reasons to look, by the service's own eyes."""
    found = [*_of_dialplans(seen, limits), *_of_tools(seen, limits), *_of_the_machine(seen.machine, limits)]
    for name, (newer, older) in seen.versions.items():
        if is_worse(newer[1], older[1], limits):
            text = (
                f"{name} v{newer[0]} completes {newer[1].completion:.0%} of {newer[1].over} calls, "
                f"v{older[0]} completed {older[1].completion:.0%} of {older[1].over}"
            )
            found.append(_alert(VERSION, name, text))
    return found


def is_worse(newer: Spell, older: Spell, limits: AlertSettings) -> bool:
    """Whether the newer version completes clearly fewer of its calls: by the margin, and hardly by chance (one-sided
    two-proportion z-test at 1%)."""
    if min(newer.over, older.over) < limits.least_calls or older.completion - newer.completion < limits.version_margin:
        return False
    pooled = (newer.completed + older.completed) / (newer.over + older.over)
    error = math.sqrt(pooled * (1 - pooled) * (1 / newer.over + 1 / older.over))
    return error == 0 or (older.completion - newer.completion) / error > _ONE_PERCENT


_ONE_PERCENT = 2.326


def _of_dialplans(seen: Seen, limits: AlertSettings) -> Iterator[Alert]:
    for name, recent in seen.recent.items():
        usual = seen.usual.get(name, Spell())
        fell = usual.completion - recent.completion
        if min(recent.over, usual.over) >= limits.least_calls and fell > limits.completion_margin:
            text = f"{name} completed {recent.completion:.0%} of calls in the last hour, usually {usual.completion:.0%}"
            yield _alert(COMPLETION, name, text)
        p95_ms = recent.latency_p95_ms
        if p95_ms is not None and recent.turns >= limits.least_calls and p95_ms > limits.latency_p95_ms:
            yield _alert(
                LATENCY, name, f"{name} answers within {p95_ms:.0f} ms (p95), promised {limits.latency_p95_ms:.0f}"
            )
        often = recent.misses > max(limits.no_match_share, 2 * usual.misses)
        if recent.turns >= limits.least_calls and often:
            text = (
                f"{name} did not understand {recent.misses:.0%} of turns in the last hour, usually {usual.misses:.0%}"
            )
            yield _alert(NO_MATCH, name, text)


def _of_tools(seen: Seen, limits: AlertSettings) -> Iterator[Alert]:
    for tool, (asked, failed) in seen.tools.items():
        if asked >= limits.least_tools and failed > limits.tool_failures_share * asked:
            yield _alert(TOOLS, tool, f"{tool} failed in {failed} of {asked} uses in the last hour")


def _of_the_machine(machine: MachineState, limits: AlertSettings) -> Iterator[Alert]:
    name = machine.machine
    if machine.spool_bytes > limits.spool_mb * 1e6:
        yield _alert(SPOOL, name, f"{machine.spool_bytes / 1e6:.1f} MB of facts wait for Redis on {name}")
    for server, is_up in (("Redis", machine.redis_up), ("the database", machine.database_up)):
        if not is_up:
            yield _alert(SERVER, f"{server} {name}", f"{name} does not reach {server}")
    missing = machine.cells_wanted - len(machine.cells)
    if missing > 0 and not machine.draining:
        yield _alert(CELLS, name, f"{missing} of {machine.cells_wanted} cells are not up on {name}")
    for trunk in (trunk for trunk, is_up in machine.trunks.items() if not is_up):
        yield _alert(TRUNK, trunk, f"trunk {trunk} does not answer {name}, or refuses it")


def _alert(rule: str, subject: str, text: str) -> Alert:
    return Alert(rule, subject, text, _TO_DO[rule])


def prometheus_rules(limits: AlertSettings) -> list[Rule]:
    """The same for Prometheus."""

    def share(of: str, all_: str, window: str, by: str = "dialplan") -> str:
        return f"sum by ({by}) (increase({of}[{window}])) / sum by ({by}) (increase({all_}[{window}]))"

    ended = 'voicegw_calls_ended_total{outcome!="refused"}'
    completed = 'voicegw_calls_ended_total{outcome="completed"}'
    missed = "voicegw_turns_no_match_total"
    turns = 'voicegw_turns_total{decided_by!~"greeting|timer"}'
    failed = 'voicegw_tool_results_total{status=~"failed|too_slow"}'
    days = f"{limits.usual_days}d"

    def enough(of: str, by: str, least: int) -> str:
        return f"sum by ({by}) (increase({of}[1h])) >= {least}"

    fell = f"{share(completed, ended, days)} - {share(completed, ended, '1h')} > {limits.completion_margin}"
    p95 = "histogram_quantile(0.95, sum by (le, dialplan) (rate(voicegw_turn_latency_seconds_bucket[1h])))"
    recent_misses, usual_misses = share(missed, turns, "1h"), share(missed, turns, days)
    misses = f"{recent_misses} > {limits.no_match_share} and {recent_misses} > 2 * ({usual_misses})"
    expressions = {
        COMPLETION: f"{fell} and {enough(ended, 'dialplan', limits.least_calls)}",
        LATENCY: f"{p95} > {limits.latency_p95_ms / 1000} and {enough(turns, 'dialplan', limits.least_calls)}",
        NO_MATCH: f"{misses} and {enough(turns, 'dialplan', limits.least_calls)}",
        TOOLS: f"{share(failed, 'voicegw_tool_results_total', '1h', 'tool')} > {limits.tool_failures_share} "
        f"and {enough('voicegw_tool_results_total', 'tool', limits.least_tools)}",
        SPOOL: f"voicegw_spool_bytes > {limits.spool_mb * 1e6:.0f}",
        SERVER: "voicegw_server_up == 0",
        CELLS: 'voicegw_cells{state="missing"} > 0 unless on (instance) voicegw_draining == 1',
        TRUNK: "voicegw_trunk_up == 0",
        VERSION: f'voicegw_alert{{rule="{VERSION}"}} == 1',
    }
    summaries = {
        COMPLETION: "{{ $labels.dialplan }} completes fewer of its calls than usual",
        LATENCY: "{{ $labels.dialplan }} answers later than promised",
        NO_MATCH: "{{ $labels.dialplan }} does not understand more turns than usual",
        TOOLS: "{{ $labels.tool }} fails",
        SPOOL: "facts wait for Redis on {{ $labels.instance }}",
        SERVER: "{{ $labels.instance }} does not reach {{ $labels.server }}",
        CELLS: "SIP processes are missing on {{ $labels.instance }}",
        TRUNK: "trunk {{ $labels.trunk }} does not answer {{ $labels.instance }}, or refuses it",
        VERSION: "the newest version of {{ $labels.subject }} is worse than the one before",
    }
    lasts = {SPOOL: "2m", SERVER: "1m", CELLS: "1m", TRUNK: "1m"}
    return [Rule(name, expressions[name], lasts.get(name, "5m"), summaries[name], _TO_DO[name]) for name in expressions]
