"""Calls of a bench, kept in files, so that a bench can be run in parts."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from voicegw.errors import SettingsError
from voicegw.outcomes.record import TurnTaken
from voicegw.qa.ruler import Turn


@dataclass(frozen=True)
class MeasuredCall:
    """What a bench knows of one call when it is over."""

    name: str
    commit: str
    """Of what was measured."""
    ok: bool
    """It was answered, and one of both sides said goodbye."""
    turns: tuple[Turn, ...] = ()
    """As the caller measured them, line by line."""
    stored: tuple[TurnTaken, ...] = ()
    """As the service recorded them."""


_CALL = TypeAdapter(MeasuredCall)


def slug(name: str) -> str:
    """A call's name as that of a file, or of a caller."""
    return name.replace(" ", "-")


def write(folder: Path, call: MeasuredCall) -> None:
    """Keep a call; one of the same name is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    _file(folder, call.name).write_bytes(_CALL.dump_json(call, indent=1))


def read(folder: Path, name: str, commit: str) -> MeasuredCall | None:
    """The call of that name; None if none was kept, or another commit was measured.

    :raises SettingsError: the file holds something else.
    """
    file = _file(folder, name)
    if not file.exists():
        return None
    try:
        call = _CALL.validate_json(file.read_bytes())
    except ValidationError:
        raise SettingsError(f"{file}: not a call that a bench kept: remove it, or choose another --keep") from None
    return call if call.commit == commit else None


def _file(folder: Path, name: str) -> Path:
    return folder / f"{slug(name)}.turns.json"
