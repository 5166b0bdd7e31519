"""A scenario: what a caller does, and what must hold, however it is run.

It is a conversation as dialplans have under ``tests:``, with a voice, a line and a service around it; or a SIPp
scenario in place of the conversation.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from voicegw.dialplan.conversations import Line, Results
from voicegw.documents.part import Part, Sentences, one_or_more

Runner = Literal["text", "audio", "sip"]
RUNNERS: tuple[Runner, ...] = ("text", "audio", "sip")
ACTS = ("caller", "wav", "keys", "silence", "hang_up")
NO_INPUT_S = 7.5
"""Longer than a dialplan waits for a caller (6 s unless it says otherwise)."""


def _one_act(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    acts = [act for act in ACTS if act in value]
    if len(acts) != 1 and acts != ["caller", "wav"]:
        hint = "write one of `caller: …`, `wav: …`, `keys: …`, `silence: …` or `hang_up: true`"
        raise PydanticCustomError("one_act", "a line is one thing that the caller does", {"hint": hint})
    return value


class ScenarioLine(Line):
    """One thing that the caller does, and what must come of it.

    Example::

        caller: no wait, the other one
        over_ms: 900
        stops_within_ms: 400
        agent: Which order
    """

    for_s: float = Field(NO_INPUT_S, gt=0, description="How long a `silence` lasts.")
    wav: str = Field("", description="A recording in this folder; `caller` beside it says what is in it.")
    hang_up: bool = Field(False, description="The caller hangs up when the agent has finished.")
    voice: str = Field("", description="Another voice than the caller's.")
    over_ms: float | None = Field(None, ge=0, description="Speak over the agent, so long after it began.")
    aside: bool = Field(False, description="Not for the agent (mhm, [cough]): who should go on.")
    noise: str = Field("", description="Noise from here on, with its SNR in dB: babble:10; `none` ends it.")
    means: Sentences = Field((), description="What the reply must mean, in any words.")
    within_ms: float | None = Field(None, gt=0, description="Most from the caller's last sound to the agent's first.")
    stops_within_ms: float | None = Field(None, gt=0, description="Most from the caller's first sound to silence.")


class CallerSettings(Part):
    """Who calls, and from where.

    Example::

        voice: espeak:en-gb-scotland+f3@1.2
        noise: babble:10
        loss_percent: 3
    """

    number: str = Field("voicegw", pattern=r"^[\w+.-]+$", description="The caller's own number.")
    voice: str = Field("joe", description="joe, joe@1.3^2 (speed, semitones), espeak:en-gb+f2, …")
    noise: str = Field("", pattern=r"^((white|babble|music)(:-?\d+)?)?$", description="babble:10: kind and SNR in dB.")
    echo: str = Field("", pattern=r"^(\d+:\d+)?$", description="A speakerphone: delay in ms and loss in dB, 200:12.")
    loss_percent: int = Field(0, ge=0, le=50, description="RTP packets of the caller that are lost.")
    codec: Literal["", "PCMU", "PCMA", "G722"] = Field("", description="The only one offered; empty: all.")


class Goal(Part):
    """A caller who decides by a language model what to say, and what is true of that caller.

    Example::

        wants: your money back for an order
        openings: I'd like my money back, please.
        facts: {order number: "1 2 3 4"}
        persona: You are in a hurry.
    """

    wants: str = Field(description="What the caller is after; follows “You want”.")
    openings: Sentences = Field(min_length=1, description="How the caller may say so.")
    facts: dict[str, str] = Field(default_factory=dict, description="All that the caller can tell, as it is said.")
    persona: str = Field("", description="What the caller is like, in a sentence.")
    most_turns: int = Field(10, ge=1, le=40, description="After so many the caller hangs up.")


class Media(Part):
    """A PCAP that is made for a SIPp scenario: speech, or keys as RFC 4733 events."""

    say: str = Field("", description="What is said; [700] is a pause of 700 ms.")
    keys: str = Field("", pattern=r"^[0-9*#A-D]*$", description="Keys that are pressed.")
    voice: str = Field("joe", description="See the caller's voice.")
    lost_percent: int = Field(0, ge=0, le=90, description="Packets left out.")
    late_ms: int = Field(0, ge=0, le=2000, description="Every tenth packet comes so much later.")


class Sipp(Part):
    """A SIPp scenario.

    Example::

        file: uac.xml
        media:
          question.pcap: {say: where is order 4 5 6 7}
    """

    file: str = Field(description="The XML, in this folder.")
    csv: str = Field("", description="Values for its fields, in this folder (SIPp's -inf).")
    calls: int = Field(1, ge=1, le=1000, description="How many calls.")
    at_once: int = Field(1, ge=1, le=100, description="How many at a time.")
    rate: float = Field(5.0, gt=0, description="New calls per second.")
    timeout_s: float = Field(30.0, gt=0, description="SIPp has finished by then.")
    media: dict[str, Media] = Field(default_factory=dict, description="PCAPs to make beforehand, by name.")
    failed: int = Field(0, ge=0, description="How many calls must fail, in SIPp's own eyes.")


class SipHolds(Part):
    """How the call must go on the wire."""

    status: int | None = Field(None, description="Of the final answer: 200, 404, 503, …")
    ended_by: Literal["", "caller", "agent", "network"] = Field("", description="Who said goodbye.")
    codec: str = Field("", description="What was agreed on.")
    setup_within_ms: float | None = Field(None, gt=0, description="INVITE to 200 OK.")
    greeting_within_ms: float | None = Field(None, gt=0, description="200 OK to the agent's first sound.")


class Change(Part):
    """Rows of a table that must have come, gone, or changed; columns not named are not looked at."""

    added: tuple[dict[str, Any], ...] = ()
    removed: tuple[dict[str, Any], ...] = ()
    changed: tuple[dict[str, Any], ...] = Field((), description="As they are afterwards.")


class OutcomeHolds(Part):
    """What must be in the call's row."""

    disposition: Literal["", "completed", "handed_over", "abandoned", "refused", "failed"] = ""
    task: str = ""
    slots: dict[str, Any] = Field(default_factory=dict)
    ended_by: Literal["", "caller", "agent", "network"] = ""
    least_turns: int = Field(0, ge=0)


class Holds(Part):
    """What must hold of the whole call.

    Example::

        calls: {orders_db.refund: 1}
        backend:
          orders.order_refunds: {added: [{order_id: "1234"}]}
        outcome: {disposition: completed, task: refund}
    """

    sip: SipHolds = SipHolds()
    greeting: Sentences = Field((), description="What must be in the agent's first words.")
    said: Sentences = Field((), description="What the agent must say at some time; `/…/` is a regular expression.")
    never: Sentences = Field((), description="What it must not say at all.")
    calls: dict[str, int] | None = Field(None, description="How often each tool must run; no other may write.")
    backend: dict[str, Change] | None = Field(
        None, description="FILE.TABLE of the integrations' SQLite files; what is not named must be as it was."
    )
    outcome: OutcomeHolds = OutcomeHolds()
    dispositions: dict[str, int] = Field(default_factory=dict, description="How many calls must have ended so.")
    slowest_ms: float | None = Field(None, gt=0, description="No answer may take longer (audio and sip).")
    median_ms: float | None = Field(None, gt=0, description="Half of the answers take no longer (audio and sip).")
    talked_over_ms: float | None = Field(None, ge=0, description="Most that both may speak at once, in a turn.")
    cut_offs: int | None = Field(None, ge=0, description="Most lines in which the agent began before their end.")
    holes: int | None = Field(None, ge=0, description="Most holes in the agent's speech.")


Talk = tuple[Annotated[ScenarioLine, BeforeValidator(_one_act)], ...]


class Scenario(Part):
    """One scenario.

    Example::

        name: an order is asked for by number
        talk:
          - caller: where is my order 4 5 6 7?
            agent: /should arrive/
            calls: {orders_db.order_status: {order_id: "4567"}}
        holds:
          backend: {}
    """

    name: str = Field(description="What it shows, in a few words.")
    about: str = Field("", description="Why it matters; for who reads the report.")
    tags: Annotated[tuple[str, ...], BeforeValidator(one_or_more)] = Field((), description="To choose by.")
    runners: Annotated[tuple[Runner, ...], BeforeValidator(one_or_more)] = Field(
        RUNNERS, description="Where it can run; SIPp scenarios only over sip."
    )
    number: str = Field("5000", description="The number that is called.")
    at: datetime | None = Field(None, description="Local time of the call, by text; elsewhere it is now.")
    caller: CallerSettings = CallerSettings()
    tools: dict[str, Results] = Field(
        default_factory=dict,
        description="What tools answer in place of the real ones. `failed` and `too_slow` are faults; "
        "`{status: real, after_s: 2}` is the real tool, late.",
    )
    settings: dict[str, Any] = Field(default_factory=dict, description="Settings of the service, nested.")
    talk: Talk = ()
    sipp: Sipp | None = None
    goal: Goal | None = Field(None, description="In place of `talk`: for `voicegw qa simulate`.")
    holds: Holds = Holds()

    def runs_by(self, runner: Runner) -> bool:
        """Can it be run so?"""
        if self.goal:
            return False
        return runner == "sip" if self.sipp else runner in self.runners
