"""What a look at this machine found."""

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    """Calls work, but something of them is missing or at risk."""
    FAIL = "fail"
    """Calls do not work."""


@dataclass(frozen=True)
class Finding:
    """One line of ``voicegw doctor``."""

    about: str
    """What was looked at."""
    verdict: Verdict
    found: str
    to_do: str = ""
    """Empty when there is nothing to do."""


def ok(about: str, found: str) -> Finding:
    """As it should be."""
    return Finding(about, Verdict.OK, found)


def warn(about: str, found: str, to_do: str) -> Finding:
    """Could be better."""
    return Finding(about, Verdict.WARN, found, to_do)


def fail(about: str, found: str, to_do: str) -> Finding:
    """Must be mended."""
    return Finding(about, Verdict.FAIL, found, to_do)
