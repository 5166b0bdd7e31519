"""``voicegw bench outcomes``: lists and searches over a million calls."""

import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

from voicegw.errors import SetupError
from voicegw.outcomes.filling import fill
from voicegw.outcomes.migrate import migrate
from voicegw.outcomes.queries import Wanted
from voicegw.outcomes.rows import CallRow
from voicegw.outcomes.store import OutcomeStore
from voicegw.qa.benching import Run
from voicegw.qa.figures import Figure, percentile

CALLS = 1_000_000
TARGET = "≤ 200"
REPEATS = 15
SEED = 5
NEWEST = 1_800_000_000.0
"""Unix time at which the last of the calls begins; a year of them lies before it."""
YEAR_S, DAY_S = 365 * 86_400.0, 86_400.0
CALLERS = 50_000
WITHHELD = "anonymous"
"""One caller in ten."""
PLANS = ("orders", "dental", "helpdesk", "outage", "hotel", "bank", "clinic", "rare")
ENDINGS = {"completed": 70.0, "handed_over": 12.0, "abandoned": 16.0, "failed": 1.9, "refused": 0.1}
"""With their share in percent."""


def made_up_calls(count: int) -> Iterator[CallRow]:
    """Calls of a year: few dialplans, of which one is rare; many callers, of whom some withhold their number."""
    chance = random.Random(SEED)
    for number in range(count):
        began_at = NEWEST - YEAR_S * (count - 1 - number) / count
        plan = PLANS[-1] if chance.random() < 0.001 else PLANS[chance.randrange(len(PLANS) - 1)]
        caller = WITHHELD if chance.random() < 0.1 else f"+1555{chance.randrange(CALLERS):07}"
        yield CallRow(
            f"{chance.getrandbits(128):032x}",
            began_at,
            opened_at=began_at,
            caller=caller,
            callee=f"{5000 + PLANS.index(plan)}",
            dialplan=plan,
            version=1 + number * 20 // count,
            cell=number % 4,
            answered_at=began_at + 0.1,
            setup_ms=31.0,
            codec="PCMU",
            closed_at=began_at + 90.0,
            ended_by="caller",
            sip_status=200,
            reason="OK",
            slots={"order_id": f"{number % 9000:04}"},
            turns=6,
            disposition=chance.choices(list(ENDINGS), list(ENDINGS.values()))[0],
        )


SEARCHES = {
    "newest": Wanted(),
    "one caller": Wanted(number="15550001234"),
    "callers who withhold their number": Wanted(number=WITHHELD),
    "number that is dialled often": Wanted(number="5000"),
    "number dialled often, rare outcome": Wanted(number="5000", disposition="refused"),
    "withheld number, rare outcome": Wanted(number=WITHHELD, disposition="refused"),
    "withheld number, rare outcome, dialplan": Wanted(number=WITHHELD, disposition="refused", dialplan="orders"),
    "number nobody has": Wanted(number="4930123456"),
    "day half a year ago": Wanted(since=NEWEST - YEAR_S / 2, until=NEWEST - YEAR_S / 2 + DAY_S),
    "dialplan": Wanted(dialplan="hotel"),
    "rare dialplan": Wanted(dialplan="rare"),
    "dialplan, old version": Wanted(dialplan="orders", version=1),
    "dialplan, old version, rare outcome": Wanted(dialplan="orders", version=1, disposition="refused"),
    "outcome": Wanted(disposition="failed"),
    "rare outcome": Wanted(disposition="refused"),
    "dialplan, outcome": Wanted(dialplan="bank", disposition="refused"),
    "dialplan, outcome, month half a year ago": Wanted(
        dialplan="bank", disposition="failed", since=NEWEST - YEAR_S / 2, until=NEWEST - YEAR_S / 2 + 30 * DAY_S
    ),
    "outcome, before the first call": Wanted(disposition="refused", until=NEWEST - YEAR_S),
    "page after a hundred thousand": Wanted(after=(NEWEST - YEAR_S / 10, "")),
}
"""What people and the console ask."""


async def run(how: Run) -> tuple[Figure, ...]:
    """Some two minutes: fills ``how.database``, or SQLite in a folder of its own, and asks.

    :raises SetupError: that database has calls already.
    """
    folder = tempfile.TemporaryDirectory(prefix="voicegw-bench-") if not how.database else nullcontext("")
    with folder as place:
        url = how.database or f"sqlite:///{Path(place) / 'calls.sqlite'}"
        return await measure(url, CALLS, how)


async def measure(url: str, count: int, how: Run) -> tuple[Figure, ...]:
    """Fill the empty database at ``url`` with ``count`` calls, and time each search."""
    await migrate(url)
    store = OutcomeStore(url)
    try:
        if await store.last_call():
            raise SetupError("the database for bench outcomes has calls in it already: name an empty one")
        how.tell(f"making up {count:,} calls")
        began = time.monotonic()
        await fill(url, made_up_calls(count))
        kind = url.partition(":")[0]
        figures = [Figure(f"outcomes, {kind}: {count:,} calls filled in", round(time.monotonic() - began, 1), "s")]
        for name, wanted in SEARCHES.items():
            how.tell(name)
            took_ms = [await _took_ms(store, wanted) for _ in range(REPEATS)]
            slow = percentile(took_ms, 95)
            figures.append(Figure(f"outcomes, {kind}: {name}, p95", slow, "ms", TARGET, REPEATS))
    finally:
        await store.close()
    return tuple(figures)


async def _took_ms(store: OutcomeStore, wanted: Wanted) -> float:
    began = time.perf_counter()
    await store.list_calls(wanted)
    return (time.perf_counter() - began) * 1000
