"""What the dialog has asked for: ears and parsers listen for it first."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expecting:
    """The open question, as far as hearing and parsing care."""

    kind: str = "any"
    """Slot type: ``any``, ``digits``, ``code``, ``number``, ``money``, ``date``, ``time``, ``datetime_range``,
    ``duration``, ``name``, ``phone``, ``email``, ``address``, ``yes_no``, ``choice``, ``text``."""
    slot: str = ""
    """Name of the slot, if the question is for one."""
    length: int | None = None
    """For digits and codes: how many characters, if it is one figure."""
    check: str = ""
    """For digits: name of the check-digit rule (``luhn``), if there is one."""
    phrases: tuple[str, ...] = ()
    """For choices: what can be said."""
    hint: str = ""
    """Words likely to be said (names of products, the question's own words)."""
    likely: tuple[str, ...] = ()
    """Sentences as callers of this dialplan say them; in part the same as ``hint``, which must be short."""
    refused: tuple[str, ...] = ()
    """For digits: strings that the caller has said are wrong."""
    rivals: tuple[str, ...] = ()
    """For digits: what those may have been instead, as far as the ear could tell."""
    also: tuple[str, ...] = ()
    """Other slot types that the same question asks for ("for how many, and when?")."""
