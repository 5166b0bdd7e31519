"""Whom a message goes to."""

import re

_EMAIL = re.compile(r"[^@\s,;<>()\"\\]{1,64}@[^@\s,;<>()\"\\.]+(\.[^@\s,;<>()\"\\.]+)+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{4,24}")


def is_email(text: str) -> bool:
    """One plain address: no list, no name beside it, no line break that would begin another header."""
    return bool(_EMAIL.fullmatch(text)) and len(text) <= 254


def is_phone(text: str) -> bool:
    """A number that somebody could dial."""
    return bool(_PHONE.fullmatch(text))
