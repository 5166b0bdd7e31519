"""Slots: typed values that the caller gives, and how each is asked for, confirmed and keyed in."""

from itertools import chain
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from voicegw.dialplan.part import Name, Part, Sentences, Wordings
from voicegw.dialplan.pauses import Patience
from voicegw.dialplan.steps import Steps


class Slot(Part):
    """What all slots share."""

    speaks_as: ClassVar[str] = "plain"
    """Format when a template names none."""

    ask: Wordings = Field(description="The question; several wordings, for when it must be asked again.")
    help: Wordings | None = Field(None, description="Where to find it, or what is meant; said at a second try.")
    confirm: Literal["none", "implicit", "explicit"] = Field(
        "none", description="none; implicit: it is said back in passing; explicit: the caller must say yes."
    )
    keypad: bool = Field(True, description="May be keyed in on the phone, if it is made of digits or choices.")
    tries: int = Field(3, ge=1, le=5, description="How often it is asked before giving up.")
    otherwise: Steps = Field((), description="What happens then. Empty: the caller gets a person.")
    patience: Patience | None = Field(
        None, description="How long a pause may be inside the answer: a name, or figures. Empty: what the type needs."
    )
    personal: bool = Field(False, description="Masked in transcripts and logs.")
    secure: bool = Field(
        False,
        description="A card number or PIN (type `digits`): it goes to tools only, and is in no transcript, prompt, "
        "log, event or recording. It cannot be said back.",
    )

    @property
    def hidden(self) -> bool:
        """Whether its value is kept out of what people read."""
        return self.personal or self.secure


def _length(value: Any) -> Any:
    """``8``, or ``4-8`` for a range."""
    if isinstance(value, str) and value.count("-") == 1:
        low, high = value.split("-")
        if low.strip().isdigit() and high.strip().isdigit() and int(low) <= int(high):
            return [int(low), int(high)]
    if isinstance(value, int) and not isinstance(value, bool):
        return [value, value]
    if isinstance(value, list | tuple):
        return value
    raise PydanticCustomError("bad_length", "not a length", {"hint": "write 8, or 4-8 for four to eight characters"})


Length = Annotated[tuple[int, int], BeforeValidator(_length, json_schema_input_type=int | str)]
"""Least and most characters."""


class Digits(Slot):
    """A string of digits: order, account, card number.

    Example::

        type: digits
        length: 16
        check: luhn
        ask: What's the card number?
        confirm: explicit
    """

    speaks_as: ClassVar[str] = "digits"

    type: Literal["digits"]
    length: Length | None = Field(None, description="How many: 8, or 4-8.")
    check: Literal["", "luhn"] = Field("", description="Check-digit rule that the last digit follows.")


class Code(Slot):
    """Letters and digits, spelled: "B as in boy, four, two".

    Example::

        type: code
        length: 6
        ask: What's your booking code?
    """

    speaks_as: ClassVar[str] = "spelled"

    type: Literal["code"]
    length: Length | None = Field(None, description="How many characters: 6, or 5-8.")


class Number(Slot):
    """A count or a measure.

    Example::

        type: number
        least: 1
        most: 12
        ask: For how many people?
    """

    speaks_as: ClassVar[str] = "number"

    type: Literal["number"]
    least: float | None = Field(None, description="Smallest that makes sense.")
    most: float | None = Field(None, description="Largest that makes sense.")


class Money(Slot):
    """An amount.

    Example::

        type: money
        most: 500
        ask: How much was it?
    """

    speaks_as: ClassVar[str] = "money"

    type: Literal["money"]
    least: float | None = Field(None, description="Smallest that makes sense.")
    most: float | None = Field(None, description="Largest that makes sense.")


class Date(Slot):
    """A day.

    Example::

        type: date
        only: future
        ask: Which day suits you?
    """

    speaks_as: ClassVar[str] = "date"

    type: Literal["date"]
    only: Literal["any", "past", "future"] = Field("any", description="Days before today, or from today on.")


class Time(Slot):
    """A time of day.

    Example::

        type: time
        ask: At what time?
    """

    speaks_as: ClassVar[str] = "time"

    type: Literal["time"]


class DatetimeRange(Slot):
    """From when to when.

    Example::

        type: datetime_range
        ask: When are you at home?
    """

    type: Literal["datetime_range"]


class Duration(Slot):
    """How long; the value is in minutes.

    Example::

        type: duration
        ask: For how long has it been out?
    """

    speaks_as: ClassVar[str] = "duration"

    type: Literal["duration"]


class PersonName(Slot):
    """A person's name.

    Example::

        type: name
        ask: What's your name, please?
    """

    type: Literal["name"]


class Phone(Slot):
    """A phone number.

    Example::

        type: phone
        ask: Which number can we reach you on?
        confirm: explicit
    """

    speaks_as: ClassVar[str] = "phone"

    type: Literal["phone"]


class Email(Slot):
    """An e-mail address.

    Example::

        type: email
        ask: What's your e-mail address?
        confirm: explicit
    """

    speaks_as: ClassVar[str] = "email"

    type: Literal["email"]


class Address(Slot):
    """A street address.

    Example::

        type: address
        ask: What's the address?
        confirm: explicit
    """

    type: Literal["address"]


class YesNo(Slot):
    """A fact that is so or not.

    Example::

        type: yes_no
        ask: Are all your lights out?
    """

    type: Literal["yes_no"]


class Choice(Slot):
    """One of several options, each with the words people use for it.

    Example::

        type: choice
        ask: Is it gas, water or power?
        options:
          gas: [gas leak, smells of gas]
          water: [no water, pipe]
          power: [electricity, lights, outage]
    """

    type: Literal["choice"]
    options: dict[Name, Sentences] = Field(min_length=2, description="Options, with other words for each.")

    @property
    def said(self) -> tuple[str, ...]:
        """All that can be said to choose one."""
        named = ((option.replace("_", " "), *words) for option, words in self.options.items())
        return tuple(chain.from_iterable(named))


class Text(Slot):
    """Anything, kept in the caller's words.

    Example::

        type: text
        ask: What happened?
    """

    type: Literal["text"]


AnySlot = Annotated[
    Digits | Code | Number | Money | Date | Time | DatetimeRange | Duration | PersonName | Phone | Email | Address
    | YesNo | Choice | Text,
    Field(discriminator="type"),
]  # fmt: skip
KEYED = ("digits", "phone", "number", "yes_no", "choice")
"""Types that have a way to be keyed in."""
