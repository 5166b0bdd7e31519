"""Durable execution, by DBOS: what has begun goes on after the death of this process, from the last stage that is kept.

One process of its own: the library costs some 65 MB and many threads. Its own SQLite file, or schema ``dbos`` in
PostgreSQL.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID

from voicegw.actions.performing import Keep, Kept

NAME = "voicegw"
VERSION = "actions-1"
"""Of the workflow's shape: what an older process has begun is gone on with only if this is the same."""
THREADS = 16
Work = Callable[[str, Keep], Awaitable[None]]
"""Takes the name of a piece of work and where its stages' results are kept."""


class Workflows:
    """Runs work until it is done, however often the process dies. One in a process; belongs to its event loop.

    There is no ``close``: to stop is to die, and what is at work is gone on with at the next launch.

    :param database: SQLAlchemy URL for a synchronous driver.
    :param executor: name of this machine; what it has begun is gone on with by who has the same name. Two processes
        with one name would do work twice: hold a lock.
    :param work: what is to be done. It may be called again for what was begun; its stages then give what they gave.
    """

    def __init__(self, database: str, executor: str, work: Work) -> None:
        self._database = database
        config: DBOSConfig = {
            "name": NAME,
            "system_database_url": database,
            "executor_id": executor,
            "application_version": VERSION,
            "serializer": DBOSPortableJSONSerializer(),
            "max_executor_threads": THREADS,
            "log_level": "ERROR",
        }
        DBOS(config=config)

        @DBOS.workflow(name="work", max_recovery_attempts=None)
        async def workflow(name: str) -> None:
            await work(name, _keep)

        self._workflow = workflow

    def launch(self) -> None:
        """Go on with what was begun. Blocks for the time of a migration."""
        path = self._database.removeprefix("sqlite:///")
        if path != self._database:
            _prepare_sqlite(Path(path))
        DBOS.launch()

    async def start(self, name: str) -> None:
        """Begin a piece of work; durably begun when this returns. Begun before: nothing."""
        with SetWorkflowID(name):
            await DBOS.start_workflow_async(self._workflow, name)


async def _keep(name: str, run: Callable[[], Awaitable[Kept]]) -> Kept:
    kept: Kept = await DBOS.run_step_async({"name": name}, _stage, run)
    return kept


async def _stage(run: Callable[[], Awaitable[Any]]) -> Any:
    return await run()


def _prepare_sqlite(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
