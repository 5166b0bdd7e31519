"""What callers say that they do not want: "not a refund, an exchange", "I don't want to cancel, just move it"."""

import re
from dataclasses import dataclass

_END = r"(?=\s*[,.;:!?…]|\s+(?:but|just|only|i|i'd|i'm|and|so|it's|please|instead)\b|\s*$)"
_REFUSED = re.compile(
    r"\b(?:i\s+)?(?:don't|do not|dont|didn't|did not|no longer|never)\s+(?:really\s+|actually\s+)?"
    r"(?:want|need|wish|mean|ask for|say|said|like|mean to|looking for)\s+(?P<what>.+?)" + _END
)
_INSTEAD = re.compile(r"\b(?:instead of|rather than|never mind|forget about|forget)\s+(?P<what>.+?)" + _END)
_NOT_THIS = re.compile(
    r"(?:^|[,.;!?]|\b(?:no|it's|that's|i'm|i am|but|and|is))\s*\bnot\s+"
    r"(?P<what>(?:a|an|the|my|to|for|about|calling|looking|trying|here)\s+.+?)" + _END
)
_EMPTY = re.compile(
    r"\b(?:no|nope|yes|yeah|it's|its|that's|i|i'm|am|is|a|an|the|to|um|uh|sorry|please|but|just|wait|well|oh|said|and)\b"
)


@dataclass(frozen=True)
class Split:
    """A turn with a refusal, taken apart."""

    wanted: str
    """What is left; may be empty."""
    refused: str


def split(text: str) -> Split | None:
    """The refusal in ``text`` and the rest; None if there is none.

    "Not" alone refuses only where something else is offered: "it's not the right size" tells, it does not refuse.
    """
    lowered = text.lower().replace("’", "'")
    found = _REFUSED.search(lowered) or _INSTEAD.search(lowered)
    if found:
        return Split(_without(text, found), found["what"])
    found = _NOT_THIS.search(lowered)
    if found is None or not _says_something(rest := _without(text, found)):
        return None
    return Split(rest, found["what"])


def _without(text: str, found: re.Match[str]) -> str:
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    return re.sub(r"\s+", " ", rest).strip(" ,.;:!?…")


def _says_something(text: str) -> bool:
    return bool(re.search(r"[^\W\d_]", _EMPTY.sub(" ", text.lower().replace("’", "'"))))
