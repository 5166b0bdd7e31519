"""What reading a turn needs to know of its language."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time

from voicegw.nlu import slots
from voicegw.nlu.en import background, content, denials, person_wanted
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.ko import content as ko_content
from voicegw.nlu.ko import denials as ko_denials
from voicegw.nlu.ko import person_wanted as ko_person_wanted
from voicegw.nlu.ko import reading as ko_reading
from voicegw.nlu.understanding import Completeness, SlotValue


@dataclass(frozen=True)
class Language:
    """Parsers and habits of one language."""

    parse: Callable[[str, Expecting, date, time], tuple[SlotValue, ...]]
    """All typed values in a turn."""
    completeness: Callable[[str, Expecting, date], Completeness]
    """Whether a turn may be over, as far as its words go."""
    background: Sequence[str]
    """Sentences that are none of a dialplan's intents."""
    generalised: Callable[[str, Sequence[SlotValue]], str]
    """A turn with one and the same example in place of every value."""
    meaningful: Callable[[str], str]
    """The words that carry a turn's meaning."""
    refusal: Callable[[str], denials.Split | None]
    """What is not wanted, and the rest."""
    asks_for_person: Callable[[str], bool]
    """Whether the caller wants to talk to a person."""


LANGUAGES = {
    "en": Language(
        slots.parse,
        slots.completeness,
        background.SENTENCES,
        content.generalised,
        content.meaningful,
        denials.split,
        person_wanted.asks_for_person,
    ),
    "ko": Language(
        ko_reading.parse,
        ko_reading.completeness,
        ko_content.SENTENCES,
        ko_content.generalised,
        ko_content.meaningful,
        ko_denials.split,
        ko_person_wanted.asks_for_person,
    ),
}
"""By ISO 639-1."""
