"""Versions of dialplans, and which is in force: values, without a database."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from voicegw.errors import SetupError

FROM_FILE = 0
"""The version of a dialplan that is read from its file, unpublished."""
EVERYBODY = 100
"""Percent."""


@dataclass(frozen=True)
class Bundle:
    """All that a version consists of: the YAML text, and the Markdown files it answers from."""

    source: str
    files: Mapping[str, str] = field(default_factory=dict)
    """Name, as the dialplan writes it, to text."""

    @property
    def digest(self) -> str:
        """SHA-256 of the content, hexadecimal."""
        content = json.dumps([self.source, sorted(self.files.items())], ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()


@dataclass(frozen=True)
class Version:
    """A published version. Once it has its number it stays as it is."""

    name: str
    """Of the dialplan."""
    version: int
    """1 is the first."""
    at: float
    """Unix time."""
    by: str
    note: str
    digest: str
    numbers: list[str]
    """That it answers."""


@dataclass(frozen=True)
class InForce:
    """Which version of a dialplan takes calls."""

    name: str
    version: int = FROM_FILE
    trial: int | None = None
    """A version that part of the callers get instead."""
    percent: int = 0
    """How many of a hundred callers get the trial."""

    def __post_init__(self) -> None:
        assert (self.trial is None) == (self.percent == 0), "a trial has callers, and callers have a trial"

    @property
    def versions(self) -> tuple[int, ...]:
        """All that take calls."""
        return (self.version,) if self.trial is None else (self.version, self.trial)

    def publishing(self, version: int, percent: int) -> "InForce":
        """``version`` for everybody, or on trial beside what is in force."""
        if percent == EVERYBODY:
            return InForce(self.name, version)
        return replace(self, trial=version, percent=percent)

    def with_share(self, percent: int) -> "InForce":
        """The trial gets another share of the callers: 100 puts it in force, 0 ends it.

        :raises SetupError: there is no trial.
        """
        if self.trial is None:
            raise SetupError(
                f"no version of {self.name} is on trial: `voicegw dialplan publish --percent N` begins one"
            )
        if percent == 0:
            return InForce(self.name, self.version)
        return self.publishing(self.trial, percent)

    def rolled_back(self, to: int | None, earlier: int | None) -> "InForce":
        """An earlier version for everybody; a trial ends.

        :param to: the version; None: without the trial, or else the one before this one.
        :param earlier: the newest version below this one that was ever in force for everybody.
        :raises SetupError: there is none to go back to.
        """
        if to is not None:
            return InForce(self.name, to)
        if self.trial is not None:
            return InForce(self.name, self.version)
        if earlier is None:
            raise SetupError(
                f"{self.name} has no version before {shown(self.version)}: "
                f"`voicegw dialplan list {self.name}` shows all, `--to 0` goes back to the file"
            )
        return InForce(self.name, earlier)


@dataclass(frozen=True)
class Change:
    """A line of a dialplan's history: who put what in force, and when."""

    id: int
    at: float
    by: str
    action: str
    """``publish``, ``rollout`` or ``rollback``."""
    note: str
    in_force: InForce


@dataclass(frozen=True)
class Draft:
    """What is being written and takes no calls but those that try it: one for each dialplan."""

    name: str
    """Of the dialplan."""
    revision: int
    """Grows with each text that was saved, also after the draft was published."""
    at: float
    """Unix time."""
    by: str
    bundle: Bundle

    @property
    def version(self) -> int:
        """Under which calls try this very text: the revision below 0."""
        return -self.revision


def shown(version: int) -> str:
    """``v3``, ``draft 5``, or that it is the file."""
    if version < 0:
        return f"draft {-version}"
    return f"v{version}" if version else "the file (unpublished)"
