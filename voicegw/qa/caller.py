"""A real caller: dials over SIP, speaks and listens over RTP, and measures what it hears.

It has a cell of its own, the same program that the gateway answers with.
"""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voicegw.config import Settings, TtsSettings, load
from voicegw.engines import registry
from voicegw.engines.tts import TextToSpeech
from voicegw.errors import SettingsError, SetupError, WireError
from voicegw.gateway import children
from voicegw.gateway.children import Child
from voicegw.qa.acting import ActedCall
from voicegw.qa.call_report import CallReport, report
from voicegw.qa.conversation import CallersSide, Conversation, MakeNoise
from voicegw.qa.rooms import Room
from voicegw.qa.script import AddEcho, Script
from voicegw.qa.transcription import transcribed
from voicegw.qa.voices import Studio
from voicegw.wire import link as wire_link
from voicegw.wire.messages import FRAME_MS, CallProgressed, CellReady, PlaceCall

LEAD_FRAMES, LEAD_FRAMES_WITH_ECHO = 4, 2
"""80 ms: a process on a busy machine seldom wakes later. But an echo cannot come back before a frame can leave."""
READY_TIMEOUT_S = 10.0
TIMEOUT_S = 180.0
URI = re.compile(r"sip:[^@\s]+@(?P<host>[^:;@\s]+)(:\d{1,5})?(;\S*)?")
LOOPBACK = re.compile(r"127\.\d+\.\d+\.\d+|localhost")


@dataclass(frozen=True)
class Dialling:
    """Whom to call, and how."""

    uri: str
    """``sip:NUMBER@HOST:PORT``."""
    codec: str = ""
    """Offer this one alone: ``PCMU``, ``PCMA`` or ``G722``; empty offers all."""
    caller: str = "voicegw"
    timeout_s: float = TIMEOUT_S
    """A call that is not over by then is hung up."""

    def check(self) -> "Dialling":
        """
        :raises SettingsError: not a SIP address.
        """
        if not URI.fullmatch(self.uri):
            raise SettingsError(f"{self.uri!r} is not a SIP address: write sip:NUMBER@HOST:PORT")
        return self

    @property
    def our_host(self) -> str:
        """The address to call from."""
        match = URI.fullmatch(self.uri)
        return "127.0.0.1" if match and LOOPBACK.fullmatch(match["host"]) else "0.0.0.0"


class Caller:
    """Places calls from one cell, up to four at once."""

    def __init__(self, cell: Child) -> None:
        self._cell = cell
        self._calls: dict[str, ActedCall] = {}
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().add_reader(cell.link, self._read)

    @property
    def pid(self) -> int:
        """Of the cell."""
        return self._cell.pid

    async def wait_until_ready(self) -> None:
        """
        :raises SetupError: the cell did not start.
        """
        try:
            await asyncio.wait_for(asyncio.shield(self._ready), READY_TIMEOUT_S)
        except (TimeoutError, ConnectionError) as error:
            raise SetupError(f"the caller's SIP process did not start ({error}): see its line above") from None

    async def place(
        self,
        dialling: Dialling,
        script: Script,
        clips: dict[int, np.ndarray],
        noise: MakeNoise,
    ) -> CallReport:
        """One call from INVITE to BYE, as the script says.

        :param clips: the sound of the script's lines, by ``voices.Studio.clips``.
        :param noise: makes the noise of a step, to be repeated; None for silence.
        """
        lead = lead_frames(with_echo=any(isinstance(step, AddEcho) for step in script.steps))
        return await self.act(dialling, Conversation(script, clips, noise, lead * FRAME_MS), lead)

    async def act(self, dialling: Dialling, side: CallersSide, lead: int) -> CallReport:
        """One call from INVITE to BYE, as that side decides.

        :param lead: frames sent ahead, see ``lead_frames``.
        """
        call_id = uuid.uuid4().hex
        ours, theirs = wire_link.pair()
        call = self._calls[call_id] = ActedCall(ours, side, lead)
        try:
            self._dial(PlaceCall(call_id, dialling.uri, dialling.caller, codec=dialling.codec), theirs)
            await call.until_over(dialling.timeout_s)
        finally:
            call.close()
            del self._calls[call_id]
        return await asyncio.to_thread(report, dialling.uri, call.sip, call.tape.finish(side.lines))

    async def stop(self) -> None:
        """Hang up what is left, and end the cell."""
        asyncio.get_running_loop().remove_reader(self._cell.link)
        await self._cell.stop()

    def _dial(self, message: PlaceCall, theirs: wire_link.Link) -> None:
        self._cell.link.send(message, [theirs.sock])
        theirs.close()

    def _read(self) -> None:
        try:
            while (message := self._cell.link.receive()) is not None:
                if isinstance(message, CellReady) and not self._ready.done():
                    self._ready.set_result(None)
                elif isinstance(message, CallProgressed) and message.call_id in self._calls:
                    self._calls[message.call_id].on_progress(message)
        except (ConnectionError, WireError) as error:
            self._on_cell_lost(error)

    def _on_cell_lost(self, error: Exception) -> None:
        asyncio.get_running_loop().remove_reader(self._cell.link)
        if not self._ready.done():
            self._ready.set_exception(ConnectionResetError(str(error)))
        facts: dict[str, object] = {"by": "network", "reason": "the caller's own SIP process died"}
        for call_id, call in self._calls.items():
            call.on_progress(CallProgressed(call_id, "ended", 0, facts))


def lead_frames(*, with_echo: bool) -> int:
    """Frames that a caller sends ahead."""
    return LEAD_FRAMES_WITH_ECHO if with_echo else LEAD_FRAMES


@asynccontextmanager
async def caller(host: str = "127.0.0.1", loss_percent: int = 0) -> AsyncIterator[Caller]:
    """A caller with a cell of its own, for as long as it is needed.

    :param host: the address to call from.
    :param loss_percent: so much of the RTP it sends gets lost.
    :raises SetupError: the cell did not start.
    """
    arguments = ["--host", host, "--log-level", "warning", "--codecs", "PCMU,PCMA,G722"]
    arguments += ["--loss-percent", str(loss_percent)] if loss_percent else []
    made = Caller(await children.start("caller", "voicegw.gateway.cell", arguments))
    try:
        await made.wait_until_ready()
        yield made
    finally:
        await made.stop()


def studio(settings: Settings, digits: Path | None = None) -> Studio:
    """Where this machine's callers get their voices.

    :param digits: recordings of single digits, for the voices ``digits:NAME``.
    """

    def joe() -> TextToSpeech:
        return registry.text_to_speech(settings.model_copy(update={"tts": TtsSettings(provider="piper")}))

    return Studio(joe, settings.cache_dir / "callers", digits)


async def place_call(
    uri: str,
    script: Script,
    *,
    codec: str = "",
    timeout_s: float = TIMEOUT_S,
    transcribe: bool = False,
    settings: Settings | None = None,
) -> CallReport:
    """Place one call by a cell of its own, and measure it.

    :param transcribe: write the agent's words down as well.
    :raises SetupError: what the caller needs is not here (a voice, a recording, a SIP process).
    """
    settings = settings or load()
    dialling = Dialling(uri, codec, timeout_s=timeout_s).check()
    voices = studio(settings)
    clips = await asyncio.to_thread(voices.clips, script)
    room = Room(voices, script.seed)
    await asyncio.to_thread(room.prepare, script)
    ears = await asyncio.to_thread(registry.speech_to_text, settings) if transcribe else None
    async with caller(dialling.our_host) as one:
        measured = await one.place(dialling, script, clips, room.noise)
    return await asyncio.to_thread(transcribed, measured, ears) if ears else measured
