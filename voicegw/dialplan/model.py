"""The dialplan: what the agent on a number is, may do, says and asks. One YAML file is one ``Dialplan``."""

from functools import cached_property
from itertools import chain
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from voicegw.dialplan import phrases as inbuilt
from voicegw.dialplan import talk
from voicegw.dialplan.conversations import Conversation
from voicegw.dialplan.hours import OpenHours
from voicegw.dialplan.part import Name, Part, Sentences, Wordings
from voicegw.dialplan.pauses import Patience
from voicegw.dialplan.slots import AnySlot, Choice
from voicegw.dialplan.steps import ADDRESS, Interruptible, Steps
from voicegw.dialplan.templates import Template


def _greeting(value: Any) -> Any:
    return {"say": value} if isinstance(value, str | list) else value


class Greeting(Part):
    """The first words.

    Example::

        notices: This call is recorded.
        say: Hi, this is Acme. How can I help?
    """

    say: Wordings = Field(description="Short: the caller waits for it. It ends in the question what they need.")
    notices: Wordings | None = Field(None, description="Said first and never cut short: consent to recording.")
    interruptible: Interruptible = Field("voice", description="What may cut the greeting short.")


Greeted = Annotated[Greeting, BeforeValidator(_greeting, json_schema_input_type=Greeting | str | list[str])]
"""A greeting, or just its words."""


class Task(Part):
    """Something callers come for, or a part of such a thing.

    Example::

        title: where an order is
        examples:
          - where is my order
          - has my parcel been sent
        steps:
          - ask: order_id
          - call: orders_db.order_status
            with: [order_id]
            results:
              found: It should arrive {arrives|day}.
              not_found: I can't find that order.
    """

    title: str = Field(description="What it is about, as the agent would say it: `where an order is`.")
    about: str = Field("", description="When it is the right task, for the language model.")
    examples: Sentences = Field(
        (), description="What callers say for it, at least five. Empty: only other tasks can run it."
    )
    urgent: bool = Field(
        False, description="Danger: begins at once, in the middle of anything, also if it is only likely to be meant."
    )
    steps: Steps = Field(min_length=1, description="What is done, in order.")
    then: Literal["anything_else", "listen", "goodbye"] = Field(
        "anything_else", description="Afterwards: ask if there is anything else, just listen, or end the call."
    )


class Answer(Part):
    """A question that callers ask, and its answer.

    Example::

        questions: [when are you open, what are your hours]
        answer: We're open Monday to Friday, nine to five.
    """

    questions: Sentences = Field(min_length=1, description="Ways to ask it.")
    answer: Wordings = Field(description="The answer, short enough to listen to.")


class Knowledge(Part):
    """What the agent can answer. It answers from here and from nothing else.

    Example::

        answers:
          returns:
            questions: [can I send it back, what is your return policy]
            answer: You can send anything back within thirty days.
        files: [faq.md]
        unknown: I'm afraid I don't know that.
    """

    answers: dict[Name, Answer] = Field(default_factory=dict, description="Answers by name.")
    files: Sentences = Field((), description="Markdown files beside this one: a heading is a question.")
    unknown: Wordings | None = Field(None, description="Said when it does not know. Empty: the phrase `unknown`.")


class Handoff(Part):
    """How a caller gets to a person. Every dialplan has it: there is always a way out.

    Example::

        to: sip:support@pbx.example
        say: One moment, I'll put you through.
        failed:
          - say: Nobody is free right now. Please call again after nine.
          - end: call
    """

    to: str = Field(pattern=f"^({ADDRESS})$", description="SIP address or number of a person.")
    say: Wordings = Field(description="Said before.")
    failed: Steps = Field(
        min_length=1,
        description="What happens if nobody takes the call. `handoff_failed` is why: `busy`, `no_answer`, `refused` or "
        "`unreachable`.",
    )
    mode: Literal["blind", "attended"] = Field(
        "blind",
        description="blind: the caller is sent there by REFER, and comes back if nobody answers; attended: the agent "
        "calls the person, says who it is and what for, and puts the caller through at a yes, or at key 1.",
    )
    ring_s: float = Field(25.0, ge=5, le=180, description="Seconds it may ring there before it counts as no answer.")
    examples: Sentences = Field((), description="More ways in which your callers ask for a person.")


class NoInput(Part):
    """When the caller says nothing.

    Example::

        after_s: 6
        say: [Are you still there?, Take your time. What can I do for you?]
        then:
          - say: I can't hear you. Please call again.
          - end: call
    """

    after_s: float = Field(6.0, ge=2, le=60, description="Seconds of silence.")
    say: Wordings = Field(description="One wording for each time, each different.")
    then: Steps = Field(min_length=1, description="The way out after the last of them.")


class NoMatch(Part):
    """When the caller was not understood.

    Example::

        say: [Sorry?, "Sorry, could you say that in other words?"]
        then:
          - transfer: was not understood
    """

    say: Wordings = Field(description="One wording for each time, each different.")
    then: Steps = Field(min_length=1, description="The way out after the last of them.")


class Limits(Part):
    """Where patience ends.

    Example::

        call_minutes: 15
        turns: 60
        no_input:
          say: [Are you still there?]
          then: [{say: "I can't hear you. Please call again."}, {end: call}]
        no_match:
          say: [Sorry?]
          then: [{transfer: was not understood}]
    """

    no_input: NoInput = Field(description="When the caller says nothing.")
    no_match: NoMatch = Field(description="When the caller was not understood.")
    call_minutes: float = Field(20.0, gt=0, le=240, description="After so long the caller is given to a person.")
    turns: int = Field(80, ge=3, le=500, description="After so many turns, too.")


class Turns(Part):
    """How turns are taken.

    Example::

        patience: patient
    """

    patience: Patience = Field(
        "normal",
        description="How long a pause ends the caller's turn, where a slot does not say otherwise: a name, or figures.",
    )


class Reasoning(Part):
    """What the language model may decide when the caller's words are not clear.

    Example::

        allowed: true
    """

    allowed: bool = Field(True, description="Ask it which task, answer or way out is meant.")


class Hours(OpenHours):
    """When the agent works; outside it says `closed`.

    Example::

        week: {monday: "09:00-17:00", tuesday: "09:00-12:00"}
        holidays: [2026-12-25]
        closed:
          - say: We're closed now. Please call again tomorrow from nine.
          - end: call
    """

    closed: Steps = Field(min_length=1, description="What callers hear when closed.")


class Privacy(Part):
    """What is kept of a call.

    Example::

        record: false
        retention_days: 30
    """

    record: bool = Field(False, description="Keep the audio.")
    retention_days: int = Field(90, ge=0, le=3650, description="Days until a call's words are deleted.")


class Dialplan(Part):
    """One agent.

    Example::

        name: acme
        numbers: ["5000"]
        greeting: Hi, this is Acme. How can I help?
        tasks: {}
        handoff:
          to: sip:support@pbx.example
          say: One moment.
          failed: [{say: Nobody is free right now.}, {end: call}]
        limits:
          no_input:
            say: [Are you still there?]
            then: [{end: call}]
          no_match:
            say: [Sorry?]
            then: [{transfer: was not understood}]
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$", description="Small letters, digits and hyphens: acme-orders.")
    language: Literal["en", "ko"] = Field("en", description="What is spoken: en or ko.")
    numbers: tuple[Annotated[str, Field(pattern=r"^(\*|\+?[0-9A-Za-z._-]+)$")], ...] = Field(
        min_length=1, description='Numbers it answers, in quotes; "*" for all that no other dialplan answers.'
    )
    persona: str = Field("", description="Who the agent is, for the language model.")
    voice: str = Field("", description="Name of the voice. Empty: the engine's own.")
    hours: Hours | None = Field(None, description="When the agent works. Empty: always.")
    greeting: Greeted = Field(description="The first words.")
    tasks: dict[Name, Task] = Field(description="What callers come for.")
    slots: dict[Name, AnySlot] = Field(default_factory=dict, description="What can be asked, shared by all tasks.")
    knowledge: Knowledge = Field(default_factory=Knowledge, description="Questions it can answer.")
    handoff: Handoff = Field(description="How a caller gets to a person.")
    limits: Limits = Field(description="Silence, misunderstanding, length of call.")
    turns: Turns = Field(default_factory=Turns, description="How turns are taken.")
    reasoning: Reasoning = Field(default_factory=Reasoning, description="What the language model may decide.")
    privacy: Privacy = Field(default_factory=Privacy, description="What is kept of a call.")
    tests: tuple[Conversation, ...] = Field((), description="Conversations that must come out as they say.")
    phrases: dict[str, Wordings] = Field(default_factory=dict, description="In-built phrases in your own words.")

    def examples(self) -> dict[str, tuple[str, ...]]:
        """What callers say for each intent: ``task.NAME``, ``answer.NAME`` and the in-built ``talk.NAME``."""
        found = {f"task.{name}": task.examples for name, task in self.tasks.items() if task.examples}
        found |= {f"answer.{name}": answer.questions for name, answer in self.knowledge.answers.items()}
        found |= talk.EXAMPLES[self.language]
        found[talk.PERSON] = (*found[talk.PERSON], *self.handoff.examples)
        return found

    @cached_property
    def said(self) -> tuple[str, ...]:
        """All that its callers may say, as far as it tells: the examples, and what can be chosen."""
        examples = chain.from_iterable(self.examples().values())
        choices = (words for slot in self.slots.values() if isinstance(slot, Choice) for words in slot.said)
        return tuple(dict.fromkeys(chain(examples, choices)))

    def fillers(self) -> tuple[str, ...]:
        """What is said when an answer takes long."""
        return tuple(template.text for template in self.wordings("moment"))

    def wordings(self, phrase: str) -> tuple[Template, ...]:
        """An in-built phrase, in this dialplan's words if it has its own."""
        return self.phrases.get(phrase) or inbuilt.wordings(phrase, self.language)
