"""A browser's place is taken by aiortc: sound goes both ways, and hanging up is noticed."""

import asyncio
import fractions

import numpy as np
import pytest
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from av import AudioFrame

from voicegw.errors import WireError
from voicegw.webrtc.peer import Peer
from voicegw.wire.messages import FRAME_BYTES

RATE_HZ, HERTZ = 48_000, 440.0


class Tone(MediaStreamTrack):
    """A microphone that hears a tone."""

    kind = "audio"
    place = 0

    async def recv(self) -> AudioFrame:
        await asyncio.sleep(0.02)
        at = np.arange(self.place, self.place + 960) / RATE_HZ
        frame = AudioFrame.from_ndarray((8000 * np.sin(2 * np.pi * HERTZ * at)).astype("<i2")[None, :], "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, self.place, fractions.Fraction(1, RATE_HZ)
        self.place += 960
        return frame


def pitch_hz(pcm: bytes) -> float:
    samples = np.frombuffer(pcm, "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * 8000 / len(samples))


async def joined(peer: Peer, codec: str = "") -> RTCPeerConnection:
    browser = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    browser.addTrack(Tone())
    await browser.setLocalDescription(await browser.createOffer())
    sdp = browser.localDescription.sdp
    if codec:  # a browser that speaks nothing else
        sdp = sdp.replace("PCMU/8000", "nothing/8000").replace("PCMA/8000", "nothing/8000")
    answer = await peer.answer(sdp)
    await browser.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    assert answer.split("m=audio ")[1].split()[2] == ("96" if codec else "0"), "the browser sends the first codec"
    await asyncio.wait_for(peer.up.wait(), 10)
    return browser


@pytest.mark.parametrize("codec", ["", "opus"])
async def test_what_the_browser_hears_and_says_comes_through(codec: str) -> None:
    peer = Peer()
    heard_by_browser: list[bytes] = []
    browser = await joined(peer, codec)

    async def listen() -> None:
        track = browser.getReceivers()[0].track
        while True:
            frame = await track.recv()
            heard_by_browser.append(frame.to_ndarray().tobytes())

    listening = asyncio.create_task(listen())
    heard: list[bytes] = []
    speech = (np.ones(FRAME_BYTES // 2) * 3000).astype("<i2").tobytes()
    for _ in range(75):
        peer.speak(speech)
        if pcm := peer.hear():
            heard.append(pcm)
        await asyncio.sleep(0.02)
    listening.cancel()
    assert len(heard) > 40
    assert peer.codec == (codec or "PCM")
    assert pitch_hz(b"".join(heard[20:40])) == pytest.approx(HERTZ, abs=15)
    assert any(np.abs(np.frombuffer(pcm, "<i2").astype(int)).max() > 2000 for pcm in heard_by_browser)
    await browser.close()
    await asyncio.wait_for(peer.gone.wait(), 10)
    await peer.close()


@pytest.mark.parametrize("offer", ["", "nonsense", "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"])
async def test_what_is_no_offer_of_audio_is_refused_by_one_error(offer: str) -> None:
    peer = Peer()
    with pytest.raises(WireError):
        await peer.answer(offer)
    await peer.close()
