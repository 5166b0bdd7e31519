"""What every scenario with sound is played on: backends that are watched, voices, and an ear that writes down."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from voicegw.audio import wav
from voicegw.engines.stt import SpeechToText
from voicegw.qa.call_report import CallReport
from voicegw.qa.conversation import CallersSide, Conversation, MakeNoise
from voicegw.qa.rooms import Room
from voicegw.qa.scenarios import backend, called
from voicegw.qa.scenarios.files import Placed
from voicegw.qa.scenarios.model import Runner, Scenario
from voicegw.qa.scenarios.scripts import script
from voicegw.qa.scenarios.seen import Seen
from voicegw.qa.scenarios.stand_in import StandIns
from voicegw.qa.script import Script
from voicegw.qa.spans import RATE_HZ
from voicegw.qa.stored import stories_since
from voicegw.qa.transcription import transcribed
from voicegw.qa.voices import Studio

CALL_TIMEOUT_S = 90.0
TURN_TIMEOUT_S = 15.0
"""For what is said, an answer, and a caller who thinks about it."""

MakeSide = Callable[[float], CallersSide]
"""Makes a caller of whom a frame leaves so many milliseconds after it was handed out."""
Place = Callable[[Scenario, MakeSide], Awaitable[CallReport]]
"""Places a call."""


def time_limit_s(scenario: Scenario) -> float:
    """A call that has not ended by then will not."""
    return scenario.goal.most_turns * TURN_TIMEOUT_S if scenario.goal else CALL_TIMEOUT_S


@dataclass(frozen=True)
class Stage:
    """Of one service."""

    runner: Runner
    data_dir: Path
    database_url: str
    stand_ins: StandIns
    studio: Studio
    ears: SpeechToText
    folder: Path
    """For sounds and logs of the run."""
    changed: set[str] = field(default_factory=set)
    """Tables of the backends that scenarios have changed."""

    async def watch(self, placed: Placed, play: Callable[[Placed, float], Awaitable[Seen]]) -> Seen:
        """Play a scenario, with its tools in place, and see what it changes in the backends.

        :param play: is given the Unix time of the beginning.
        """
        before = await asyncio.to_thread(backend.state, self.data_dir)
        self.stand_ins.begin(placed.scenario.tools)
        seen = await play(placed, time.time())
        after = await asyncio.to_thread(backend.state, self.data_dir)
        changes = backend.difference(before, after)
        self.changed.update(changes)
        return replace(seen, evidence=replace(seen.evidence, backend=changes))

    async def talk(self, placed: Placed, began_at: float, place: Place) -> Seen:
        """A spoken call."""
        acted = script(placed.scenario, placed.folder)
        clips = await asyncio.to_thread(self.studio.clips, acted)
        noise = await self.noise(acted)
        report = await place(placed.scenario, lambda lead_ms: Conversation(acted, clips, noise, lead_ms))
        return await self.seen(placed, began_at, report)

    async def noise(self, acted: Script) -> MakeNoise:
        """Makes the noises of a script."""
        room = Room(self.studio, acted.seed)
        await asyncio.to_thread(room.prepare, acted)
        return room.noise

    async def seen(self, placed: Placed, began_at: float, report: CallReport) -> Seen:
        """What is known of a call in which the caller did what the scenario's talk says."""
        stories = await stories_since(self.database_url, began_at, 1)
        if report.sip.answered:
            report = await asyncio.to_thread(transcribed, report, self.ears)
        evidence = called.evidence(placed.scenario, report, stories, self.stand_ins.calls())
        return Seen(evidence, await asyncio.to_thread(self._keep, placed, report))

    def _keep(self, placed: Placed, report: CallReport) -> str:
        """Name of the sound in the run's folder."""
        if not len(report.tape.received):
            return ""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{self.runner}-{placed.name.replace('/', '-')}.wav"
        wav.write(self.folder / name, report.tape.stereo, RATE_HZ)
        return name


class SoundRunner(Protocol):
    """A service under test that is called with sound."""

    @property
    def stage(self) -> Stage:
        """What scenarios are played on."""

    async def ready(self) -> None:
        """The service can take the next call."""

    async def run(self, placed: Placed) -> Seen:
        """One scenario."""

    async def place(self, scenario: Scenario, make: MakeSide) -> CallReport:
        """A call to the scenario's number."""
