"""Bundles of dialplans on disk: read from an admin's folder, written to the service's own."""

import os
import shutil
import tempfile
from pathlib import Path, PurePosixPath

from voicegw.dialplan.model import Dialplan
from voicegw.errors import Problem, SetupError
from voicegw.publishing.record import Bundle, Draft

SOURCE_NAME = "dialplan.yaml"
FOLDER = "dialplans"
"""In the data folder: versions and drafts, for workers to read."""


def read_bundle(file: Path, plan: Dialplan) -> Bundle:
    """The text of a dialplan that was read and checked, and of the files that it names."""
    texts = {name: (file.parent / name).read_text(encoding="utf-8") for name in plan.knowledge.files}
    return Bundle(file.read_text(encoding="utf-8"), texts)


def unpublishable(file: Path, plan: Dialplan) -> list[Problem]:
    """What may lie beside a file, but not in a version of it."""
    hint = "move it into the dialplan's folder"
    return [
        Problem(str(file), 1, 1, f"knowledge file {name} lies outside the dialplan's folder", hint)
        for name in plan.knowledge.files
        if not _is_within(name)
    ]


def unpack(bundle: Bundle, folder: Path) -> Path:
    """Write the bundle into ``folder``, whole or not at all; the path of its YAML file.

    :raises SetupError: a name in it would lead out of the folder.
    """
    wrong = [name for name in bundle.files if not _is_within(name) or name == SOURCE_NAME]
    if wrong:
        raise SetupError(f"a published dialplan has files outside its folder: {', '.join(wrong)}")
    target = folder / SOURCE_NAME
    if target.exists():  # a version never changes
        return target
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    for name, text in {SOURCE_NAME: bundle.source, **bundle.files}.items():
        (draft / name).parent.mkdir(parents=True, exist_ok=True)
        (draft / name).write_text(text, encoding="utf-8")
    try:
        os.replace(draft, folder)
    except OSError:  # another process of this machine was first
        shutil.rmtree(draft)
    return target


def unpack_draft(draft: Draft, folder: Path) -> Path:
    """Write a draft where workers and chats find this revision of it: the path of its YAML file.

    :raises SetupError: as of ``unpack``.
    """
    return unpack(draft.bundle, folder / draft.name / f"draft-{draft.revision}-{draft.bundle.digest[:12]}")


def _is_within(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts
