"""Steps: what a task does, one after another. Each step is named by its verb."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from voicegw.dialplan.part import Name, Part, Spoken, When, Wordings
from voicegw.dialplan.policy import Policy
from voicegw.dialplan.promise import Promise

ADDRESS = r"sips?:[^\s]+|tel:[^\s]+|\+?[0-9*#]+"
"""How a person is reached."""
Interruptible = Literal["voice", "keys", "no"]


def _by_name(value: Any) -> Any:
    """``[order_id]`` is short for ``{order_id: "{order_id}"}``."""
    if isinstance(value, list):
        return {name: f"{{{name}}}" if isinstance(name, str) else name for name in value}
    return value


class Step(Part):
    """What all steps share."""

    when: When | None = Field(None, description="Only if this holds: `state is shipped and amount > 50`.")


class Say(Step):
    """Speak.

    Example::

        say: Order {order_id|digits} has shipped.
        when: state is shipped
    """

    say: Wordings = Field(description="The words; several wordings are used in turn.")
    interruptible: Interruptible = Field("voice", description="What may cut it short: voice, keys, or no (notices).")


class Ask(Step):
    """Fill slots, one question after another; those that are known already are not asked.

    Example::

        ask: [order_id, email]
    """

    ask: Annotated[tuple[Name, ...], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)] = (
        Field(min_length=1, description="Names of slots.")
    )


class AskAgain(Step):
    """Forget a slot's value and ask for it again, then go on from there.

    Example::

        ask_again: order_id
    """

    ask_again: Name = Field(description="Name of a slot that this task asks for.")
    times: int = Field(2, ge=1, le=5, description="At most so often in one call; then the caller gets a person.")


class Call(Step):
    """Use a tool of an integration, and answer by what came of it.

    A tool that changes something needs ``confirm``: it never runs before the caller has said yes to that question.

    Example::

        call: orders_db.refund
        with: [order_id]
        confirm: Shall I refund order {order_id|digits}?
        declined: Okay, I leave it as it is.
        results:
          done: Done. You get {amount|money} back.
          refused: I'm sorry, that order can't be refunded any more.
          failed:
            - say: I can't reach the refund desk just now.
            - transfer: refund did not go through
    """

    call: str = Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$", description="`integration.operation`.")
    arguments: Annotated[dict[Name, Spoken], BeforeValidator(_by_name)] = Field(
        default_factory=dict, alias="with", description="What it gets: names of slots and values, or `name: {value}`."
    )
    confirm: Wordings | None = Field(
        None, description="The question whose yes lets it run. Needed if it changes things."
    )
    declined: "Steps" = Field((), description="What happens at a no. Empty: the task ends.")
    waiting: Wordings | None = Field(None, description="Said if it takes long. Empty: the phrase `moment`.")
    policy: Policy | None = Field(None, description="What must hold besides the caller's yes; else it is `refused`.")
    promise: Promise | None = Field(
        None, description="If it takes longer: a message that goes out when it ends. Its result is `promised` then."
    )
    results: dict[Name, "Steps"] = Field(
        default_factory=dict,
        description="What is done for each result: found, not_found, done, refused, the tool's own words; `failed` "
        "(nothing was changed) and `too_slow` (nobody knows) when it did not work; `promised`; `otherwise` for all "
        "others.",
    )


class Run(Step):
    """Do another task first and come back: identify the caller, find the order.

    Example::

        task: identify
    """

    task: Name = Field(description="Name of a task. It is not done again if it has been done in this call.")
    again: bool = Field(
        False, description="Done anew, and asking anew, for each task that runs it: find a time for this visit."
    )


class Decide(Step):
    """Ask a yes-or-no question and go by the answer.

    Example::

        offer: Shall I send you the tracking link?
        yes:
          - say: It is on its way.
        no: []
    """

    offer: Wordings = Field(description="The question.")
    yes: "Steps" = Field((), description="What is done at a yes.")
    no: "Steps" = Field((), description="What is done at a no.")


class Group(Step):
    """Several steps under one condition.

    Example::

        when: state is delayed
        steps:
          - say: I'm sorry about the delay.
          - offer: Would you like to speak to a person?
            yes:
              - transfer: delayed order
    """

    steps: "Steps" = Field(description="The steps.")


class Set(Step):
    """Give slots a value without asking: a fixed one, or one that is known already.

    Example::

        set: {time: "{nearest}"}
    """

    set: dict[Name, bool | int | float | Spoken] = Field(min_length=1, description="Values by name.")


class Transfer(Step):
    """Give the caller to a person, as `handoff` says.

    Example::

        transfer: smells gas
        to: sip:emergency@pbx.example
    """

    transfer: str = Field(description="Why, for the person who picks up.")
    to: str = Field("", pattern=rf"^({ADDRESS})?$", description="Another person than `handoff` names.")


class End(Step):
    """End the task here, or the call.

    Example::

        end: call
    """

    end: Literal["task", "call"] = Field(description="`task`: ask what else there is; `call`: say goodbye and hang up.")


VERBS: dict[str, type[Step]] = {
    "say": Say,
    "ask": Ask,
    "ask_again": AskAgain,
    "call": Call,
    "task": Run,
    "offer": Decide,
    "set": Set,
    "transfer": Transfer,
    "end": End,
    "steps": Group,
}
"""The key that names each kind of step."""


def tag(verb: str) -> str:
    """How pydantic names a kind of step in the place of an error; no key looks like this."""
    return f"<{verb}>"


def _kind(value: Any) -> str | None:
    if isinstance(value, Step):
        return tag(next(verb for verb, kind in VERBS.items() if isinstance(value, kind)))
    if not isinstance(value, dict):
        return None
    return next((tag(verb) for verb in VERBS if verb in value), None)


def _shorthand(value: Any) -> Any:
    """Text alone is something to say; one step needs no list."""
    if isinstance(value, str):
        return [{"say": value}]
    if isinstance(value, dict):
        return [value]
    if value is None:
        raise PydanticCustomError("no_steps", "there is nothing here", {"hint": "write [] for nothing to do"})
    return value


AnyStep = Annotated[
    Annotated[Say, Tag(tag("say"))]
    | Annotated[Ask, Tag(tag("ask"))]
    | Annotated[AskAgain, Tag(tag("ask_again"))]
    | Annotated[Call, Tag(tag("call"))]
    | Annotated[Run, Tag(tag("task"))]
    | Annotated[Decide, Tag(tag("offer"))]
    | Annotated[Set, Tag(tag("set"))]
    | Annotated[Transfer, Tag(tag("transfer"))]
    | Annotated[End, Tag(tag("end"))]
    | Annotated[Group, Tag(tag("steps"))],
    Discriminator(
        _kind,
        custom_error_type="unknown_step",
        custom_error_message="this step has no verb",
        custom_error_context={"hint": f"a step begins with one of: {', '.join(VERBS)}"},
    ),
]
Steps = Annotated[tuple[AnyStep, ...], BeforeValidator(_shorthand)]
"""Steps in order; text alone is something to say."""

for kind in (Call, Decide, Group):
    kind.model_rebuild()
