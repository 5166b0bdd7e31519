"""The command line. Each command lives in its own module under ``commands/`` and is imported when it is run."""

import importlib
import sys

import click

from voicegw import __version__, config
from voicegw.errors import VoicegwError

COMMANDS = {
    "bench": "Measure a group of figures.",
    "call": "Place a real call: speak, listen, measure.",
    "capacity": "What so many calls need.",
    "dialplan": "Check and try dialplans.",
    "doctor": "Is this machine ready? What to do if not.",
    "edge": "Kamailio in front of the cells: write its files.",
    "models": "List and pull models.",
    "outcomes": "What happened on calls.",
    "qa": "Scenarios by text, by sound and over SIP.",
    "serve": "Answer the phone.",
    "tools": "What integrations can do.",
    "transcribe": "What the engine hears in a recording.",
    "users": "Who may sign in to the console.",
}
"""Name, and the line that ``voicegw --help`` shows; module ``voicegw.commands.NAME`` has ``command``."""


class _Lazy(click.Group):
    """Lists commands without importing them: `voicegw --help` must not load a speech engine."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"voicegw.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=_Lazy)
@click.version_option(__version__, package_name="voicegw")
def voicegw() -> None:
    """Answers the phone in place of “press 1 for billing”.

    Example: voicegw serve --sip-port 5060
    """


def main() -> None:
    """Entry point: errors made for people are one line (or one line each) and an exit code."""
    config.bound_threads()
    try:
        voicegw(prog_name="voicegw")
    except VoicegwError as error:
        click.echo(f"voicegw: {error}", err=True)
        sys.exit(error.exit_code)
