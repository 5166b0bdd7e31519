"""Scenarios on disk: folders with a ``scenario.yaml``."""

from dataclasses import dataclass
from pathlib import Path

from voicegw.documents.parse import Kind, Source, parse_as
from voicegw.errors import Problem, ScenarioError
from voicegw.qa.scenarios.model import Scenario

FILE = "scenario.yaml"
KIND = Kind("scenario", "name: an order is asked for", ScenarioError)


@dataclass(frozen=True)
class Placed:
    """A scenario, and where it is written."""

    name: str
    """Of its folder, below the one that was searched."""
    folder: Path
    source: Source
    scenario: Scenario


def read(folder: Path, name: str = "") -> Placed:
    """The scenario in a folder.

    :raises ScenarioError: with all that is wrong in it.
    """
    file = folder / FILE
    try:
        source = Source(file.read_text(encoding="utf-8"), str(file), KIND)
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError([Problem(str(file), 1, 1, f"cannot be read: {error}")]) from None
    placed = Placed(name or folder.name, folder, source, parse_as(Scenario, source))
    problems = _problems(placed)
    if problems:
        raise ScenarioError(problems)
    return placed


def find(paths: list[Path]) -> list[Placed]:
    """The scenarios in and below folders, in the order of their names.

    :raises ScenarioError: there is none, or with all that is wrong in any of them.
    """
    found: list[Placed] = []
    problems: list[Problem] = []
    for path in paths:
        root = path.parent if path.name == FILE else path
        folders = sorted(file.parent for file in root.rglob(FILE))
        if not folders:
            problems.append(Problem(str(path), 1, 1, "no scenario here", f"a scenario is a folder with a {FILE}"))
        for folder in folders:
            try:
                found.append(read(folder, str(folder.relative_to(root)) if folder != root else folder.name))
            except ScenarioError as error:
                problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return found


def _problems(placed: Placed) -> list[Problem]:
    """What the model alone cannot see."""
    scenario, problem = placed.scenario, placed.source.problem
    found = []
    if sum(map(bool, (scenario.sipp, scenario.talk, scenario.goal))) != 1:
        found.append(problem((), "a scenario has either `talk`, `goal` or `sipp`", "what does the caller do?"))
    for index, line in enumerate(scenario.talk):
        if line.wav and not (placed.folder / line.wav).is_file():
            found.append(problem(("talk", index, "wav"), f"there is no {line.wav} in this folder"))
        if line.over_ms is not None and not line.caller:
            found.append(problem(("talk", index, "over_ms"), "only words can be said over the agent"))
    if scenario.sipp:
        for name in ("file", "csv"):
            value = getattr(scenario.sipp, name)
            if value and not (placed.folder / value).is_file():
                found.append(problem(("sipp", name), f"there is no {value} in this folder"))
    return found
