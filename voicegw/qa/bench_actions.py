"""``voicegw bench actions``: what it costs that nothing is lost.

The action runner runs as it does in the service; the write does nothing, so all that is measured is keeping it: on
disk at the yes, as a row, as a workflow with its stage, and the result's way back. Snapshots go to an embedded Valkey.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from voicegw.call.commands import ActionRequest, Consent, Effect
from voicegw.config import from_values
from voicegw.gateway.actions import ActionRunnerProcess
from voicegw.outcomes.migrate import migrate
from voicegw.qa.benching import Run
from voicegw.qa.chaos import servers
from voicegw.qa.figures import Figure, percentile
from voicegw.session.record import Snapshot
from voicegw.session.store import SessionStore
from voicegw.worker.writes import Writes

WRITES, SNAPSHOTS = 200, 500
WARM_UP = 10
INTEGRATIONS = Path(__file__).parent / "sets" / "integrations"
STATE = {
    "slots": {f"slot{number}": {"value": "4567", "text": "four five six seven", "turn": 3} for number in range(8)},
    "lines": [["caller", "where is my order four five six seven"], ["agent", "Order 4 5 6 7 has shipped."]] * 6,
    "counts": {f"said Order {number} has shipped.": 1 for number in range(30)},
}
"""Of a dialog after a dozen turns."""


async def run(how: Run) -> tuple[Figure, ...]:
    """Half a minute.

    :raises SetupError: something must be mended first.
    """
    async with _folder() as folder:
        how.tell("writes on SQLite")
        sqlite = await _writes(folder / "sqlite", f"sqlite:///{folder / 'calls.sqlite'}")
        found = await servers.postgres(folder)
        postgres: list[float] = []
        if found:
            how.tell("writes on PostgreSQL")
            postgres = await _writes(folder / "postgresql", found[1])
            await found[0].stop()
        how.tell("snapshots")
        saved, told = await _snapshots(folder)
    return (
        Figure("actions: durable step around a write, SQLite, p95", percentile(sqlite, 95), "ms", "≤ 25", len(sqlite)),
        Figure("actions: durable step around a write, SQLite, p50", percentile(sqlite, 50), "ms", "", len(sqlite)),
        Figure("actions: durable step around a write, PostgreSQL, p95", percentile(postgres, 95), "ms", "≤ 25",
               len(postgres)),
        Figure("actions: durable step around a write, PostgreSQL, p50", percentile(postgres, 50), "ms", "",
               len(postgres)),
        Figure("actions: snapshot to Redis p95", percentile(saved, 95), "ms", "≤ 3", len(saved)),
        Figure("actions: what a snapshot keeps a reply waiting p95", percentile(told, 95), "ms", "≤ 0.5", len(told)),
    )  # fmt: skip


@asynccontextmanager
async def _folder() -> AsyncIterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vgw-ba-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


async def _writes(data_dir: Path, database: str) -> list[float]:
    """Milliseconds from yes to result, one write after another."""
    await migrate(database)
    settings = from_values({"data_dir": data_dir, "database_url": database, "integrations": INTEGRATIONS})
    runner = ActionRunnerProcess(settings)
    await runner.start()
    try:
        calls = Writes(data_dir, "call", "+15550111", _nothing, time.time)
        took = [(await calls.run(_write(number))).took_ms for number in range(WARM_UP + WRITES)]
    finally:
        await runner.stop()
    return took[WARM_UP:]


def _write(number: int) -> ActionRequest:
    return ActionRequest(f"task-{number}", "nothing.do", {"number": number}, Effect.WRITES, Consent("May I?", "yes"))


async def _nothing() -> None:
    """Snapshots are measured by themselves."""


async def _snapshots(folder: Path) -> tuple[list[float], list[float]]:
    """Milliseconds until each is kept, and those that whoever told it was held up."""
    saved, told = [], []
    async with AsyncExitStack() as stack:
        valkey, url = servers.valkey(folder)
        await valkey.start()
        stack.push_async_callback(valkey.stop)
        store = SessionStore(url, folder / "spool")
        stack.push_async_callback(store.close)
        for number in range(WARM_UP + SNAPSHOTS):
            snapshot = Snapshot("call", "plan", 0, STATE, number, time.time())
            began = time.perf_counter()
            store.save_soon(snapshot)
            told.append((time.perf_counter() - began) * 1000)
            await store.saved()
            saved.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(0.002)
    return saved[WARM_UP:], told[WARM_UP:]
