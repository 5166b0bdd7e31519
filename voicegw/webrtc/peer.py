"""Our end of a call from a browser: one audio track each way, 20 ms at a time at the wire's rate.

The codec is G.711 (RFC 7874 §3 has every browser speak it): what is tried in the browser is heard as over the phone,
and nothing is resampled on the way. A browser that wants Opus gets it.
"""

import asyncio
import fractions
import time
from collections.abc import Callable, Sequence

import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpCodecCapability,
    RTCRtpReceiver,
    RTCSessionDescription,
)
from aiortc.exceptions import InvalidAccessError, InvalidStateError
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame

from voicegw.audio.arrivals import Arrivals
from voicegw.audio.resample import Resampler
from voicegw.errors import WireError
from voicegw.log import get_logger
from voicegw.webrtc.prompt_buffer import prompt
from voicegw.wire.messages import FRAME_BYTES, RATE_HZ

CODECS = ("audio/PCMU", "audio/PCMA", "audio/opus")
"""Best first."""
_TIME_BASE = fractions.Fraction(1, RATE_HZ)
_MOST_QUEUED = 5
"""Frames for the browser that have not left: 100 ms. More is late for ever."""

log = get_logger()


class Peer:
    """One browser. Belongs to an event loop.

    :param ice_servers: URLs of STUN and TURN servers; none: addresses of this machine alone.
    """

    def __init__(self, ice_servers: Sequence[str] = ()) -> None:
        servers = [RTCIceServer(urls=list(ice_servers))] if ice_servers else []
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self._speaking = _Speaking()
        self._arrivals = Arrivals()
        self._hearing: asyncio.Task[None] | None = None
        self.up = asyncio.Event()
        """Sound can flow."""
        self.gone = asyncio.Event()
        """The browser hung up, closed its page, or cannot be reached any more."""
        self.codec = ""
        self._connection.on("connectionstatechange", self._state_changed)
        self._connection.on("track", self._track_came)

    @property
    def missed_frames(self) -> int:
        """Frames of the browser that had not come when they were due."""
        return self._arrivals.missed

    async def answer(self, offer: str) -> str:
        """The SDP answer to a browser's SDP offer, its addresses included. A peer that gives none is closed.

        :raises WireError: not an offer of audio that we can take.
        """
        try:
            return await self._answer(offer)
        except BaseException:
            await self.close()
            raise

    async def _answer(self, offer: str) -> str:
        try:
            self._connection.addTrack(self._speaking)
            for transceiver in self._connection.getTransceivers():
                transceiver.setCodecPreferences(_preferred())  # which aiortc looks at when it is given the offer
            await self._connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            await self._connection.setLocalDescription(await self._connection.createAnswer())
        except (ValueError, AssertionError, InvalidStateError, InvalidAccessError, IndexError, KeyError) as error:
            raise WireError(f"not an SDP offer of audio: {error}") from None
        for transceiver in self._connection.getTransceivers():
            prompt(transceiver.receiver)
        return self._connection.localDescription.sdp

    async def connected(self, timeout_s: float) -> bool:
        """Waited for: sound can flow. False: the browser hung up, or was not reached in time."""
        waiting = [asyncio.ensure_future(event.wait()) for event in (self.up, self.gone)]
        try:
            await asyncio.wait(waiting, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()
        return self.up.is_set() and not self.gone.is_set()

    def hear(self) -> bytes | None:
        """The next 20 ms from the browser, to be asked for every 20 ms; None: they have not come."""
        return self._arrivals.take(time.monotonic())

    def early_s(self) -> float:
        """How much sooner than in 20 ms to ask for the next, so that it does not lie long; negative: later."""
        return self._arrivals.early_s()

    def speak(self, pcm: bytes | None) -> None:
        """20 ms for the browser; None: silence."""
        self._speaking.add(pcm or bytes(FRAME_BYTES))

    async def close(self) -> None:
        """Hang up."""
        self.gone.set()
        if self._hearing:
            self._hearing.cancel()
        await self._connection.close()

    def _state_changed(self) -> None:
        state = self._connection.connectionState
        if state == "connected":
            self.up.set()
        elif state in ("failed", "closed"):
            self.gone.set()

    def _track_came(self, track: MediaStreamTrack) -> None:
        if track.kind == "audio" and self._hearing is None:
            self._hearing = asyncio.create_task(self._hear_all(track))

    async def _hear_all(self, track: MediaStreamTrack) -> None:
        to_wire: Callable[[np.ndarray], np.ndarray] | None = None
        try:
            while True:
                frame = await track.recv()
                assert isinstance(frame, AudioFrame)
                if to_wire is None:
                    self.codec = "PCM" if frame.sample_rate == RATE_HZ else "opus"
                    to_wire = Resampler(frame.sample_rate, RATE_HZ).feed
                self._arrivals.add(to_wire(_mono(frame)).astype("<i2").tobytes(), time.monotonic())
        except MediaStreamError:
            self.gone.set()


class _Speaking(MediaStreamTrack):
    """What the browser hears. The pace is that of ``add``."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._frames: asyncio.Queue[bytes] = asyncio.Queue(_MOST_QUEUED)
        self._samples = 0

    def add(self, pcm: bytes) -> None:
        """20 ms."""
        if self._frames.full():
            self._frames.get_nowait()
        self._frames.put_nowait(pcm)

    async def recv(self) -> AudioFrame:
        """For aiortc."""
        pcm = await self._frames.get()
        if self.readyState != "live":
            raise MediaStreamError
        frame = AudioFrame.from_ndarray(np.frombuffer(pcm, "<i2")[np.newaxis, :], "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, self._samples, _TIME_BASE
        self._samples += frame.samples
        return frame


def _preferred() -> list[RTCRtpCodecCapability]:
    known = RTCRtpReceiver.getCapabilities("audio")
    return [codec for name in CODECS for codec in (known.codecs if known else ()) if codec.mimeType == name]


def _mono(frame: AudioFrame) -> np.ndarray:
    """Its samples, int16; packed stereo is mixed down."""
    samples = frame.to_ndarray().reshape(-1)
    channels = len(frame.layout.channels)
    if channels == 1:
        return samples
    return samples.reshape(-1, channels).mean(axis=1).astype(np.int16)
