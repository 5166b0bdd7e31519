"""The table of metrics in docs/metrics.md, made from the registry itself.

python docs/metrics_reference.py          prints it
python docs/metrics_reference.py --write  puts it into docs/metrics.md
"""

import sys
from pathlib import Path

from voicegw.observe.machine import CellUp, MachineState
from voicegw.observe.metrics import MachineGauges, Metrics
from voicegw.observe.own_calls import OwnCalls
from voicegw.observe.rules import Alert
from voicegw.outcomes.record import (
    CallClosed,
    CallConcluded,
    CallOpened,
    CallPickedUp,
    ToolAnswered,
    TransferTried,
    TurnTaken,
    Waterfall,
    WorkerReplaced,
)

PAGE = Path(__file__).resolve().parent / "metrics.md"
BEGIN = "<!-- metrics: made by docs/metrics_reference.py -->\n"
END = "<!-- /metrics -->\n"
_SUFFIXES = {"counter": "_total"}


def fed() -> Metrics:
    """Metrics of a machine on which everything has happened once, so that every label shows."""
    metrics, gauges = Metrics(), MachineGauges()
    metrics.watch(gauges)
    gauges.state = MachineState("here", (CellUp(0, 0, 4),), trunks={"carrier": True})
    gauges.alerts = [Alert("ToolFails", "shop.find", "", "")]
    calls = OwnCalls(metrics)
    calls.opened(CallOpened("c1", 1.0, "", "", "plan", 1))
    for fact in (
        CallPickedUp("c1", 1.0, 30.0),
        TurnTaken("c1", 1, 2.0, "yes", "", confidence=0.9, waterfall=Waterfall(1, 2, 3, 4, 5, 6, 7)),
        ToolAnswered("c1", 3.0, "t1", "shop.find", "reads", "found", 4.0),
        TransferTried("c1", 4.0, 1, "100", "asked for"),
        WorkerReplaced("c1", 5.0, hung=False),
        CallConcluded("c1", 6.0, "completed"),
        CallClosed("c1", 7.0, "caller", 200, "", {"rtp_received": 1.0, "jitter_ms": 1.0}),
    ):
        calls.take(fact)
    return metrics


def table() -> str:
    """Markdown."""
    lines = ["| metric | type | labels | what it is |", "| --- | --- | --- | --- |"]
    for family in sorted(fed().registry.collect(), key=lambda family: family.name):
        labels = sorted({name for sample in family.samples for name in sample.labels} - {"le"})
        shown = ", ".join(f"`{label}`" for label in labels)
        name = family.name + _SUFFIXES.get(family.type, "")
        lines.append(f"| `{name}` | {family.type} | {shown} | {family.documentation} |")
    return "\n".join(lines) + "\n"


def with_table(page: str) -> str:
    """The page with today's table in its place."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "\n" + table() + "\n" + END + after


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print(table())
