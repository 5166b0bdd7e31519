"""``voicegw dialplan``: check dialplans, try them by text, see how they understand, publish them."""

import asyncio
import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from voicegw import config, log
from voicegw.call.dialog_slots import expecting
from voicegw.call.dialog_state import Question, State
from voicegw.commands.dialplan_chat import converse
from voicegw.commands.dialplan_publish import publish, rollback, rollout
from voicegw.commands.dialplan_shared import counted, embedder_of, json_option, settings_option, tools_of
from voicegw.commands.dialplan_tests import Wish, json_of, junit_of, run_calls, run_tests, text_of
from voicegw.commands.dialplan_versions import compare, diff, list_published
from voicegw.config import Settings
from voicegw.dialplan import files
from voicegw.dialplan.model import Dialplan
from voicegw.documents.positions import closest
from voicegw.engines import registry
from voicegw.errors import DialplanError, Problem, SetupError
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.reader import Reader
from voicegw.nlu.understanding import Understanding


@click.group("dialplan")
def command() -> None:
    """Check, try and publish dialplans.

    Example: voicegw dialplan check dialplans/acme-orders.yaml
    """


@command.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE…]")
@json_option
@settings_option
def check(paths: tuple[Path, ...], as_json: bool, settings_file: Path | None) -> None:
    """All that is wrong in dialplans, each with its line, column and what to do. Folders are taken whole.

    Exits 2 if there are errors; warnings alone exit 0.

    Example: voicegw dialplan check dialplans --json
    """
    settings = config.load(settings_file)
    checked = [file for path in paths or (settings.dialplans,) for file in files.found(path)]
    tools, embedder = tools_of(settings), embedder_of(settings)
    embed = embedder.embed if embedder else None
    problems = [problem for file in checked for problem in files.read(file, tools, embed)[1]]
    _report(problems, len(checked), as_json)
    if any(problem.severity == "error" for problem in problems):
        sys.exit(2)


@command.command("schema")
def schema() -> None:
    """The language as JSON Schema, for editors that complete and check.

    Example: voicegw dialplan schema > dialplan.schema.json
    """
    click.echo(json.dumps(Dialplan.model_json_schema(), indent=2))


@command.command("chat")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--say", "lines", multiple=True, metavar="TEXT", help="What the caller says, instead of typing it.")
@click.option("--why", is_flag=True, help="Show how each turn was understood.")
@click.option("--llm", is_flag=True, help="Ask the language model where the reflex is not sure.")
@click.option("--for-real", is_flag=True, help="Do what is confirmed; else it is only said to be done.")
@settings_option
def chat(file: Path, lines: tuple[str, ...], why: bool, llm: bool, for_real: bool, settings_file: Path | None) -> None:
    """Talk to a dialplan by text.

    Type what a caller would say. An empty line is silence, `#1234` are keys pressed, `?` asks how the last turn was
    understood, Ctrl-D hangs up.

    Example: voicegw dialplan chat dialplans/acme-orders.yaml --why
    """
    settings = config.load(settings_file)
    plan = _plan(file, settings)
    log.configure(level="warning")
    asyncio.run(converse(plan, settings, lines, why=why, llm=llm, for_real=for_real))


@command.command("test")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE…]")
@click.option("--vary", is_flag=True, help="Also in other wordings: fillers, politeness, digits as words.")
@click.option("--call", is_flag=True, help="As real calls to a service of its own, some 25 s each.")
@click.option("--only", multiple=True, metavar="TEXT", help="With --call: conversations with TEXT in their name.")
@click.option("--keep", type=click.Path(path_type=Path), help="With --call: folder for the sound of every call.")
@click.option("--junit", type=click.Path(path_type=Path), help="Write JUnit XML here.")
@json_option
@settings_option
def test(
    paths: tuple[Path, ...],
    vary: bool,
    call: bool,
    only: tuple[str, ...],
    keep: Path | None,
    junit: Path | None,
    as_json: bool,
    settings_file: Path | None,
) -> None:
    """Run the conversations under `tests:`; exits 1 if one does not come out as it says.

    Example: voicegw dialplan test dialplans/acme-orders.yaml --vary --junit report.xml
    """
    settings = config.load(settings_file)
    log.configure(level="warning")
    checked = [file for path in paths or (settings.dialplans,) for file in files.found(path)]
    plans = {file: _plan(file, settings) for file in checked}
    if call:
        with Console(stderr=True).status("starting the service") as status:
            results = asyncio.run(run_calls(plans, settings, Wish(only, keep, status.update)))
    else:
        results = asyncio.run(run_tests(plans, settings, vary=vary))
    if junit:
        junit.write_text(junit_of(results), encoding="utf-8")
    click.echo(json_of(results) if as_json else text_of(results))
    if any(outcome.failures for outcomes in results.values() for outcome in outcomes):
        sys.exit(1)


@command.command("understand")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("text")
@click.option("--asked", "slot", default="", metavar="SLOT", help="The slot that was asked for.")
@json_option
@settings_option
def understand(file: Path, text: str, slot: str, as_json: bool, settings_file: Path | None) -> None:
    """What is understood in a sentence: intents with scores, values with their words, and whether it suffices.

    Example: voicegw dialplan understand dialplans/acme-orders.yaml "where is order 4567" --json
    """
    settings = config.load(settings_file)
    plan = _plan(file, settings)
    embedder = registry.sentence_embedder(settings)
    reader = Reader.of(plan.examples(), embedder.embed, plan.language)
    now = datetime.now()
    understanding = reader.read(text, embedder.embed([text])[0], _asked(plan, slot), now.date(), now.time())
    if as_json:
        click.echo(json.dumps(as_values(understanding), indent=2, ensure_ascii=False))
    else:
        _show(understanding)


for _published in (publish, rollback, rollout, list_published, diff, compare):
    command.add_command(_published)


def as_values(understanding: Understanding) -> dict[str, Any]:
    """Plain values, with who decides."""
    values = asdict(understanding)
    sure = understanding.confident or understanding.slots or understanding.yes is not None
    return {**values, "decided_by": "reflex" if sure else "llm"}


def _plan(file: Path, settings: Settings) -> Dialplan:
    """:raises DialplanError: it has errors."""
    plan, problems = files.read(file, tools_of(settings))
    errors = [problem for problem in problems if problem.severity == "error"]
    if plan is None or errors:
        raise DialplanError(errors)
    return plan


def _asked(plan: Dialplan, slot: str) -> Expecting:
    if not slot:
        return Expecting()
    if slot not in plan.slots:
        hint = closest(slot, list(plan.slots)) or f"slots are {', '.join(plan.slots)}"
        raise SetupError(f"no slot is called {slot!r} ({hint})")
    return expecting(plan, State(question=Question("slot", slot)))


def _report(problems: list[Problem], count: int, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([asdict(problem) for problem in problems], indent=2))
        return
    for problem in problems:
        click.echo(str(problem))
    errors = sum(problem.severity == "error" for problem in problems)
    dialplans = "1 dialplan" if count == 1 else f"{count} dialplans"
    click.echo(f"{dialplans}: {counted(errors, 'error')}, {counted(len(problems) - errors, 'warning')}")


def _show(understanding: Understanding) -> None:
    console = Console(highlight=False)
    intents = Table("intent", "score", box=None, pad_edge=False)
    for intent in understanding.intents:
        intents.add_row(f"not {intent.name}" if intent.negated else intent.name, f"{intent.score:.2f}")
    console.print(intents)
    if understanding.slots:
        slots = Table("value", "type", "words", "at", box=None, pad_edge=False)
        for slot in understanding.slots:
            slots.add_row(str(slot.value), slot.kind, slot.text, f"{slot.start}-{slot.end}")
        console.print()
        console.print(slots)
    console.print(f"\nyes or no: {understanding.yes}\nthe words are {understanding.completeness}")
    console.print("the reflex is sure of the intent" if understanding.confident else "the reflex is not sure")
