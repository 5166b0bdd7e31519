"""Where the dialplans that take calls come from: the database, and files for those that were never published."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from voicegw import log
from voicegw.dialplan import files
from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.tools import ToolFacts
from voicegw.errors import DialplanError, Problem
from voicegw.publishing import bundles
from voicegw.publishing.record import FROM_FILE, Bundle, InForce
from voicegw.publishing.store import VersionStore
from voicegw.wire.messages import LoadDialplan

logger = log.get_logger()

BRAIN_NAME = "brain.pickle"
VECTORS_NAME = "vectors.npz"


@dataclass(frozen=True)
class Source:
    """A version of a dialplan, with where it lies on this machine."""

    version: int
    plan: Dialplan
    file: Path
    vectors: Path | None = None
    """Of its sentences."""

    @property
    def key(self) -> tuple[str, int]:
        """Name and version."""
        return self.plan.name, self.version

    def order(self, folder: Path) -> LoadDialplan:
        """What the nursery is told.

        :param folder: the service's own, for what is made of it.
        """
        brain = folder / self.plan.name / str(self.version) / BRAIN_NAME
        vectors = str(self.vectors) if self.vectors else ""
        return LoadDialplan(self.plan.name, self.version, str(self.file), str(brain), vectors)


def from_files(path: Path, tools: Mapping[str, ToolFacts] | None, published: Sequence[InForce]) -> dict[str, Source]:
    """Dialplans of a folder, or one file, that take calls as they are, by name.

    :param tools: what integrations offer; None: not known, and not checked.
    :param published: those of whom a version is in force: their files are drafts, whatever state they are in.
    :raises DialplanError: with every error in every file that would take calls.
    """
    names = {one.name for one in published if one.version != FROM_FILE}
    sources: dict[str, Source] = {}
    problems: list[Problem] = []
    for file in _found(path, names):
        plan, wrong = files.read(file, tools)
        errors = [problem for problem in wrong if problem.severity == "error"]
        if plan and plan.name in names:
            continue
        if names and plan is None:  # nobody can say whose draft it is; the published ones must be able to go on
            logger.warning("dialplan.file_passed_over", file=str(file), problem=str(errors[0]))
            continue
        problems += errors
        if plan and plan.name in sources:
            problems += files.shared_numbers([sources[plan.name].plan, plan], path)
        elif plan:
            sources[plan.name] = Source(FROM_FILE, plan, file)
    problems += files.shared_numbers([source.plan for source in sources.values()], path)
    if problems:
        raise DialplanError(list(dict.fromkeys(problems)))
    return sources


def _found(path: Path, published: set[str]) -> list[Path]:
    try:
        return files.found(path)
    except DialplanError:
        if published:  # who publishes needs no folder
            return []
        raise


async def from_database(store: VersionStore, name: str, version: int, folder: Path) -> Source:
    """A published version, written into ``folder`` if it does not lie there yet.

    :raises ServerAway: the database is away.
    :raises SetupError: it is not there, or is not what was published, or this voicegw cannot read it.
    """
    bundle = await store.bundle(name, version)
    vectors = await store.vectors(name, version)
    # By content too: another database may once have had another version of this number.
    return await asyncio.to_thread(
        _unpacked, bundle, version, vectors, folder / name / f"{version}-{bundle.digest[:12]}"
    )


def _unpacked(bundle: Bundle, version: int, vectors: bytes | None, folder: Path) -> Source:
    file = bundles.unpack(bundle, folder)
    beside = folder / VECTORS_NAME
    if vectors and not beside.exists():
        beside.write_bytes(vectors)
    plan, problems = files.read(file)
    errors = [problem for problem in problems if problem.severity == "error"]
    if plan is None or errors:
        raise DialplanError(errors)
    return Source(version, plan, file, beside if beside.exists() else None)
