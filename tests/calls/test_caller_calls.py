"""The caller on real calls: a cell answers, with an agent of a few lines behind it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from voicegw.audio import wav
from voicegw.audio.levels import level_dbfs
from voicegw.config import Settings
from voicegw.errors import SettingsError
from voicegw.gateway import children
from voicegw.qa.caller import Dialling, caller, place_call
from voicegw.qa.ruler import Intent
from voicegw.qa.script import AddEcho, AddNoise, Interrupt, PressKeys, SayLine, Script, WaitSeconds
from voicegw.qa.spans import samples, voiced_spans
from voicegw.wire import link as wire_link
from voicegw.wire.link import Link
from voicegw.wire.messages import (
    AnswerCall,
    CallAnswered,
    CallEnded,
    CallProgressed,
    CallStarted,
    CallTurnedAway,
    CellReady,
    ClearPlayout,
    DigitPressed,
    Frame,
    HangUp,
    Heartbeat,
    Message,
    Speech,
    SpeechEnded,
    WorkerAssigned,
    WorkerWanted,
)

pytestmark = pytest.mark.calls

PATH_MS = 160
"""Two jitter buffers and two media clocks lie between agent and caller: what they may add."""


def voice(ms: float, pitch_hz: float = 140.0) -> np.ndarray:
    time_s = np.arange(samples(ms)) / 8000
    wave = sum(np.sin(2 * np.pi * pitch_hz * n * time_s) / n for n in range(1, 12))
    return (4000 * wave).astype(np.int16)


@dataclass
class Agent:
    """Greets, answers every line of the caller so long after it, and stops when it is interrupted."""

    greeting_ms: float = 1200
    reply_after_ms: float = 200
    reply_ms: float = 800
    stop_after_ms: float = 100
    hangs_up_after: int = 99
    """Replies."""
    heard: list[Frame] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    tear_ms: int = 0
    """The second half of what it says comes so much too late."""
    ended: "asyncio.Future[dict[str, object]]" = field(default_factory=asyncio.Future)
    """What the cell measured."""
    replies: int = 0
    _utterance: int = 0
    _speaking_until: int = -1
    _voiced_ms: int = 0
    _quiet_ms: int = 0

    def on_message(self, message: Message, link: Link) -> None:
        match message:
            case CallStarted():
                link.send(AnswerCall())
            case CallAnswered():
                self._say(link, self.greeting_ms, message.at_ms)
            case DigitPressed(digit=digit):
                self.keys.append(digit)
            case Frame():
                self._on_frame(message, link)

    def _on_frame(self, frame: Frame, link: Link) -> None:
        self.heard.append(frame)
        if frame.at_ms % 400 == 0:
            link.send(Heartbeat())
        voiced = level_dbfs(np.frombuffer(frame.heard, "<i2")) > -45
        self._voiced_ms += 20 * voiced
        self._quiet_ms = 0 if voiced else self._quiet_ms + 20
        if frame.at_ms < self._speaking_until and self._voiced_ms >= self.stop_after_ms:
            self._speaking_until = frame.at_ms
            link.send(ClearPlayout())
        if self._voiced_ms >= 100 and self._quiet_ms >= self.reply_after_ms:
            self._voiced_ms = 0
            if self.replies < self.hangs_up_after:
                self.replies += 1
                self._say(link, self.reply_ms, frame.at_ms)
            else:
                link.send(HangUp())

    def _say(self, link: Link, ms: float, at_ms: int) -> None:
        self._utterance += 1
        number, sound = self._utterance, voice(ms, 110)
        half = len(sound) // 2
        link.send(Speech(number, sound[:half].tobytes()))
        asyncio.get_running_loop().call_later(
            (ms / 2 + self.tear_ms) / 1000 if self.tear_ms else 0, self._finish, link, number, sound[half:]
        )
        self._speaking_until = at_ms + round(ms)

    def _finish(self, link: Link, number: int, rest: np.ndarray) -> None:
        link.send(Speech(number, rest.tobytes()))
        link.send(SpeechEnded(number))


@asynccontextmanager
async def answering(agent: Agent | None, refuse: int = 0) -> AsyncIterator[str]:
    """A gateway of one cell; gives the address to call."""
    child = await children.start("gateway", "voicegw.gateway.cell", ["--host", "127.0.0.1", "--log-level", "error"])
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[int] = loop.create_future()
    links: list[Link] = []

    def read_call(link: Link) -> None:
        try:
            while (message := link.receive()) is not None:
                if isinstance(message, CallEnded):
                    break
                agent.on_message(message, link)
        except ConnectionError:
            loop.remove_reader(link)

    def read_cell() -> None:
        try:
            while (message := child.link.receive()) is not None:
                on_cell(message)
        except ConnectionError:
            loop.remove_reader(child.link)

    def on_cell(message: Message) -> None:
        if isinstance(message, CellReady):
            ready.set_result(message.sip_port)
        elif isinstance(message, CallProgressed) and message.state == "ended" and agent and not agent.ended.done():
            agent.ended.set_result(message.facts)
        elif isinstance(message, WorkerWanted) and refuse:
            child.link.send(CallTurnedAway(message.call_id, refuse, "not today"))
        elif isinstance(message, WorkerWanted):
            ours, theirs = wire_link.pair()
            links.append(ours)
            loop.add_reader(ours, read_call, ours)
            child.link.send(WorkerAssigned(message.call_id, 1, "test"), [theirs.sock])
            theirs.close()

    loop.add_reader(child.link, read_cell)
    try:
        yield f"sip:5000@127.0.0.1:{await asyncio.wait_for(ready, 10)}"
    finally:
        loop.remove_reader(child.link)
        await child.stop()
        for link in links:
            loop.remove_reader(link)
            link.close()


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(cache_dir=tmp_path)


@pytest.fixture
def line_wav(tmp_path) -> Path:
    file = tmp_path / "line.wav"
    wav.write(file, voice(900, 220), 8000)
    return file


@pytest.mark.parametrize("codec", ["PCMU", "PCMA", "G722"])
async def test_a_call_is_held_and_measured_on_every_codec(codec, settings, line_wav):
    agent = Agent(reply_after_ms=300)
    async with answering(agent) as uri:
        report = await place_call(
            uri, Script((SayLine(wav=line_wav), SayLine(wav=line_wav))), codec=codec, timeout_s=20, settings=settings
        )
    assert report.ok, report.problem
    assert report.sip.codec == codec
    assert report.sip.ended_by == "us"
    assert report.sip.setup_ms < 500
    assert 0 < report.greeting_ms < 400
    assert len(report.turns) == 2
    for turn in report.turns:
        assert 300 - 20 <= turn.latency_ms <= 300 + PATH_MS
        assert not turn.cut_off
    assert report.sound.holes == ()
    assert report.sound.clipped_runs == 0
    assert report.tape.missing_frames == 0


async def test_what_was_measured_at_the_callers_end_agrees_with_the_agents_end(settings, line_wav):
    agent = Agent(reply_after_ms=240)
    async with answering(agent) as uri:
        report = await place_call(uri, Script((SayLine(wav=line_wav),) * 3), timeout_s=25, settings=settings)
    first = agent.heard[0].at_ms
    ticks = (agent.heard[-1].at_ms - first) // 20 + 1
    heard, played = np.zeros((2, ticks, 160), np.int16)
    for frame in agent.heard:
        heard[(frame.at_ms - first) // 20] = np.frombuffer(frame.heard, "<i2")
        if frame.played:
            played[(frame.at_ms - first) // 20] = np.frombuffer(frame.played, "<i2")
    lines, words = voiced_spans(heard.reshape(-1)), voiced_spans(played.reshape(-1))
    for turn, line in zip(report.turns, lines, strict=True):
        at_agent = (min(word.begin for word in words if word.begin > line.end) - line.end) / 8
        assert at_agent - 5 <= turn.latency_ms <= at_agent + PATH_MS


async def test_an_interruption_is_measured(settings, line_wav):
    agent = Agent(greeting_ms=6000, stop_after_ms=100)
    async with answering(agent) as uri:
        report = await place_call(uri, Script((Interrupt(800, wav=line_wav),)), timeout_s=20, settings=settings)
    (turn,) = report.turns
    assert turn.line.intent is Intent.INTERRUPTION
    assert 80 <= turn.stop_ms <= 100 + PATH_MS
    began_ms = voiced_spans(report.tape.received)[0].begin / 8
    assert turn.voice.begin / 8 - began_ms == pytest.approx(800, abs=60)


@pytest.mark.parametrize("tear_ms", [0, 140])
async def test_holes_in_the_sound_agree_with_the_cells_own_count_of_gaps(tear_ms, settings):
    agent = Agent(greeting_ms=1600, tear_ms=tear_ms)
    async with answering(agent) as uri:
        report = await place_call(uri, Script(()), timeout_s=20, settings=settings)
        facts = await asyncio.wait_for(agent.ended, 5)
    assert len(report.sound.holes) == facts["gaps"] == bool(tear_ms)
    for hole in report.sound.holes:
        assert hole.length_ms == pytest.approx(facts["longest_gap_ms"], abs=22)


async def test_keys_reach_the_agent(settings):
    agent = Agent(greeting_ms=400)
    script = Script((PressKeys("12#", after_ms=300), WaitSeconds(0.5)), patience_s=2)
    async with answering(agent) as uri:
        report = await place_call(uri, script, timeout_s=20, settings=settings)
    assert report.ok, report.problem
    assert agent.keys == ["1", "2", "#"]


async def test_an_echo_comes_back_after_its_delay_and_noise_is_sent(settings):
    agent = Agent(greeting_ms=1200, reply_after_ms=99_999, stop_after_ms=99_999)
    script = Script((AddEcho(200, 10), AddNoise("white", 25), WaitSeconds(2.5)), patience_s=1)
    async with answering(agent) as uri:
        report = await place_call(uri, script, timeout_s=20, settings=settings)
    tape = report.tape
    begun = voiced_spans(tape.received)[0].begin
    loud = np.flatnonzero(np.abs(tape.sent) > 900)
    assert not tape.voice.any()
    assert (loud[0] - begun) / 8 == pytest.approx(200, abs=25)
    assert level_dbfs(tape.sent[samples(2000) : samples(2900)]) == pytest.approx(-49, abs=2)


async def test_four_calls_at_once_from_one_cell(settings, line_wav):
    line = wav.read(line_wav).mono
    agents = Agent(greeting_ms=500)
    async with caller() as one, answering(agents) as uri:
        script = Script((WaitSeconds(1.0),), patience_s=1.5)
        placed = [one.place(Dialling(uri), script, {0: line}, lambda step: None) for _ in range(4)]
        reports = await asyncio.gather(*placed)
    assert all(report.ok for report in reports)


async def test_an_agent_who_hangs_up_ends_the_call_well(settings, line_wav):
    async with answering(Agent(hangs_up_after=0)) as uri:
        report = await place_call(uri, Script((SayLine(wav=line_wav),)), timeout_s=20, settings=settings)
    assert report.ok
    assert report.sip.ended_by == "agent"


@pytest.mark.parametrize(("status", "advice"), [(404, "no dialplan"), (503, "workers.most"), (486, "busy")])
async def test_a_refused_call_says_what_to_do(status, advice, settings):
    async with answering(None, refuse=status) as uri:
        report = await place_call(uri, Script(()), timeout_s=10, settings=settings)
    assert not report.ok
    assert report.sip.sip_status == status
    assert advice in report.problem


async def test_a_call_to_nobody_ends_in_time_and_says_so(settings, free_udp_port):
    report = await place_call(f"sip:5000@127.0.0.1:{free_udp_port}", Script(()), timeout_s=3, settings=settings)
    assert not report.ok
    assert "voicegw serve" in report.problem or "not answered" in report.problem


async def test_a_call_that_would_not_end_is_hung_up_in_time(settings):
    async with answering(Agent()) as uri:
        report = await place_call(uri, Script((WaitSeconds(60),)), timeout_s=3, settings=settings)
    assert report.sip.ended_by == "timeout"
    assert "did not end" in report.problem
    assert report.tape.duration_s < 5


async def test_what_is_not_a_sip_address_is_an_error(settings):
    with pytest.raises(SettingsError, match="sip:NUMBER@HOST:PORT"):
        await place_call("5000", Script(()), settings=settings)


async def run_command(*arguments: str) -> tuple[int, bytes, bytes]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "voicegw", "call", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    stdout, stderr = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, stdout, stderr


async def test_the_command_prints_what_a_program_can_read_and_records(line_wav, tmp_path):
    tape = tmp_path / "tape.wav"
    async with answering(Agent()) as uri:
        status, stdout, _ = await run_command(
            uri, "--wav", str(line_wav), "--json", "--no-transcribe", "--record", str(tape), "--timeout", "20"
        )
    data = json.loads(stdout)
    assert status == 0
    assert data["ok"] is True
    assert len(data["turns"]) == 1
    recording = wav.read(tape)
    assert recording.samples.shape[1] == 2
    assert recording.duration_s == pytest.approx(data["duration_s"], abs=0.1)


async def test_the_command_fails_with_one_line_that_says_what_to_do(line_wav):
    async with answering(None, refuse=404) as uri:
        status, _, stderr = await run_command(uri, "--wav", str(line_wav), "--no-transcribe")
    assert status == 1
    assert b"no dialplan answers this number" in stderr
    status, _, stderr = await run_command("5000", "--wav", str(line_wav))
    assert status == 2
    assert stderr.decode().startswith("voicegw: '5000' is not a SIP address")
