"""What came of scenarios: a run, as a value, as a folder, and back."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from voicegw.errors import Problem, SettingsError
from voicegw.qa.junit import Case, to_xml
from voicegw.qa.scenarios.evidence import Evidence, Reply
from voicegw.qa.scenarios.files import Placed
from voicegw.qa.scenarios.holds import Failure
from voicegw.qa.scenarios.model import Runner, ScenarioLine

RUN_FILE = "run.json"
Way = Runner | Literal["simulated", "simulated by audio", "simulated by sip"]
"""By which runner; ``simulated``: by a caller who decides by a language model what to say, by text if nothing else is
said."""


@dataclass(frozen=True)
class Said:
    """A line as the scenario has it."""

    text: str
    label: str = ""
    """What is special about it: ``keys``, ``silence``, ``over the agent``, …"""


@dataclass(frozen=True)
class Result:
    """One scenario, run once."""

    name: str
    title: str
    about: str
    tags: tuple[str, ...]
    runner: Way
    lines: tuple[Said, ...]
    problems: tuple[Problem, ...]
    """What does not hold, each at its place in the scenario's file."""
    took_s: float
    evidence: Evidence
    sound: str = ""
    """A stereo WAV in the run's folder, the caller left; empty if there is none."""

    @property
    def ok(self) -> bool:
        """Everything holds."""
        return not self.problems

    @property
    def key(self) -> str:
        """The same scenario by the same runner in another run has the same."""
        return f"{self.runner}/{self.name}"


@dataclass(frozen=True)
class RunResults:
    """All that was run at one time."""

    at: float
    """Unix time."""
    commit: str
    machine: str
    took_s: float
    results: tuple[Result, ...]

    @property
    def ok(self) -> bool:
        """All passed."""
        return all(result.ok for result in self.results)


_RUN = TypeAdapter(RunResults)


def result_of(
    placed: Placed, runner: Way, evidence: Evidence, found: list[Failure], took_s: float, sound: str = ""
) -> Result:
    """Put a result together."""
    scenario = placed.scenario
    return Result(
        placed.name,
        scenario.name,
        scenario.about,
        scenario.tags,
        runner,
        tuple(map(_said, scenario.talk)),
        tuple(placed.source.problem(failure.loc, failure.message) for failure in found),
        round(took_s, 3),
        evidence,
        sound,
    )


def _said(line: ScenarioLine) -> Said:
    if line.keys:
        return Said(line.keys, "keys")
    if line.silence:
        return Said("", f"silent for {line.for_s:g} s")
    if line.hang_up:
        return Said("", "hangs up")
    text = line.caller[0] if line.caller else ""
    notes = {"recording": bool(line.wav), "aside": line.aside, "over the agent": line.over_ms is not None}
    return Said(text, ", ".join(note for note, applies in notes.items() if applies))


def save(run: RunResults, folder: Path) -> None:
    """Write a run into its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RUN_FILE).write_bytes(_RUN.dump_json(run, indent=1))


def load(folder: Path) -> RunResults:
    """
    :raises SettingsError: there is no run in this folder.
    """
    try:
        return _RUN.validate_json((folder / RUN_FILE).read_bytes())
    except (OSError, ValueError) as error:
        raise SettingsError(f"{folder}: no results of `voicegw qa run` ({error})") from None


def folders(root: Path) -> list[Path]:
    """Folders of runs, the oldest first."""
    return sorted(file.parent for file in root.glob(f"*/{RUN_FILE}"))


def new_folder(root: Path, at: float) -> Path:
    """For a run that begins now; names sort by time."""
    return root / datetime.fromtimestamp(at).strftime("%Y-%m-%dT%H-%M-%S")


def to_junit(run: RunResults) -> str:
    """As CI servers read it: one suite per runner."""
    cases = [
        Case(
            f"qa.{result.runner}",
            result.name,
            result.took_s,
            tuple(map(str, result.problems)),
            "\n".join(transcript(result)),
        )
        for result in run.results
    ]
    return to_xml(cases)


def transcript(result: Result) -> list[str]:
    """Who said what, line by line."""
    evidence = result.evidence
    lines = [f"agent: {evidence.greeting}"] if evidence.greeting else []
    for said, reply in zip(result.lines, evidence.replies, strict=False):
        lines += [f"caller: {said.text or f'({said.label})'}", *_agent(reply)]
    return lines


def _agent(reply: Reply) -> list[str]:
    calls = [f"  ({call.tool} {dict(call.arguments)}: {call.status})" for call in reply.calls]
    return [*calls, f"agent: {reply.said}"] if reply.said or not calls else calls
