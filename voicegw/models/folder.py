"""A model's folder on this machine: which files were verified, and whether they are still there.

Hashing half a gigabyte takes a second, so it is done once, by the pull, which then leaves a manifest. Everybody
else compares the manifest with the catalogue and the files' sizes with the manifest.
"""

import json
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from voicegw.models.model import Model

MANIFEST = "manifest.json"


class State(Enum):
    """How a model's folder looks."""

    HERE = "here"
    MISSING = "missing"
    PARTIAL = "partial"
    """Some files are there, but not all of them verified: a pull will go on from here."""


@dataclass(frozen=True)
class Verified:
    """What a pull has verified."""

    hashes: dict[str, str]
    """SHA-256 of each catalogue file, by its path."""
    sizes: dict[str, int]
    """Bytes of each file that lies in the folder, by its path."""


def read_manifest(folder: Path) -> Verified | None:
    """What the last pull verified; None if there was none, or its note is not readable."""
    try:
        values = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return Verified(dict(values["hashes"]), dict(values["sizes"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_manifest(folder: Path, verified: Verified) -> None:
    """Write it whole or not at all."""
    draft = folder / (MANIFEST + ".part")
    draft.write_text(json.dumps({"hashes": verified.hashes, "sizes": verified.sizes}, indent=1), encoding="utf-8")
    draft.replace(folder / MANIFEST)


def state(folder: Path, model: Model) -> State:
    """Whether every file of the model was verified and still has its size."""
    if not folder.is_dir():
        return State.MISSING
    verified = read_manifest(folder)
    wanted = {file.path: file.sha256 for file in model.files}
    if verified is None or verified.hashes != wanted or not _sizes_match(folder, verified.sizes):
        return State.PARTIAL
    return State.HERE


def _sizes_match(folder: Path, sizes: dict[str, int]) -> bool:
    try:
        return all((folder / path).stat().st_size == size for path, size in sizes.items())
    except OSError:
        return False
