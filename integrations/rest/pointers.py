"""JSON pointers (RFC 6901): ``/customer/phones/0``."""

from typing import Any


class NothingThere(LookupError):
    """The document has nothing at this place."""


def parse(text: str) -> tuple[str, ...]:
    """The steps of a pointer.

    :raises ValueError: it does not begin with a slash.
    """
    if not text:
        return ()
    if not text.startswith("/"):
        raise ValueError(f"{text!r} is not a JSON pointer: it begins with a slash, like /customer/name")
    # RFC 6901 §4: first ~1, then ~0, so that ~01 is ~1.
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/"))


def look_up(document: Any, steps: tuple[str, ...]) -> Any:
    """What stands there.

    :raises NothingThere: nothing does.
    """
    for step in steps:
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isascii() and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            raise NothingThere("/" + "/".join(steps))
    return document
