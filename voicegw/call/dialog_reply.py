"""What is being answered to one event: words and commands gather here."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from voicegw.call import dialog_menu
from voicegw.call.commands import ActionRequest, Command, Hangup, Listen, Say, StartAction
from voicegw.call.dialog_slots import expecting, slot_of
from voicegw.call.dialog_state import Question, State
from voicegw.call.patience import patience_of
from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.speaking import finished, speak
from voicegw.dialplan.steps import Step
from voicegw.dialplan.templates import Reference, Template
from voicegw.dialplan.uses import used

HOLD_S = 120.0
"""How long "hold on a second" keeps the timers at rest, unless the caller is back before: not for ever, since some
who say so lay the phone down and forget it."""

LONG_ANSWERS = ("text", "address", "email")
"""Types whose answers have pauses in them."""


class Reply:
    """The reply to one event. Changes ``state``; ``commands`` are what is to be done."""

    def __init__(self, plan: Dialplan, state: State, today: date, now: float) -> None:
        self.plan = plan
        self.state = state
        self.today = today
        self.now = now
        self.commands: list[Command] = []
        self._no_input_s = plan.limits.no_input.after_s
        self._listens = True

    @property
    def over(self) -> bool:
        """Nothing more is to be said: the call ends, or goes to a person."""
        return bool(self.state.disposition) or self.state.transferring

    def say(
        self,
        wordings: Sequence[Template],
        values: Mapping[str, object] | None = None,
        *,
        interruptible: str = "voice",
        filler: bool = False,
    ) -> None:
        """Speak one of the wordings: the next one each time they are used."""
        template = self._next(wordings)
        text = self.render(template, values)
        if text:
            self.commands.append(Say(text, interruptible, filler, repeats=template.constant))

    def one_of(self, wordings: Sequence[Template]) -> str:
        """The words of the wording whose turn it is."""
        return self.render(self._next(wordings))

    def _next(self, wordings: Sequence[Template]) -> Template:
        return wordings[self.state.count(f"said {wordings[0].text}") % len(wordings)]

    def phrase(self, name: str, **values: object) -> None:
        """Speak an in-built phrase."""
        self.say(self.plan.wordings(name), values)

    def words(self, name: str) -> str:
        """An in-built phrase, to be part of a sentence."""
        return self.one_of(self.plan.wordings(name))

    def render(self, template: Template, values: Mapping[str, object] | None = None) -> str:
        """The words of a template, with values of the call and ``values`` in it."""
        known = {**self.state.known(), **(values or {})}
        text = template.render(lambda reference: self._speak(reference, known))
        return finished(text, self.plan.language)

    def _speak(self, reference: Reference, known: Mapping[str, object]) -> str:
        value = known.get(reference.name)
        if reference.format:
            return speak(reference.format, value, self.today, self.plan.language)
        return self.speak(reference.name, value)

    def speak(self, name: str, value: object) -> str:
        """A value, as its slot's type is spoken."""
        slot = self.plan.slots.get(name)
        if slot and slot.secure:
            return ""
        return speak(slot.speaks_as if slot else "plain", value, self.today, self.plan.language)

    def names_used(self, steps: Sequence[Step]) -> frozenset[str]:
        """Names that steps use, those of the tasks that they run too."""
        return used(self.plan, steps)

    def ask(
        self,
        kind: str,
        wordings: Sequence[Template],
        *,
        name: str = "",
        values: Mapping[str, object] | None = None,
    ) -> None:
        """Put a question: the next of its wordings is spoken, the others are for when it must be put again."""
        first = self.state.count(f"asked {wordings[0].text}") % len(wordings)
        ordered = (*wordings[first:], *wordings[:first])
        texts = tuple(self.render(template, values) for template in ordered)
        self.state.question = Question(kind, name, texts, constant=all(template.constant for template in ordered))
        self.ask_again()

    def ask_phrase(self, kind: str, phrase: str, *, name: str = "", **values: object) -> None:
        """Put a question that is an in-built phrase."""
        self.ask(kind, self.plan.wordings(phrase), name=name, values=values)

    def ask_again(self) -> None:
        """Put the open question again, in other words if there are any."""
        question = self.state.question
        if question and question.wordings:
            text = question.wordings[question.asked % len(question.wordings)]
            self.commands.append(Say(text, repeats=question.constant))
            self.state.question = replace(question, asked=question.asked + 1)
            if self.state.by_keys:
                self._say_keys(question)

    def unask(self) -> None:
        """The question that was put last need not be answered, nor spoken."""
        question, last = self.state.question, self.commands[-1] if self.commands else None
        if question and isinstance(last, Say) and last.text in question.wordings:
            self.commands.pop()
        self.state.question = None

    def _say_keys(self, question: Question) -> None:
        def words(name: str, **values: object) -> str:
            return self.render(self.plan.wordings(name)[0], values)

        hint = dialog_menu.hint(self.plan, question, slot_of(self.plan, question), words)
        if hint:
            self.commands.append(Say(hint))

    def hold_on(self) -> None:
        """The caller needs time: the next silence may be long."""
        self._no_input_s = HOLD_S

    def come_back(self) -> None:
        """After an aside: the open question again, or whether there is anything else."""
        question = self.state.question
        if question is None or question.kind in ("open", "more", "meant"):
            self.ask_phrase("more", "anything_else")
        else:
            self.ask_again()

    def restart(self, request: ActionRequest) -> None:
        """Ask for a tool again by the same id; what was done already is not done twice."""
        self.commands.append(StartAction(request))

    def quiet(self) -> None:
        """Nothing was said to the caller: who listens goes on listening."""
        self._listens = False

    def end_call(self, disposition: str) -> None:
        """Say goodbye and hang up."""
        self.phrase("goodbye")
        self.commands.append(Hangup(disposition))
        self.state.disposition = disposition
        self.state.question = None

    def finish(self) -> list[Command]:
        """The commands; it is the caller's turn if nothing else is awaited."""
        said = tuple(command.text for command in self.commands if isinstance(command, Say) and not command.filler)
        if said:
            self.state.said = said
        if self.state.speed != 1.0:
            self.commands = [_at_pace(command, self.state.speed) for command in self.commands]
        waits = self.over or self.state.pending or self.state.thought
        if self._listens and self.state.question and not waits:
            self.commands.append(self._listen(self.state.question))
        return self.commands

    def _listen(self, question: Question) -> Listen:
        slot = slot_of(self.plan, question)
        long_answer = slot is not None and question.kind == "slot" and slot.type in LONG_ANSWERS
        usual = "patient" if long_answer else self.plan.turns.patience
        patience = patience_of((slot.patience if slot else None) or usual)
        return Listen(expecting(self.plan, self.state), self.state.question_name, patience, no_input_s=self._no_input_s)


def _at_pace(command: Command, speed: float) -> Command:
    return replace(command, speed=speed) if isinstance(command, Say) else command
