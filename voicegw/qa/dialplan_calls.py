"""Runs a dialplan's own tests as real calls: SIP, speech heard and spoken, tools that answer as the test says.

What came of a call is read from what the service recorded, where values of personal slots are masked. Turns of a call
cannot be matched with a test's lines for sure (a caller may be heard as two turns), so expectations are looked for in
the order of the lines.
"""

import asyncio
import math
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Container, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

from voicegw.actions.registry import Toolbox
from voicegw.audio import wav
from voicegw.config import Settings
from voicegw.dialplan.conversations import Conversation
from voicegw.dialplan.model import Dialplan
from voicegw.qa.call_checks import ToolsTaken, wrong
from voicegw.qa.call_report import CallReport
from voicegw.qa.caller import Caller, Dialling, caller, studio
from voicegw.qa.dialplan_test import Failure, Outcome
from voicegw.qa.kept import slug
from voicegw.qa.rooms import Room
from voicegw.qa.scenarios.stand_in import StandIns
from voicegw.qa.script import PressKeys, SayLine, Script, Step, WaitSeconds
from voicegw.qa.service import RunningService, start_service
from voicegw.qa.spans import RATE_HZ
from voicegw.qa.stored import stories
from voicegw.qa.voices import Studio
from voicegw.qa.wordings import read_out

SPOKEN = ("en",)
"""Languages of which a caller's voice is here that our ears understand."""
AFTER_MS = 900
"""An agent silent for so long has finished; it may look something up between two sentences."""
GOODBYE_MS = 2500.0
SILENCE_BEYOND_S = 1.5
"""A caller who says nothing says it for so much longer than the agent waits."""
CALL_TIMEOUT_S = 150.0
SETTLE_S = 2.0
"""Before the first call and after each: another worker is being made."""


@dataclass(frozen=True)
class Wish:
    """Which conversations to call with, and what to keep."""

    only: tuple[str, ...] = ()
    """Those with one of these in their name. Empty: all."""
    keep: Path | None = None
    """A folder for the sound of every call, and for what was said and heard."""
    tell: Callable[[str], None] = lambda line: None
    """Takes lines that say how far it is."""
    done: Container[str] = ()
    """Names of those that need not be called again."""
    minutes: float = math.inf
    """No call begins later."""
    at_once: int = 1
    """Calls at a time, each to a service of its own."""


async def run_calls(plans: Mapping[Path, Dialplan], settings: Settings, wish: Wish) -> dict[Path, list[Outcome]]:
    """Calls with the first wording of each line.

    :raises SetupError: something must be mended first.
    """
    outcomes: dict[Path, list[Outcome]] = {file: [] for file in plans}
    ends = time.monotonic() + 60 * wish.minutes

    async def work(at: datetime, waiting: deque[_Planned]) -> None:
        async with _service(settings, [*plans], at) as line:
            while waiting and time.monotonic() < ends:
                one = waiting.popleft()
                outcomes[one.file].append(await line.call(one, wish))

    for at, group in groupby(sorted(_wanted(plans, wish), key=lambda each: each.at), lambda each: each.at):
        waiting = deque(group)
        await asyncio.gather(*(work(at, waiting) for _ in range(min(wish.at_once, len(waiting)))))
    return {file: sorted(each, key=lambda outcome: outcome.index) for file, each in outcomes.items()}


@dataclass(frozen=True)
class _Planned:
    file: Path
    plan: Dialplan
    index: int

    @property
    def conversation(self) -> Conversation:
        return self.plan.tests[self.index]

    @property
    def name(self) -> str:
        return f"{self.plan.name}: {self.conversation.name}"

    @property
    def at(self) -> datetime:
        return self.conversation.at


def _wanted(plans: Mapping[Path, Dialplan], wish: Wish) -> Iterator[_Planned]:
    for file, plan in plans.items():
        for index in range(len(plan.tests)):
            one = _Planned(file, plan, index)
            if one.name not in wish.done and (not wish.only or any(part in one.name for part in wish.only)):
                yield one


@dataclass
class _Line:
    """A service under test, and a caller."""

    service: RunningService
    stand_ins: StandIns
    caller: Caller
    studio: Studio
    tools: ToolsTaken
    calls: int = 0

    async def call(self, planned: _Planned, wish: Wish) -> Outcome:
        """One conversation."""
        conversation, plan = planned.conversation, planned.plan
        wish.tell(planned.name)
        began = time.monotonic()
        acted = script(plan, conversation)
        clips = await asyncio.to_thread(self.studio.clips, acted)
        room = Room(self.studio, acted.seed)
        self.stand_ins.begin(conversation.tools)
        uri = f"sip:{number_of(plan)}@127.0.0.1:{self.service.sip_port}"
        report = await self.caller.place(Dialling(uri, timeout_s=CALL_TIMEOUT_S), acted, clips, room.noise)
        self.calls += 1
        outcome = Outcome(planned.index, conversation.name, took_s=time.monotonic() - began)
        await self._judge(outcome, planned, report)
        if wish.keep:
            _keep(wish.keep / slug(planned.name), report, outcome)
        await asyncio.sleep(SETTLE_S)
        return outcome

    async def _judge(self, outcome: Outcome, planned: _Planned, report: CallReport) -> None:
        """By what the service has recorded."""
        found = await stories(self.service, self.calls)
        if not report.ok or len(found) < self.calls:
            outcome.failures.append(Failure(0, report.problem or "the call was not recorded"))
            return
        story = found[-1]
        for turn in story.turns:
            outcome.transcript += [f"caller: {turn.caller_text}"] if turn.caller_text else []
            outcome.transcript += [f"agent: {turn.agent_text}"] if turn.agent_text else []
        outcome.failures += wrong(planned.plan, planned.conversation, story, self.stand_ins.calls(), self.tools)


def _keep(file: Path, report: CallReport, outcome: Outcome) -> None:
    """The call's sound, and beside it what was heard, said and wrong."""
    file.parent.mkdir(parents=True, exist_ok=True)
    wav.write(file.with_suffix(".wav"), report.tape.stereo, RATE_HZ)
    wrongs = [f"wrong, line {failure.line + 1}: {failure.message}" for failure in outcome.failures]
    file.with_suffix(".txt").write_text("\n".join([*outcome.transcript, *wrongs, ""]), encoding="utf-8")


def script(plan: Dialplan, conversation: Conversation) -> Script:
    """What the caller does."""
    steps: list[Step] = []
    for line in conversation.talk:
        if line.keys:
            steps.append(PressKeys(line.keys, AFTER_MS))
        elif line.silence:
            steps.append(WaitSeconds(plan.limits.no_input.after_s + SILENCE_BEYOND_S, after_ms=AFTER_MS))
        else:
            steps.append(SayLine(read_out(line.caller[0]), after_ms=AFTER_MS))
    return Script(tuple(steps), goodbye_ms=GOODBYE_MS)


def number_of(plan: Dialplan) -> str:
    """A number that the dialplan answers."""
    return next((number for number in plan.numbers if number != "*"), "100")


@asynccontextmanager
async def _service(settings: Settings, files: Sequence[Path], at: datetime) -> AsyncIterator[_Line]:
    """A service of its own, with these dialplans alone and tools that answer as they are told.

    :param at: when every call begins, as far as the agent knows.
    """
    async with AsyncExitStack() as stack:
        prefix = "voicegw-calls-"
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)))
        plans = folder / "dialplans"
        plans.mkdir()
        for file in files:
            for each in (file, *file.parent.glob("*.md")):  # with the answers it reads
                if not (plans / each.name).exists():
                    (plans / each.name).symlink_to(each.resolve())
        stand_ins = StandIns(folder / "stand-ins", settings.integrations)
        own = {
            "dialplans": plans,
            "integrations": stand_ins.integrations,
            "data_dir": folder / "data",
            "pretend_now": at.isoformat(),
            "sip": {"host": "127.0.0.1", "port": 0},
        }
        service = await start_service(own)
        stack.push_async_callback(service.stop)
        one = await stack.enter_async_context(caller())
        await asyncio.sleep(SETTLE_S)
        takes = {tool.name: tool.takes for tool in Toolbox.load(settings).tools}
        yield _Line(service, stand_ins, one, studio(settings), takes)
