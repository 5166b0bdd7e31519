"""What came of a call, as a value: for people, for programs, for benches."""

from dataclasses import dataclass, replace
from typing import Any

from rich.table import Table

from voicegw.qa.faults import Soundness, soundness
from voicegw.qa.ruler import Turn, greeting_ms, measure
from voicegw.qa.spans import milliseconds, voiced_spans
from voicegw.qa.tape import Tape, at

WHAT_TO_DO = {
    400: "the address cannot be dialled: write sip:NUMBER@HOST:PORT",
    401: "the other side wants a login: call voicegw directly, or put an edge between",
    403: "the other side does not let this address call: look at its access list",
    404: "no dialplan answers this number: see the numbers that `voicegw serve` shows when it starts",
    407: "the other side wants a login: call voicegw directly, or put an edge between",
    408: "nothing answers there: is `voicegw serve` running, and is this its host and port?",
    480: "nobody is there now: try again later",
    486: "busy: try again later",
    488: "no codec in common: try without --codec",
    502: "nothing answers there: is `voicegw serve` running, and is this its host and port?",
    503: "no free worker, or nothing listens there: try again, raise workers.most, or check host and port",
    603: "the call was declined",
}


@dataclass(frozen=True)
class SipFacts:
    """How the call went on the wire."""

    answered: bool = False
    codec: str = ""
    setup_ms: float | None = None
    """INVITE to 200 OK."""
    sip_status: int = 0
    """Of the answer that ended it; 0 when there was none."""
    reason: str = ""
    ended_by: str = ""
    """``us``, ``agent``, ``network``, or ``timeout``: the call was not over within the time given."""
    media: dict[str, float] | None = None
    """Measurements of our end: ``rtp_sent``, ``rtp_received``, ``rtp_lost``, ``jitter_ms``, …"""


@dataclass(frozen=True)
class CallReport:
    """A call, measured."""

    uri: str
    sip: SipFacts
    tape: Tape
    turns: tuple[Turn, ...] = ()
    greeting_ms: float | None = None
    """200 OK to the first voiced sample."""
    sound: Soundness | None = None
    """Of what was received; None without audio."""
    greeting: str = ""
    """The agent's words before the caller's first, if they were transcribed."""
    answers: tuple[str, ...] = ()
    """The agent's words after each line, if they were transcribed."""

    @property
    def ok(self) -> bool:
        """It was answered, and one of both sides said goodbye."""
        return self.sip.answered and self.sip.ended_by in ("us", "agent")

    @property
    def problem(self) -> str:
        """What went wrong and what to do; empty if nothing did."""
        if self.ok:
            return ""
        if self.sip.ended_by == "timeout":
            what = "did not end" if self.sip.answered else "was not answered"
            return f"the call {what} in time: raise --timeout, or look into the service's log"
        if self.sip.answered:
            return f"the call broke off: {self.sip.reason or self.sip.sip_status}: see the service's log"
        advice = WHAT_TO_DO.get(self.sip.sip_status, "see the service's log")
        return f"{self.sip.sip_status} {self.sip.reason}".strip() + f": {advice}"

    def as_json(self) -> dict[str, Any]:
        """Without the audio."""
        sip = self.sip
        return {
            "uri": self.uri,
            "ok": self.ok,
            "problem": self.problem,
            "answered": sip.answered,
            "codec": sip.codec,
            "setup_ms": sip.setup_ms,
            "greeting_ms": _rounded(self.greeting_ms),
            "sip_status": sip.sip_status,
            "ended_by": sip.ended_by,
            "reason": sip.reason,
            "duration_s": round(self.tape.duration_s, 2),
            "greeting": self.greeting,
            "turns": [_turn_json(turn, self._answer(number)) for number, turn in enumerate(self.turns)],
            "sound": _sound_json(self.sound),
            "media": sip.media or {},
            "stutters": self.tape.stutters,
            "missing_frames": self.tape.missing_frames,
        }

    def as_table(self) -> Table:
        """For people: who said what, and how long it took."""
        table = Table(title=f"{self.uri}  {self.sip.codec}  {self.tape.duration_s:.1f} s")
        for name in ("caller", "agent", "answered after", "stopped after", "remarks"):
            table.add_column(name, justify="right" if "after" in name else "left")
        table.add_row("[dim](200 OK)[/]", self.greeting, _ms(self.greeting_ms))
        for number, turn in enumerate(self.turns):
            said = turn.line.text or f"[dim]({turn.line.intent})[/]"
            table.add_row(said, self._answer(number), _ms(turn.latency_ms), _ms(turn.stop_ms), remarks(turn))
        return table

    def _answer(self, number: int) -> str:
        return self.answers[number] if number < len(self.answers) else ""


def report(uri: str, sip: SipFacts, tape: Tape) -> CallReport:
    """Measure a call."""
    if not len(tape.received):
        return CallReport(uri, sip, tape)
    answered = at(tape, sip.setup_ms or 0.0)
    first_ms = greeting_ms(tape.received)
    return CallReport(
        uri,
        replace(sip, setup_ms=_rounded(sip.setup_ms)),
        tape,
        measure(tape.voice, tape.received, tape.lines),
        None if first_ms is None else first_ms - milliseconds(answered),
        soundness(tape.received, voiced_spans(tape.sent)),
    )


def remarks(turn: Turn) -> str:
    """What there is to say about a turn."""
    parts = {
        "cut off": turn.cut_off,
        "never went on": turn.silenced,
        "spoke unasked": turn.began_alone,
        f"talked over for {turn.talked_over_ms:.0f} ms": turn.talked_over_ms > 0,
        f"paused for {turn.pause_ms or 0:.0f} ms": bool(turn.pause_ms),
    }
    return ", ".join(text for text, applies in parts.items() if applies)


def _turn_json(turn: Turn, answer: str) -> dict[str, Any]:
    voice = turn.voice
    return {
        "text": turn.line.text,
        "intent": turn.line.intent.value,
        "label": turn.line.label,
        "answer": answer,
        "began_ms": _rounded(milliseconds(voice.begin)) if voice else None,
        "ended_ms": _rounded(milliseconds(voice.end)) if voice else None,
        "latency_ms": _rounded(turn.latency_ms),
        "stop_ms": _rounded(turn.stop_ms),
        "pause_ms": _rounded(turn.pause_ms),
        "resumed_ms": _rounded(turn.resumed_ms),
        "silenced": turn.silenced,
        "cut_off": turn.cut_off,
        "talked_over_ms": _rounded(turn.talked_over_ms),
        "began_alone": turn.began_alone,
    }


def _sound_json(sound: Soundness | None) -> dict[str, Any] | None:
    if sound is None:
        return None
    holes = [{"at_ms": _rounded(milliseconds(hole.begin)), "ms": _rounded(hole.length_ms)} for hole in sound.holes]
    return {"speech_dbfs": sound.speech_dbfs, "clipped_runs": sound.clipped_runs, "holes": holes}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.0f} ms"
