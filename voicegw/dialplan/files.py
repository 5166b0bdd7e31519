"""Dialplans on disk."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple
from pathlib import Path

import numpy as np

from voicegw.dialplan import check, knowledge
from voicegw.dialplan.confusable import confusable
from voicegw.dialplan.model import Answer, Dialplan
from voicegw.dialplan.parse import Source, parse_source
from voicegw.dialplan.tools import ToolFacts
from voicegw.errors import DialplanError, Problem

SUFFIXES = (".yaml", ".yml")
Embed = Callable[[Sequence[str]], np.ndarray]
"""Texts to unit vectors."""
COMPARED_LANGUAGE = "en"
"""Examples are compared by vectors whose scale is known."""


def load(path: Path, tools: Mapping[str, ToolFacts] | None = None) -> list[Dialplan]:
    """All dialplans in a folder, or the one in a file, checked.

    :param tools: what integrations offer; None: not known, and not checked.
    :raises DialplanError: with every error in every file.
    """
    problems: list[Problem] = []
    plans: list[Dialplan] = []
    for file in found(path):
        plan, wrong = read(file, tools)
        problems += [problem for problem in wrong if problem.severity == "error"]
        if plan:
            plans.append(plan)
    problems += shared_numbers(plans, path)
    if problems:
        raise DialplanError(problems)
    return plans


def read(
    file: Path, tools: Mapping[str, ToolFacts] | None = None, embed: Embed | None = None
) -> tuple[Dialplan | None, list[Problem]]:
    """The dialplan in a file, if it can be read, and all that is wrong with it, warnings too.

    :param tools: what integrations offer; None: not known, and not checked.
    :param embed: texts to sentence vectors, to find examples that cannot be told apart; None: not looked for.
    """
    try:
        source = Source(_text(file), str(file))
        plan = parse_source(source)
        plan, problems = _with_knowledge(plan, source, file.parent)
    except DialplanError as error:
        return None, error.problems
    problems += check.check(plan, source.problem, tools)
    if embed and plan.language == COMPARED_LANGUAGE:
        vectors = {intent: embed(sentences) for intent, sentences in plan.examples().items()}
        problems += [source.problem(*astuple(finding)) for finding in confusable(plan, vectors)]
    return plan, sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column))


def _with_knowledge(plan: Dialplan, source: Source, folder: Path) -> tuple[Dialplan, list[Problem]]:
    """The dialplan with the answers of its Markdown files; its own come first."""
    answers: dict[str, Answer] = {}
    problems: list[Problem] = []
    for index, name in enumerate(plan.knowledge.files):
        file = folder / name
        if not file.is_file():
            loc = ("knowledge", "files", index)
            problems.append(source.problem(loc, f"there is no file {file}", "names are relative to the dialplan"))
            continue
        found, wrong = knowledge.parse(_text(file), str(file))
        answers |= found
        problems += wrong
    whole = plan.knowledge.model_copy(update={"answers": answers | plan.knowledge.answers})
    return plan.model_copy(update={"knowledge": whole}), problems


def found(path: Path) -> list[Path]:
    """Files of dialplans in a folder, or the one that is named.

    :raises DialplanError: there is none.
    """
    files = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES) if path.is_dir() else [path]
    if not files:
        raise DialplanError([Problem(str(path), 1, 1, "no dialplan here", "put a .yaml file into this folder")])
    return files


def _text(file: Path) -> str:
    """:raises DialplanError: it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DialplanError([Problem(str(file), 1, 1, "no such file", "is the name right?")]) from None
    except UnicodeDecodeError as error:
        hint = "save the file as UTF-8"
        raise DialplanError([Problem(str(file), 1, 1, f"not text: {error.reason}", hint)]) from None
    except OSError as error:
        raise DialplanError([Problem(str(file), 1, 1, f"cannot be read: {error.strerror}")]) from None


def shared_numbers(plans: Sequence[Dialplan], path: Path) -> list[Problem]:
    """Names and numbers that two dialplans claim."""
    problems: list[Problem] = []
    owners: dict[str, str] = {}
    for plan in plans:
        for claim in (f"name {plan.name}", *(f"number {number}" for number in plan.numbers)):
            if claim in owners:
                message = f"{claim} is claimed by two dialplans: {owners[claim]} and {plan.name}"
                problems.append(Problem(str(path), 1, 1, message, "give it to one of them"))
            owners[claim] = plan.name
    return problems
