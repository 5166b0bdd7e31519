"""One call's end of a call link, while a conversation is acted on it.

The cell's media clock drives everything: for every 20 ms that come in, 20 ms go out, with a few frames of lead
so that a process that wakes late is not heard.
"""

import asyncio
import contextlib
from collections.abc import Callable

import numpy as np

from voicegw.errors import WireError
from voicegw.qa.call_report import SipFacts
from voicegw.qa.conversation import CallersSide, Outgoing
from voicegw.qa.surroundings import FRAME_SAMPLES
from voicegw.qa.tape import TapeRecorder
from voicegw.wire.link import Link
from voicegw.wire.messages import CallEnded, CallProgressed, Frame, HangUp, Message, SendDigits, Speech

MOST_AHEAD = 3
"""Frames queued beyond the lead after a stall; more are worked off in silence."""
RING_TIMEOUT_S = 20.0
GOODBYE_TIMEOUT_S = 4.0
"""For BYE to be answered."""
UTTERANCE = 1
"""All that is sent is one utterance without end."""
WHO = {"agent": "us", "caller": "agent"}
"""A cell says ``agent`` for its own side and ``caller`` for the other."""


class ActedCall:
    """Belongs to the event loop.

    :param lead_frames: silence sent ahead.
    """

    def __init__(self, link: Link, side: CallersSide, lead_frames: int) -> None:
        self.tape = TapeRecorder()
        self._link = link
        self._side = side
        self._lead_frames = lead_frames
        self._answered: CallProgressed | None = None
        self._ended: CallProgressed | None = None
        self._link_ended = False
        self._hung_up = False
        self._in_time = True
        self._changed = asyncio.Event()
        asyncio.get_running_loop().add_reader(link, self._read)

    async def until_over(self, timeout_s: float) -> None:
        """Until the call has ended; hangs up when the conversation is over, or the time is."""
        began = asyncio.get_running_loop().time()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(RING_TIMEOUT_S, timeout_s)):
                await self._until(lambda: self._answered is not None or self._is_over())
        if self._answered:
            left_s = began + timeout_s - asyncio.get_running_loop().time()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(left_s, 0)):
                    await self._until(lambda: self._hung_up or self._is_over())
        if not self._hung_up and not self._is_over():
            self._in_time = False
            self._hang_up()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_TIMEOUT_S):
                await self._until(lambda: self._ended is not None)

    def close(self) -> None:
        """The link is not read any more."""
        asyncio.get_running_loop().remove_reader(self._link)
        self._link.close()

    def on_progress(self, progress: CallProgressed) -> None:
        """What the cell says about this call."""
        if progress.state == "answered":
            self._answered = progress
        elif progress.state == "ended":
            self._ended = progress
        self._changed.set()

    @property
    def sip(self) -> SipFacts:
        """What is known of the call when it is over."""
        answered = self._answered.facts if self._answered else {}
        ended = self._ended.facts if self._ended else {}
        by = WHO.get(str(ended.get("by")), "network") if self._in_time else "timeout"
        media = {name: float(value) for name, value in ended.items() if isinstance(value, int | float)}
        status = int(media.pop("sip_status", 0))
        setup_ms = answered.get("setup_ms")
        return SipFacts(
            answered=self._answered is not None,
            codec=str(answered.get("codec", "")),
            setup_ms=setup_ms if isinstance(setup_ms, float) else None,
            sip_status=status,
            reason=str(ended.get("reason", "")),
            ended_by=by,
            media=media,
        )

    def _is_over(self) -> bool:
        return self._link_ended or self._ended is not None

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._changed.clear()
            await self._changed.wait()

    def _read(self) -> None:
        try:
            while (message := self._link.receive()) is not None:
                self._on_message(message)
        except (ConnectionError, WireError):
            asyncio.get_running_loop().remove_reader(self._link)
            self._link_ended = True
            self._changed.set()

    def _on_message(self, message: Message) -> None:
        match message:
            case Frame():
                self._on_frame(message)
            case CallEnded():
                self._link_ended = True
                self._changed.set()

    def _on_frame(self, frame: Frame) -> None:
        first = not self.tape.frames
        self.tape.on_frame(frame)
        if first:
            self.tape.hand_out_lead(self._lead_frames)
            self._send(Speech(UTTERANCE, bytes(self._lead_frames * FRAME_SAMPLES * 2)))
        out = self._side.on_frame(np.frombuffer(frame.heard, "<i2"))
        if self.tape.waiting > self._lead_frames + MOST_AHEAD and not out.voice.any():
            self.tape.skip(out.voice)
        else:
            self.tape.hand_out(out.voice)
            self._send(Speech(UTTERANCE, out.pcm.astype("<i2").tobytes()))
        self._press_or_leave(out)

    def _press_or_leave(self, out: Outgoing) -> None:
        if out.digits:
            self._send(SendDigits(out.digits))
        if out.hang_up and not self._hung_up:
            self._hang_up()

    def _hang_up(self) -> None:
        self._hung_up = True
        self._send(HangUp())
        self._changed.set()

    def _send(self, message: Message) -> None:
        """The cell is told; one that is gone is noticed by the reader."""
        with contextlib.suppress(ConnectionError):
            self._link.send(message)
