"""A conversation with a dialplan in the terminal."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import AsyncExitStack

from rich.console import Console

from voicegw.actions.judging import policies
from voicegw.actions.registry import Toolbox
from voicegw.actions.rehearsal import Rehearsal
from voicegw.call.commands import Hangup
from voicegw.config import Settings
from voicegw.dialplan.model import Dialplan
from voicegw.engines import registry
from voicegw.gateway.llm import local_model
from voicegw.nlu.reader import Reader
from voicegw.qa.explaining import reasons
from voicegw.qa.text_call import Exchange, TextCall
from voicegw.worker.hands import by_effect

WHY = "?"
"""A line of this alone asks how the last turn was understood."""


async def converse(
    plan: Dialplan, settings: Settings, lines: Iterable[str], *, why: bool, llm: bool, for_real: bool
) -> None:
    """Until the agent or the caller ends it.

    :param lines: what the caller says; empty: it is typed.
    :param for_real: what is confirmed is done, from this process; else it is only said to be.
    """
    console = Console(highlight=False)
    embedder = registry.sentence_embedder(settings)
    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(local_model(settings)) if llm else None
        tools = Toolbox.load(settings)
        stack.push_async_callback(tools.close)
        await tools.open(embedder.embed)
        run = tools.run if for_real else by_effect(tools, Rehearsal(tools, policies(settings)).run)
        call = TextCall(plan, Reader.of(plan.examples(), embedder.embed, plan.language), embedder, run, model)
        exchange = await call.begin()
        _show(console, exchange, why=False)
        for line in lines or _typed(console):
            if line.strip() == WHY:
                _explain(console, exchange)
                continue
            if lines:
                console.print(f"[bold]caller[/] {line}")
            exchange = await call.take(line)
            _show(console, exchange, why=why)
            if exchange.ended:
                return


def _typed(console: Console) -> Iterator[str]:
    """Lines from the terminal, or from a pipe."""
    while True:
        if sys.stdin.isatty():
            console.print("[bold]caller[/] ", end="")
        line = sys.stdin.readline()
        if not line:
            return
        yield line.rstrip("\n")


def _show(console: Console, exchange: Exchange, *, why: bool) -> None:
    if why:
        _explain(console, exchange)
    for request, result in exchange.actions:
        arguments = ", ".join(f"{name}={value!r}" for name, value in request.arguments.items())
        console.print(f"       [dim]{request.tool}({arguments}) → {result.status}, {result.took_ms:.0f} ms[/]")
    for text in exchange.said:
        console.print(f"[bold green]agent[/]  {text}")
    if exchange.ended:
        ended = exchange.ended
        console.print(
            f"[dim]the call is over: {ended.disposition}[/]"
            if isinstance(ended, Hangup)
            else f"[dim]the caller is given to {ended.target}[/]"
        )


def _explain(console: Console, exchange: Exchange) -> None:
    for line in reasons(exchange.decision) if exchange.decision else ("nothing was said yet",):
        console.print(f"       [dim]{line}[/]")
