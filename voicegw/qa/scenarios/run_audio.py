"""Scenarios by sound, without SIP: the whole service but its cells, and callers joined to its workers by a cable."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voicegw import config
from voicegw.config import Settings
from voicegw.engines.stt import SpeechToText
from voicegw.gateway.pool import WorkerPool
from voicegw.gateway.service import running
from voicegw.qa.call_report import CallReport
from voicegw.qa.caller import studio
from voicegw.qa.loop_cell import LoopCell
from voicegw.qa.scenarios.files import Placed
from voicegw.qa.scenarios.model import Scenario
from voicegw.qa.scenarios.seen import Seen
from voicegw.qa.scenarios.stage import MakeSide, Stage, time_limit_s
from voicegw.qa.scenarios.stand_in import StandIns

WARM_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class AudioRunner:
    """A service under test, in this process."""

    cell: LoopCell
    stage: Stage
    pool: WorkerPool

    async def ready(self) -> None:
        """The service can take the next call."""
        await self.pool.wait_until_warm(WARM_TIMEOUT_S)

    async def run(self, placed: Placed) -> Seen:
        """One scenario."""
        await self.ready()
        return await self.stage.watch(placed, self._talk)

    async def place(self, scenario: Scenario, make: MakeSide) -> CallReport:
        """A call to the scenario's number."""
        own = scenario.caller
        return await self.cell.call(
            make(0.0),
            number=scenario.number,
            caller=own.number,
            loss_percent=own.loss_percent,
            timeout_s=time_limit_s(scenario),
        )

    async def _talk(self, placed: Placed, began_at: float) -> Seen:
        return await self.stage.talk(placed, began_at, self.place)


@asynccontextmanager
async def audio_runner(
    settings: Settings, own: dict[str, Any], ears: SpeechToText, folder: Path
) -> AsyncIterator[AudioRunner]:
    """A fresh service with ``own`` settings and without SIP; the parameters are those of ``sip_runner``.

    :raises SetupError: something must be mended first.
    """
    async with AsyncExitStack() as stack:
        data_dir = Path(tempfile.mkdtemp(prefix="voicegw-qa-"))
        stack.callback(shutil.rmtree, data_dir, ignore_errors=True)
        stand_ins = StandIns(data_dir / "stand-ins", settings.integrations)
        places = {"data_dir": str(data_dir), "integrations": str(stand_ins.integrations)}
        quiet = {"log": {"level": "error"}, "web": {"console": False}}  # its processes write to this terminal
        values = {**settings.model_dump(mode="json"), **places}
        tested = config.from_values(config.merged(config.merged(values, quiet), own))
        service = await stack.enter_async_context(running(tested, with_sip=False))
        cell = LoopCell()
        stack.push_async_callback(cell.stop)
        await service.supervisor.add_cell(0, cell)
        stage = Stage("audio", data_dir, service.database_url, stand_ins, studio(settings), ears, folder)
        yield AudioRunner(cell, stage, service.pool)
