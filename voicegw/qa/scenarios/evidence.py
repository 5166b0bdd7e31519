"""What was seen of a scenario, in the same shape whichever way it was run."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from voicegw.outcomes.record import Waterfall

Row = dict[str, Any]


@dataclass(frozen=True)
class ToolCall:
    """A tool was run."""

    tool: str
    arguments: Mapping[str, object]
    status: str
    """What came of it; ``failed`` and ``too_slow`` besides the tool's own words."""
    writes: bool = False
    at: float = 0.0
    """Unix time."""
    took_ms: float = 0.0


@dataclass(frozen=True)
class Reply:
    """What came of one line of the caller's."""

    said: str = ""
    """The agent's words; of those cut short only what was played."""
    understood: str = ""
    """The caller's words, as the agent understood them."""
    heard: str = ""
    """The agent's words as the caller's ear (speech to text) heard them; empty by text."""
    calls: tuple[ToolCall, ...] = ()
    slots: Mapping[str, object] | None = None
    """Values known by then; None where that cannot be seen before the call is over."""
    task: str = ""
    ended: str = ""
    """How the agent's part ended here: a disposition, or ``person``; empty if it went on."""
    decided_by: str = ""
    began_s: float | None = None
    """The caller's first sound, since the answer."""
    latency_ms: float | None = None
    stop_ms: float | None = None
    silenced: bool = False
    cut_off: bool = False
    talked_over_ms: float = 0.0
    waterfall: Waterfall | None = None


@dataclass(frozen=True)
class Changes:
    """What a run left behind in the tables of the backends."""

    added: tuple[Row, ...] = ()
    removed: tuple[Row, ...] = ()
    changed: tuple[Row, ...] = ()
    """As they are afterwards."""


@dataclass(frozen=True)
class Sip:
    """How the call went on the wire."""

    status: int = 0
    ended_by: str = ""
    """``caller``, ``agent`` or ``network``."""
    codec: str = ""
    setup_ms: float | None = None
    greeting_ms: float | None = None
    holes: int = 0
    lost_percent: float | None = None
    """RTP packets of the caller that did not reach the agent."""


@dataclass(frozen=True)
class SippResult:
    """What SIPp says of its calls."""

    exit_code: int
    succeeded: int
    failed: int
    complaint: str = ""
    """Its first error message."""
    ladder: tuple[tuple[float, str, str], ...] = ()
    """Messages of the first call: seconds since its first one, ``sent`` or ``received``, first line."""


@dataclass(frozen=True)
class Evidence:
    """A whole run of a scenario."""

    greeting: str = ""
    replies: tuple[Reply, ...] = ()
    """One for each line of the talk that was come to."""
    calls: tuple[ToolCall, ...] = ()
    """All tools that were run, in order."""
    backend: Mapping[str, Changes] = field(default_factory=dict)
    """By FILE.TABLE; what is not there is as it was."""
    disposition: str = ""
    outcome: Row | None = None
    """The call's row; None where no row is kept."""
    dispositions: Mapping[str, int] = field(default_factory=dict)
    """Of all calls of the scenario."""
    sip: Sip | None = None
    sipp: SippResult | None = None
    problem: str = ""
    """Why it could not be run to its end."""

    @property
    def latencies_ms(self) -> list[float]:
        """Of all answers that were measured."""
        return [reply.latency_ms for reply in self.replies if reply.latency_ms is not None]

    def as_json(self) -> Row:
        """Plain values."""
        return asdict(self)


def with_problem(evidence: Evidence, problem: str) -> Evidence:
    """The same, and it went no further."""
    return replace(evidence, problem=problem)
