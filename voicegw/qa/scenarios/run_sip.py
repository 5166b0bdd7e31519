"""Scenarios over SIP and RTP: a service of its own, called by a caller who speaks, or by SIPp."""

import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from voicegw import config
from voicegw.config import Settings
from voicegw.engines.stt import SpeechToText
from voicegw.qa.call_report import CallReport
from voicegw.qa.caller import Caller, Dialling, caller, lead_frames, studio
from voicegw.qa.scenarios.evidence import Evidence
from voicegw.qa.scenarios.files import Placed
from voicegw.qa.scenarios.model import Scenario
from voicegw.qa.scenarios.seen import Seen
from voicegw.qa.scenarios.sipp import place_calls
from voicegw.qa.scenarios.stage import MakeSide, Stage, time_limit_s
from voicegw.qa.scenarios.stand_in import StandIns
from voicegw.qa.service import RunningService, start_service
from voicegw.qa.stored import stories_since
from voicegw.wire.messages import FRAME_MS


@dataclass
class SipRunner:
    """A service under test, and who calls it."""

    service: RunningService
    stage: Stage
    warm: int
    """Workers that wait for the next call when all is well."""
    callers: AsyncExitStack
    _by_loss: dict[int, Caller] = field(default_factory=dict)

    async def ready(self) -> None:
        """The service can take the next call."""
        await self.service.until_warm(self.warm)

    async def run(self, placed: Placed) -> Seen:
        """One scenario."""
        await self.ready()
        return await self.stage.watch(placed, self._sipp if placed.scenario.sipp else self._talk)

    async def place(self, scenario: Scenario, make: MakeSide) -> CallReport:
        """A call to the scenario's number."""
        own = scenario.caller
        uri = f"sip:{scenario.number}@127.0.0.1:{self.service.sip_port}"
        lead = lead_frames(with_echo=bool(own.echo))
        one = await self._caller(own.loss_percent)
        return await one.act(Dialling(uri, own.codec, own.number, time_limit_s(scenario)), make(lead * FRAME_MS), lead)

    async def _talk(self, placed: Placed, began_at: float) -> Seen:
        return await self.stage.talk(placed, began_at, self.place)

    async def _caller(self, loss_percent: int) -> Caller:
        if loss_percent not in self._by_loss:
            self._by_loss[loss_percent] = await self.callers.enter_async_context(caller(loss_percent=loss_percent))
        return self._by_loss[loss_percent]

    async def _sipp(self, placed: Placed, began_at: float) -> Seen:
        scenario, stage = placed.scenario, self.stage
        assert scenario.sipp
        logs = stage.folder / "sipp" / placed.name
        port = self.service.sip_port
        result = await place_calls(scenario.sipp, placed.folder, logs, scenario.number, port, stage.studio)
        dispositions = scenario.holds.dispositions
        expected = sum(dispositions.values()) if dispositions else scenario.sipp.calls
        stories = await stories_since(stage.database_url, began_at, expected)
        row = stories[0].call if len(stories) == 1 else None
        return Seen(
            Evidence(
                calls=stage.stand_ins.calls(),
                outcome=asdict(row) if row else None,
                dispositions=Counter(story.call.disposition or "" for story in stories),
                sipp=result,
            )
        )


@asynccontextmanager
async def sip_runner(
    settings: Settings, own: dict[str, Any], ears: SpeechToText, folder: Path
) -> AsyncIterator[SipRunner]:
    """A fresh service with ``own`` settings, on a free port.

    :param ears: write down what the caller hears.
    :param folder: for sounds and logs.
    :raises SetupError: something must be mended first.
    """
    async with AsyncExitStack() as stack:
        data_dir = Path(tempfile.mkdtemp(prefix="voicegw-qa-"))
        stack.callback(shutil.rmtree, data_dir, ignore_errors=True)
        stand_ins = StandIns(data_dir / "stand-ins", settings.integrations)
        overrides = {
            "dialplans": settings.dialplans.resolve(),
            **own,
            "data_dir": data_dir,
            "integrations": stand_ins.integrations,
            "sip": {"host": "127.0.0.1", "port": 0, **own.get("sip", {})},
        }
        service = await start_service(overrides)
        stack.callback(_keep_log, service, folder)
        stack.push_async_callback(service.stop)
        callers = await stack.enter_async_context(AsyncExitStack())
        stage = Stage("sip", data_dir, service.database_url, stand_ins, studio(settings), ears, folder)
        tested = config.load(None, overrides).workers
        yield SipRunner(service, stage, min(tested.warm, tested.most), callers)


def _keep_log(service: RunningService, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    number = len(list(folder.glob("service-*.log")))
    shutil.copy(service.log_file, folder / f"service-{number + 1}.log")
