"""The inbox of the action runner: a folder of small files, each on disk before whoever wrote it goes on.

It needs no server and no other process, so a yes is stored also while the runner, Redis or the database are away.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from voicegw import log
from voicegw.actions.instruction import Instruction, Notice, decode, encode
from voicegw.errors import WireError

logger = log.get_logger()

FOLDER, INBOX, SOCKET = "actions", "inbox", "runner.sock"
"""The runner's folder in the data folder; in it the inbox, and where it answers."""
SUFFIX = ".json"
SET_ASIDE = ".refused"


@dataclass(frozen=True)
class Entry:
    """A file of the inbox."""

    path: Path
    item: Instruction | Notice

    def done(self) -> None:
        """It is kept elsewhere now."""
        self.path.unlink(missing_ok=True)

    def set_aside(self) -> None:
        """It cannot be done; a person must look at it."""
        _set_aside(self.path)


def put(folder: Path, item: Instruction | Notice) -> None:
    """Store it: on disk when this returns.

    :raises OSError: it is not stored (the disk is full).
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Names in order of time: an instruction comes before the notice about it.
    final = folder / f"{time.time_ns():020d}-{uuid4().hex[:8]}{SUFFIX}"
    draft = final.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, encode(item))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    draft.rename(final)
    _sync_folder(folder)


def entries(folder: Path) -> Iterator[Entry]:
    """What is there, oldest first. What cannot be read is set aside, for a person to look at."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            yield Entry(path, decode(path.read_bytes()))
        except FileNotFoundError:
            continue
        except WireError as error:
            logger.error("inbox.unreadable", file=path.name, error=str(error))
            _set_aside(path)


def _set_aside(path: Path) -> None:
    path.rename(path.with_suffix(SET_ASIDE))


def _sync_folder(folder: Path) -> None:
    """A name is on disk once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
