"""Dialplans as the console has them: what is published, what lies as a file, and the draft that is being written."""

import asyncio
import difflib
import functools
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from voicegw.actions.registry import Toolbox
from voicegw.config import Settings
from voicegw.dialplan import files
from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.parse import Source
from voicegw.dialplan.picture import Picture, picture
from voicegw.dialplan.tools import ToolFacts
from voicegw.errors import DialplanError, Problem, SetupError
from voicegw.publishing import bundles
from voicegw.publishing.record import FROM_FILE, Bundle, Change, Draft, InForce
from voicegw.publishing.store import Author, VersionStore
from voicegw.qa.examining import Examined, examine_apart

CONTEXT_LINES = 3
"""Around what differs."""


@dataclass(frozen=True)
class Checked:
    """A text, and what was found in it."""

    problems: list[Problem]
    """Their ``file`` is ``bundles.SOURCE_NAME``, or the knowledge file's name."""
    plan: Dialplan | None = None
    picture: Picture | None = None

    @property
    def is_good(self) -> bool:
        """Nothing stands in the way of trying it."""
        return not any(problem.severity == "error" for problem in self.problems)

    def file_names(self, known: Iterable[str]) -> list[str]:
        """Files that it answers from; ``known`` as long as it cannot be read."""
        return list(self.plan.knowledge.files if self.plan else known)


@dataclass(frozen=True)
class Verdict:
    """What came of publishing."""

    examined: Examined
    change: Change | None = None


async def in_force(versions: VersionStore, name: str) -> InForce:
    """Which version takes calls."""
    known = {one.name: one for one in await versions.in_force()}
    return known.get(name, InForce(name))


async def published(versions: VersionStore, settings: Settings, name: str, version: int) -> Bundle:
    """A version's content; version 0 is the file's.

    :raises SetupError: there is none.
    """
    if version != FROM_FILE:
        return await versions.bundle(name, version)
    return await asyncio.to_thread(_from_file, settings, name)


async def base(versions: VersionStore, settings: Settings, name: str) -> Bundle:
    """What takes calls under that name.

    :raises SetupError: nothing does.
    """
    return await published(versions, settings, name, (await in_force(versions, name)).version)


async def names(versions: VersionStore, settings: Settings) -> list[str]:
    """Of all dialplans that take calls."""
    return sorted({one.name for one in await versions.in_force()} | set(await asyncio.to_thread(file_names, settings)))


def file_names(settings: Settings) -> list[str]:
    """Names of the dialplans that lie as files, those that cannot be read left out."""
    return sorted(_files(settings))


def check(text: str, texts: Mapping[str, str], settings: Settings) -> Checked:
    """All that is wrong, and the picture if it can be drawn. Takes tens of milliseconds.

    :param texts: knowledge files; one that the dialplan names and that is not among them is empty.
    :raises SetupError: a file lies outside the dialplan's folder.
    """
    with tempfile.TemporaryDirectory(prefix="voicegw-check-") as folder:
        file = bundles.unpack(Bundle(text, texts), Path(folder) / "draft")
        plan, problems = files.read(file, tools(settings))
        missing = {name: "" for name in plan.knowledge.files if name not in texts} if plan else {}
        if missing:
            return check(text, {**texts, **missing}, settings)
        problems = [replace(each, file=os.path.relpath(each.file, file.parent)) for each in problems]
        return Checked(problems, plan, picture(plan, Source(text, "dialplan")) if plan else None)


async def publish(draft: Draft, versions: VersionStore, settings: Settings, author: Author, percent: int) -> Verdict:
    """Put a draft in force if neither its check nor its tests object; they run in a process of their own.

    :raises SetupError: a trial beside nothing, or the tests did not come to an end.
    """
    with tempfile.TemporaryDirectory(prefix="voicegw-publish-") as folder:
        file = await asyncio.to_thread(bundles.unpack, draft.bundle, Path(folder) / draft.name)
        examined = await examine_apart(file, settings)
        plan, _ = await asyncio.to_thread(files.read, file)
    if examined.exit_code or plan is None:
        return Verdict(examined)
    if plan.name != draft.name:
        raise SetupError(f"this draft is {draft.name}'s: its `name` cannot become {plan.name}")
    change = await versions.publish(plan, draft.bundle, author, percent=percent, vectors=examined.vectors)
    return Verdict(examined, change)


def difference(old: Bundle, new: Bundle, old_name: str, new_name: str) -> list[str]:
    """Lines of a unified diff, file by file; none if nothing differs."""
    lines = _difference(old.source, new.source, old_name, new_name)
    for name in sorted({*old.files, *new.files}):
        texts = old.files.get(name, ""), new.files.get(name, "")
        lines += _difference(*texts, f"{name}, {old_name}", f"{name}, {new_name}")
    return lines


def _difference(old: str, new: str, old_name: str, new_name: str) -> list[str]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), old_name, new_name, lineterm="", n=CONTEXT_LINES)
    return list(lines)


@functools.lru_cache(maxsize=1)
def _tools(settings_json: str) -> Mapping[str, ToolFacts]:
    return Toolbox.load(Settings.model_validate_json(settings_json)).facts()


def tools(settings: Settings) -> Mapping[str, ToolFacts]:
    """What integrations offer; they are loaded once."""
    return _tools(settings.model_dump_json())


@functools.lru_cache(maxsize=64)
def _read(file: Path, changed_ns: int) -> Dialplan | None:
    """Read anew only when it has changed: pages ask for all of them."""
    return files.read(file)[0]


def _files(settings: Settings) -> dict[str, tuple[Path, Dialplan]]:
    try:
        read = {file: _read(file, file.stat().st_mtime_ns) for file in files.found(settings.dialplans)}
    except (DialplanError, OSError):
        return {}
    return {plan.name: (file, plan) for file, plan in read.items() if plan}


def _from_file(settings: Settings, name: str) -> Bundle:
    known = _files(settings)
    if name not in known:
        raise SetupError(f"there is no dialplan {name}")
    return bundles.read_bundle(*known[name])
