"""What was seen of a call with sound: the caller's own measurements, beside what the service has stored."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from voicegw.outcomes.record import TurnTaken
from voicegw.outcomes.rows import CallRow, CallStory
from voicegw.qa.call_report import CallReport
from voicegw.qa.ruler import Turn
from voicegw.qa.scenarios.evidence import Evidence, Reply, Sip, ToolCall
from voicegw.qa.scenarios.model import Scenario, ScenarioLine
from voicegw.qa.spans import milliseconds

SLACK_MS = 120.0
"""Clocks of both ends, and what is voice to one of them."""
PERSON = {"handed_over": "person"}
WHO = {"us": "caller", "agent": "agent", "network": "network", "timeout": "network"}


def evidence(
    scenario: Scenario, report: CallReport, stories: Sequence[CallStory], calls: Sequence[ToolCall]
) -> Evidence:
    """Of one spoken call."""
    story = stories[0] if stories else None
    replies = _replies(scenario, report, story, calls) if report.sip.answered else ()
    row = story.call if story else None
    return Evidence(
        _greeting(story),
        replies,
        tuple(calls),
        disposition=(row.disposition or "") if row else "",
        outcome=asdict(row) if row else None,
        dispositions=Counter(story.call.disposition or "" for story in stories),
        sip=_sip(report, row),
        problem="" if report.sip.answered and report.ok else _problem(scenario, report),
    )


def _problem(scenario: Scenario, report: CallReport) -> str:
    """A call that must be refused is none."""
    wanted = scenario.holds.sip.status
    return "" if wanted and wanted >= 300 and not report.sip.answered else report.problem


def _sip(report: CallReport, row: CallRow | None) -> Sip:
    sip = report.sip
    lost = None
    if row and row.rtp_lost is not None and row.rtp_received:
        lost = round(100 * row.rtp_lost / (row.rtp_lost + row.rtp_received), 2)
    status = 200 if sip.answered else sip.sip_status
    holes = len(report.sound.holes) if report.sound else 0
    return Sip(status, WHO.get(sip.ended_by, ""), sip.codec, sip.setup_ms, report.greeting_ms, holes, lost)


def _greeting(story: CallStory | None) -> str:
    return next((turn.agent_text for turn in story.turns if turn.decided_by == "greeting"), "") if story else ""


# --- lines and what came of them ----------------------------------------------------------------------------


def _replies(
    scenario: Scenario, report: CallReport, story: CallStory | None, calls: Sequence[ToolCall]
) -> tuple[Reply, ...]:
    """One for each line that was come to."""
    taken = [turn for turn in story.turns if turn.decided_by != "greeting"] if story else []
    measured = {turn.line.label: number for number, turn in enumerate(report.turns)}
    begins = _begins(scenario.talk, report, measured, taken)
    began_at = story.call.began_at if story else 0.0
    replies: list[Reply] = []
    for index in range(len(begins)):
        begin, end = begins[index], begins[index + 1] if index + 1 < len(begins) else float("inf")
        own = [turn for turn in taken if begin <= _moment(turn) + SLACK_MS < end]
        run = [call for call in calls if begin <= (call.at - began_at) * 1000 + SLACK_MS < end]
        number = measured.get(str(index))
        last = index == len(begins) - 1
        replies.append(
            _reply(
                own,
                run,
                report.turns[number] if number is not None else None,
                report.answers[number] if number is not None and number < len(report.answers) else "",
                _ended(story.call) if last and story else "",
            )
        )
    return tuple(replies)


def _begins(
    talk: Sequence[ScenarioLine], report: CallReport, measured: dict[str, int], taken: Sequence[TurnTaken]
) -> list[float]:
    """When each line began, in milliseconds since the INVITE; lines that were not come to are not there."""
    begins: list[float] = []
    for index, line in enumerate(talk):
        number = measured.get(str(index))
        since = begins[-1] if begins else 0.0
        if number is not None:
            begins.append(report.tape.began_ms + milliseconds(report.turns[number].line.span.begin))
        elif line.keys and (first := _first_key(taken, since)) is not None:
            begins.append(first)
        elif line.hang_up and report.sip.ended_by == "us":
            begins.append(report.tape.began_ms + report.tape.duration_s * 1000)
        else:
            break
    return begins


def _first_key(taken: Sequence[TurnTaken], since_ms: float) -> float | None:
    return next((_moment(turn) for turn in taken if turn.decided_by == "keypad" and _moment(turn) > since_ms), None)


def _moment(turn: TurnTaken) -> float:
    """When the caller had finished, in milliseconds since the INVITE."""
    waterfall = turn.waterfall
    return waterfall.last_voice or waterfall.turn_decided or 0.0


def _ended(row: CallRow) -> str:
    """How the agent's part ended; empty if it was the caller who ended it."""
    if row.ended_by != "agent":
        return ""
    return PERSON.get(row.disposition or "", row.disposition or "")


def _reply(
    taken: Sequence[TurnTaken], calls: Sequence[ToolCall], measured: Turn | None, heard: str, ended: str
) -> Reply:
    answer = next((turn for turn in reversed(taken) if turn.waterfall.first_packet is not None), None)
    return Reply(
        " ".join(turn.agent_text for turn in taken if turn.agent_text),
        " ".join(turn.caller_text for turn in taken if turn.caller_text),
        heard,
        tuple(calls),
        None,
        taken[-1].task if taken else "",
        ended,
        taken[-1].decided_by if taken else "",
        milliseconds(measured.voice.begin) / 1000 if measured and measured.voice else None,
        measured.latency_ms if measured else None,
        measured.stop_ms if measured else None,
        measured.silenced if measured else False,
        measured.cut_off if measured else False,
        measured.talked_over_ms if measured else 0.0,
        answer.waterfall if answer else None,
    )
