"""Asks a person to take a caller: who it is, what for, and whether they want to. A state machine without I/O."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from voicegw.call.commands import Command, Hangup, Listen, Say, StopSpeaking, Transfer
from voicegw.call.dialog import Decision
from voicegw.call.events import (
    CallBegan,
    CallerHungUp,
    DigitPressed,
    Event,
    SilenceLasted,
    TranscriptFinal,
)
from voicegw.call.patience import PATIENCE
from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.speaking import speak
from voicegw.dialplan.templates import Reference
from voicegw.nlu.expecting import Expecting

TAKE_KEY, LEAVE_KEY = "1", "2"
MOST_ASKS = 3
"""A person who has not answered by then is a machine, or has put the phone down."""
ANSWER_S = 5.0

ReadYesNo = Callable[[str], bool | None]
"""The yes or no in a person's words."""


@dataclass(frozen=True)
class Words:
    """What is said to a person."""

    brief: str
    ask: str
    thanks: str
    declined: str


def words_of(plan: Dialplan, *, caller: str, title: str, reason: str) -> Words:
    """In the dialplan's wordings.

    :param caller: the caller's number; without digits, it is not said.
    :param title: what the caller came for; may be empty.
    :param reason: why a person is wanted.
    """

    def said(phrase: str, **values: object) -> str:
        def value(reference: Reference) -> str:
            return speak(reference.format or "plain", values.get(reference.name), date.min, plan.language)

        return plan.wordings(phrase)[0].render(value)

    known = any(character.isdigit() for character in caller)
    who = (
        said("brief_who", caller=speak("phone", caller, date.min, plan.language))
        if known
        else said("brief_who_unknown")
    )
    about = said("brief_about", title=title) if title else ""
    brief = " ".join(filter(None, (who, about, said("brief_why", reason=reason))))
    return Words(brief, said("brief_ask"), said("brief_thanks"), said("brief_declined"))


class Briefing:
    """The talk with one person. Taking the caller is the command ``Transfer``; anything else ends in ``Hangup``."""

    def __init__(self, words: Words, read_yes_no: ReadYesNo) -> None:
        self.taken = False
        self.declined = False
        self._words = words
        self._read_yes_no = read_yes_no
        self._asks = 0
        self._ended = ""

    def on(self, event: Event, now: float) -> list[Command]:
        """What is to be done about an event."""
        if self._ended:
            return []
        match event:
            case CallBegan():
                # A person answers with words, which must not cut the briefing short.
                return [Say(self._words.brief, interruptible="keys"), *self._ask()]
            case DigitPressed(digit=digit):
                return [StopSpeaking(), *self._answered({TAKE_KEY: True, LEAVE_KEY: False}.get(digit))]
            case TranscriptFinal(text=text):
                return self._answered(self._read_yes_no(text))
            case SilenceLasted():
                return self._answered(None)
            case CallerHungUp():
                self._ended = "gone"
        return []

    def copy(self) -> Self:
        """Independent of this one."""
        return copy(self)

    def state(self) -> dict[str, Any]:
        """Nothing: a briefing does not outlive its worker."""
        return {}

    @property
    def task(self) -> str:
        """What is being done."""
        return "briefing"

    @property
    def question(self) -> str:
        """What was asked last."""
        return "take_call"

    @property
    def decision(self) -> Decision | None:
        """Nobody asks."""
        return None

    @property
    def missed(self) -> bool:
        """Nobody counts that here."""
        return False

    @property
    def disposition(self) -> str:
        """How it ended."""
        return self._ended or "gone"

    @property
    def tried(self) -> tuple[str, ...]:
        """Nothing."""
        return ()

    def masked_lines(self) -> list[tuple[str, str]]:
        """None: it is the caller's conversation that is kept."""
        return []

    def masked(self, text: str) -> str:
        """Nothing in it is hidden: it is not kept."""
        return text

    def spoken_slots(self) -> dict[str, str]:
        """None."""
        return {}

    def _answered(self, yes: bool | None) -> list[Command]:
        if yes:
            self.taken = True
            self._ended = "taken"
            return [Say(self._words.thanks, interruptible="no", repeats=True), Transfer("")]
        if yes is False:
            self.declined = True
        if yes is False or self._asks >= MOST_ASKS:
            self._ended = "declined" if self.declined else "unanswered"
            return [Say(self._words.declined, repeats=True), Hangup(self._ended)]
        return self._ask()

    def _ask(self) -> list[Command]:
        self._asks += 1
        say = Say(self._words.ask, repeats=True)
        return [say, Listen(Expecting("yes_no", "take_call"), "take_call", PATIENCE["brisk"], no_input_s=ANSWER_S)]
