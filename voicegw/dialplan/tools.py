"""What a dialplan must know of a tool to be checked against it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ALWAYS = ("failed", "too_slow")
"""Results that any tool can have."""
OF_WRITES = ("refused", "promised")
"""Results that any tool can have that changes something: by policy, and because it takes long."""


@dataclass(frozen=True)
class ToolFacts:
    """A tool, seen from a dialplan."""

    name: str
    """``integration.operation``."""
    writes: bool
    takes: Mapping[str, bool] = field(default_factory=dict)
    """Arguments: name to whether it is needed."""
    gives: frozenset[str] = frozenset()
    """Names of the values in its results."""
    statuses: tuple[str, ...] = ()
    """Results it can have, besides ``ALWAYS``. Empty: not said."""
