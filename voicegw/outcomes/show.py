"""A call for the terminal: who said what, and where the time of each turn went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from voicegw.outcomes.action import AT_WORK, CHANGED, DUE, REPEAT, UNCHANGED, UNSURE, ActionRow
from voicegw.outcomes.record import Event, SlotFilled, ToolAnswered, TransferTried, TurnTaken, Waterfall
from voicegw.outcomes.rows import CallRow

BAR_WIDTH = 44
DISPOSITION_STYLES = {
    "completed": "bold green",
    "handed_over": "bold cyan",
    "abandoned": "bold yellow",
    "refused": "bold yellow",
    "failed": "bold red",
}


@dataclass(frozen=True)
class Stage:
    """A part of the wait between the caller's last word and the agent's first."""

    name: str
    reached: str
    """The mark of ``Waterfall`` at its end."""
    style: str


STAGES = (
    Stage("pause", "pause_noticed", "grey58"),
    Stage("transcript", "transcript_ready", "cyan"),
    Stage("turn", "turn_decided", "blue"),
    Stage("decision", "decision_made", "magenta"),
    Stage("speech", "first_audio", "yellow"),
    Stage("packet", "first_packet", "green"),
)


def stages_of(waterfall: Waterfall) -> list[tuple[Stage, float]]:
    """Stages that were reached and what each cost, in ms; the time of one that was not told is in the next one's.

    A stage that was over before the one ahead of it (what speculation buys) cost nothing.
    """
    at = waterfall.last_voice
    costs: list[tuple[Stage, float]] = []
    for stage in STAGES:
        reached = getattr(waterfall, stage.reached)
        if reached is None:
            continue
        if at is not None:
            costs.append((stage, max(0.0, reached - at)))
        at = reached if at is None else max(at, reached)
    return costs


ACTION_STATES = {
    UNSURE: ("nobody knows whether it was done: look in the system it was for, and tell the caller", "bold red"),
    AT_WORK: ("not finished", "yellow"),
    CHANGED: ("done", "green"),
    UNCHANGED: ("not done, nothing was changed", ""),
    REPEAT: ("asked for before: what came of that stands", "dim"),
}
"""How each state of an action is told, those first that a person must look at."""


def render_call(
    call: CallRow, turns: Sequence[TurnTaken], events: Sequence[Event] = (), actions: Sequence[ActionRow] = ()
) -> RenderableType:
    """A call, its turns, what else happened, and what was done for the caller. Shows personal data."""
    longest = max((sum(cost for _, cost in stages_of(turn.waterfall)) for turn in turns), default=0.0)
    parts: list[RenderableType] = [_heading(call), Text()]
    for turn in turns:
        parts += [_turn(turn, longest), Text()]
    if events:
        parts += [_events(call, events), Text()]
    if actions:
        parts += [_actions(actions), Text()]
    return Group(*parts, _facts(call), _legend())


def _actions(actions: Sequence[ActionRow]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", justify="right", width=8)
    table.add_column(ratio=1, overflow="fold")
    order = list(ACTION_STATES)
    for action in sorted(actions, key=lambda action: order.index(action.state)):
        words, style = ACTION_STATES[action.state]
        told = Text(f"{action.tool}: ").append(words, style)
        if action.status:
            told.append(f" ({action.status})", "dim")
        facts = [action.arguments_told, f"key {action.key}"]
        if action.notice is not None:
            facts.append("message promised" if action.notice_status == DUE else f"message {action.notice_status}")
        table.add_row("action", told)
        table.add_row("", Text(" · ".join(facts), "dim"))
    return table


def _events(call: CallRow, events: Sequence[Event]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", justify="right", width=8)
    for event in events:
        table.add_row(f"{event.at - call.began_at:.1f} s", Text(_told(event)))
    return table


def _told(event: Event) -> str:
    match event:
        case SlotFilled(slot=slot, value=value):
            return f"{slot} = {value}"
        case ToolAnswered():
            return f"{event.tool} ({event.effect}): {event.status}, {event.took_ms:.0f} ms"
        case TransferTried():
            outcome = f"failed with {event.sip_status}" if event.sip_status else "tried"
            return f"transfer {event.number} to {event.target}, {event.reason}: {outcome}"


def _heading(call: CallRow) -> RenderableType:
    title = Text.assemble(("call ", "bold"), (call.call_id, "bold"), "  ")
    title.append(call.disposition or "still up", DISPOSITION_STYLES.get(call.disposition or "", "bold"))
    began = datetime.fromtimestamp(call.began_at).astimezone()
    who = Text(f"{call.caller or 'unknown'} → {call.callee or 'unknown'}")
    if call.dialplan:
        who.append(f"   {call.dialplan}" + (f" v{call.version}" if call.version else ""))
    return Group(Rule(title, align="left"), who, Text(f"{began:%Y-%m-%d %H:%M:%S}{_course(call)}", "dim"))


def _course(call: CallRow) -> str:
    parts = []
    if call.setup_ms is not None:
        parts.append(f"answered in {call.setup_ms:.0f} ms")
    if call.codec:
        parts.append(call.codec)
    if call.talk_s is not None:
        parts.append(f"{call.talk_s:.1f} s")
    if call.ended_by:
        reason = f" {call.reason}" if call.reason else ""
        status = f" {call.sip_status}" if call.sip_status else ""
        parts.append(f"ended by {call.ended_by}:{status}{reason}")
    return "".join(f" · {part}" for part in parts)


def _turn(turn: TurnTaken, longest: float) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", justify="right", width=6)
    table.add_column(ratio=1, overflow="fold")
    if turn.caller_text or turn.decided_by != "greeting":
        table.add_row("caller", Text(turn.caller_text or _nothing_said(turn), "" if turn.caller_text else "dim"))
    said = Text(turn.agent_text, "bold") if turn.agent_text else Text("(nothing was heard)", "dim")
    if turn.interrupted:
        said.append(" — interrupted", "yellow")
    table.add_row("agent", said)
    bar = _bar(turn.waterfall, longest)
    if bar is not None:
        table.add_row("", bar)
    table.add_row("", Text(" · ".join(_remarks(turn)), "dim"))
    return table


def _nothing_said(turn: TurnTaken) -> str:
    return "(keys)" if turn.decided_by == "keypad" else "(silence)"


def _remarks(turn: TurnTaken) -> list[str]:
    place = ".".join(part for part in (turn.task, turn.question) if part)
    remarks = [place] if place else []
    remarks.append(f"by {turn.decided_by}")
    if turn.confidence is not None:
        remarks.append(f"heard with {turn.confidence:.0%}")
    if turn.speculated:
        remarks.append("prepared ahead")
    if turn.cached:
        remarks.append("speech from cache")
    return remarks


def _bar(waterfall: Waterfall, longest: float) -> RenderableType | None:
    costs = stages_of(waterfall)
    if not costs or longest <= 0:
        return None
    bar = Text()
    for (stage, _), cells in zip(costs, _cells(costs, longest), strict=True):
        bar.append("█" * cells, stage.style)
    total = waterfall.wait_ms
    if total is not None:
        bar.append(f" {total:.0f} ms", "bold")
    bar.append("\n" + " · ".join(f"{stage.name} {cost:.0f}" for stage, cost in costs), "dim")
    return bar


def _cells(costs: Sequence[tuple[Stage, float]], longest: float) -> list[int]:
    """Width of each stage: rounded at the borders, so that the widths add up to that of the whole."""
    borders, at = [0], 0.0
    for _, cost in costs:
        at += cost
        borders.append(round(at / longest * BAR_WIDTH))
    return [right - left for left, right in pairwise(borders)]


def _facts(call: CallRow) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", justify="right", width=6)
    table.add_column()
    if call.task:
        table.add_row("task", Text(call.task))
    if call.slots:
        table.add_row("slots", Text(", ".join(f"{name} = {value}" for name, value in call.slots.items())))
    media = _media(call)
    if media:
        table.add_row("media", Text(media))
    if call.worker_losses:
        hung = sum(hung for _, hung in call.worker_losses)
        lost = f"{call.workers_lost} worker{'' if call.workers_lost == 1 else 's'}, of which {hung} hung"
        table.add_row("lost", Text(lost, "red"))
    return table


def _media(call: CallRow) -> str:
    parts = []
    if call.rtp_sent is not None:
        parts.append(f"{call.rtp_sent:,} packets sent")
    if call.rtp_received is not None:
        parts.append(f"{call.rtp_received:,} received")
    if call.rtp_lost is not None:
        expected = (call.rtp_received or 0) + call.rtp_lost
        share = f" ({call.rtp_lost / expected:.1%})" if expected else ""
        parts.append(f"{call.rtp_lost:,} lost{share}")
    if call.jitter_ms is not None:
        parts.append(f"jitter {call.jitter_ms:.1f} ms")
    if call.late_frames is not None:
        parts.append(f"{call.late_frames:,} frames late")
    return ", ".join(parts)


def _legend() -> Text:
    legend = Text("       ")
    for stage in STAGES:
        legend.append(" █ ", stage.style)
        legend.append(stage.name, "dim")
    return legend
