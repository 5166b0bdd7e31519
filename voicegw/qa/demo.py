"""``make demo``: a newcomer's first call. Starts the service, calls it, and shows what was said and what it cost."""

import asyncio
import sys
import time
from pathlib import Path

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table

from voicegw.accounts.welcome import first_secret
from voicegw.config import load
from voicegw.errors import VoicegwError
from voicegw.outcomes.migrate import migrate
from voicegw.outcomes.rows import CallStory
from voicegw.outcomes.show import render_call
from voicegw.outcomes.store import OutcomeStore
from voicegw.qa.call_report import CallReport
from voicegw.qa.caller import place_call
from voicegw.qa.script import SayLine, Script
from voicegw.qa.service import RunningService, start_service

NUMBER = "5000"
DIALPLAN = "dialplans/acme-orders.yaml"
"""One is learned sooner than all that ship."""
LINES = ("Hi, where is my order 4 5 6 7?", "No thanks, bye.")
RIGHT_ANSWER = ("shipped", "thursday")
"""What the seeded order 4567 is: the demo fails unless the caller heard it."""
RECORDED_WITHIN_S = 10.0
CALL_TIMEOUT_S = 40.0

console = Console()


def main() -> int:
    """Returns the exit status: 0 only if the agent gave the right answer."""
    try:
        return asyncio.run(_demo(time.monotonic()))
    except VoicegwError as error:
        console.print(f"[red]voicegw demo:[/] {error}")
        return error.exit_code


async def _demo(began: float) -> int:
    folder = load().data_dir / "demo"
    console.print("[bold]1[/]  starting the service with embedded defaults …")
    own = {"data_dir": str(folder), "dialplans": DIALPLAN, "sip": {"host": "127.0.0.1", "port": 0}}
    service = await start_service(own)
    try:
        uri = f"sip:{NUMBER}@127.0.0.1:{service.sip_port}"
        console.print(f"[bold]2[/]  calling {uri} (first ring {time.monotonic() - began:.1f} s after the start) …")
        steps = tuple(SayLine(line) for line in LINES)
        report = await place_call(uri, Script(steps), timeout_s=CALL_TIMEOUT_S, transcribe=True)
        console.print("[bold]3[/]  looking up what was recorded …")
        story = await _story(service)
    finally:
        await service.stop()
    console.print(Group(_conversation(report), render_call(story.call, story.turns) if story else ""))
    verdict = _verdict(report, story)
    if not verdict:
        await _tell_console()
    return verdict


async def _tell_console() -> None:
    """Where the console will be, and the link that lets its first admin in."""
    settings = load()
    address = f"http://{settings.web.host}:{settings.web.port}"
    await migrate(settings.resolved_database_url)
    secret = await first_secret(settings.resolved_database_url, time.time())
    console.print(f"[bold]Console[/], once `make serve` runs: {address}")
    if secret:
        console.print("Sign in as admin, once, within a day:")
        console.print(f"{address}/welcome/{secret}", soft_wrap=True, highlight=False)


async def _story(service: RunningService) -> CallStory | None:
    """The call's rows, once the recorder has closed it."""
    outcomes = OutcomeStore(service.database_url)
    deadline = time.monotonic() + RECORDED_WITHIN_S
    try:
        while time.monotonic() < deadline:
            call_id = await outcomes.last_call()
            story = await outcomes.show_call(call_id) if call_id else None
            if story and story.call.closed_at and story.call.disposition:
                return story
            await asyncio.sleep(0.1)
    finally:
        await outcomes.close()
    return None


def _conversation(report: CallReport) -> Table:
    table = Table(title="What was said, as heard at the caller's end", title_justify="left")
    table.add_column("who", style="bold")
    table.add_column("words")
    table.add_column("reply after", justify="right")
    table.add_row("agent", report.greeting, "")
    for number, turn in enumerate(report.turns):
        table.add_row("caller", turn.line.text, "")
        answer = report.answers[number] if number < len(report.answers) else ""
        latency = "" if turn.latency_ms is None else f"{turn.latency_ms:.0f} ms"
        table.add_row("agent", answer, latency)
    return table


def _verdict(report: CallReport, story: CallStory | None) -> int:
    heard = " ".join(report.answers).lower()
    missing = [word for word in RIGHT_ANSWER if word not in heard]
    if not report.ok:
        console.print(f"[red]The call failed:[/] {report.problem}")
    elif missing:
        console.print(f"[red]The agent did not give the right answer:[/] {' and '.join(missing)} was not heard.")
    elif story is None:
        console.print("[red]The call was not recorded in time:[/] see the service's log above.")
    else:
        console.print(_where_next())
        return 0
    return 1


def _where_next() -> Panel:
    here = Path(sys.executable).parent
    return Panel(
        "[bold]make serve[/]                        the service, and what to enter in your softphone\n"
        f"[bold]{here.parent.name}/bin/voicegw dialplan chat dialplans/acme-orders.yaml[/]   talk to it by text\n"
        "[bold]dialplans/acme-orders.yaml[/]        what the agent says and does: change it, check it, call again\n"
        "[bold]README.md[/]                         the rest",
        title="The agent answered rightly. Where to go next",
        expand=False,
    )


if __name__ == "__main__":
    sys.exit(main())
