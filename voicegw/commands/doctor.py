"""``voicegw doctor``: is this machine ready, and what to do if not."""

import asyncio
import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from voicegw import config
from voicegw.gateway.doctor import examine
from voicegw.gateway.finding import Finding, Verdict

_MARKS = {Verdict.OK: ("ok", "green"), Verdict.WARN: ("warn", "yellow"), Verdict.FAIL: ("FAIL", "bold red")}


@click.command("doctor")
@click.option("--settings", "settings_file", type=click.Path(path_type=Path), help="TOML file of settings.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(settings_file: Path | None, as_json: bool) -> None:
    """Is this machine ready to answer calls? Says what to do about each thing that is not.

    Exit status 0: calls work; 1: something must be mended first.

    Example: voicegw doctor --settings /etc/voicegw.toml
    """
    findings = asyncio.run(examine(config.load(settings_file)))
    if as_json:
        click.echo(json.dumps([_values(finding) for finding in findings], indent=2))
    else:
        Console(highlight=False).print(_table(findings), _verdict(findings))
    sys.exit(1 if any(finding.verdict is Verdict.FAIL for finding in findings) else 0)


def _values(finding: Finding) -> dict[str, str]:
    return {
        "about": finding.about,
        "verdict": finding.verdict.value,
        "found": finding.found,
        "to_do": finding.to_do,
    }


def _table(findings: list[Finding]) -> Table:
    table = Table.grid(padding=(0, 2))
    for finding in findings:
        text = Text(finding.found)
        if finding.to_do:
            text.append(f"\n→ {finding.to_do}", style="bold")
        table.add_row(Text(*_MARKS[finding.verdict]), finding.about, text)
    return table


def _verdict(findings: list[Finding]) -> Text:
    wrong = sum(finding.verdict is Verdict.FAIL for finding in findings)
    if wrong:
        return Text(f"\n{wrong} to mend before calls work", style="bold red")
    return Text("\nready: `voicegw serve`", style="bold green")
