"""PCAP files of RTP for SIPp: speech in mu-law, and keys as telephone events.

The files are what a capture of a telephone's packets would be; SIPp replaces addresses and ports when it plays them.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voicegw.audio.g711 import mu_law_encode
from voicegw.qa.spans import samples
from voicegw.wire.messages import FRAME_MS

FRAME_SAMPLES = samples(FRAME_MS)
PCMU, TELEPHONE_EVENT = 0, 101
"""RTP payload types; the second by usage, as SIPp scenarios here offer it."""
KEYS = "0123456789*#ABCD"
"""In the order of their event codes (RFC 4733 §3.2)."""
KEY_FRAMES, KEY_GAP_FRAMES, KEY_ENDS = 5, 10, 3
"""A key of 100 ms and 200 ms after it; its end is sent three times (RFC 4733 §2.5.1.4)."""
VOLUME = 10
"""-10 dBm0."""
SSRC = 0x56474757
_ETHERNET_IPV4 = bytes(12) + b"\x08\x00"
_LINKTYPE_ETHERNET, _SNAP_LENGTH = 1, 65_535


@dataclass(frozen=True)
class Packet:
    """One RTP packet and when it leaves."""

    at_ms: float
    payload_type: int
    timestamp: int
    payload: bytes
    marker: bool = False


def speech(pcm: np.ndarray) -> list[Packet]:
    """Int16 samples at 8 kHz, 20 ms a packet; the last one is filled up with silence."""
    whole = np.concatenate([pcm, np.zeros(-len(pcm) % FRAME_SAMPLES, np.int16)])
    codes = mu_law_encode(whole.astype(np.int16)).reshape(-1, FRAME_SAMPLES)
    return [
        Packet(number * FRAME_MS, PCMU, number * FRAME_SAMPLES, frame.tobytes(), marker=number == 0)
        for number, frame in enumerate(codes)
    ]


def keys(digits: str) -> list[Packet]:
    """Keys one after another (RFC 4733 §2.3)."""
    packets: list[Packet] = []
    frame = 0
    for digit in digits:
        event, timestamp = KEYS.index(digit), frame * FRAME_SAMPLES
        for step in range(KEY_FRAMES + KEY_ENDS - 1):
            duration = min(step + 1, KEY_FRAMES) * FRAME_SAMPLES
            end = 0x80 if step >= KEY_FRAMES - 1 else 0
            payload = struct.pack("!BBH", event, end | VOLUME, duration)
            at_ms = (frame + min(step, KEY_FRAMES - 1)) * FRAME_MS + max(step - KEY_FRAMES + 1, 0)
            packets.append(Packet(at_ms, TELEPHONE_EVENT, timestamp, payload, marker=step == 0))
        frame += KEY_FRAMES + KEY_GAP_FRAMES
    return packets


def spoiled(packets: Sequence[Packet], lost_percent: int, late_ms: int, seed: int = 1) -> list[tuple[int, Packet]]:
    """What of it arrives, with sequence numbers, in the order of arrival.

    :param lost_percent: so many are left out.
    :param late_ms: every tenth comes so much later.
    """
    random = np.random.default_rng(seed)
    kept = [(number, packet) for number, packet in enumerate(packets) if random.uniform(0, 100) >= lost_percent]
    delay = {number: late_ms if number % 10 == 9 else 0 for number, _ in kept}
    return sorted(kept, key=lambda one: one[1].at_ms + delay[one[0]])


def to_bytes(arriving: Sequence[tuple[int, Packet]], late_ms: int = 0, first: int = 0) -> bytes:
    """A capture file (pcap 2.4).

    :param first: sequence number of the first packet, where the stream goes on from an earlier file.
    """
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, _SNAP_LENGTH, _LINKTYPE_ETHERNET)
    records = [header]
    for number, packet in arriving:
        at_us = round((packet.at_ms + (late_ms if number % 10 == 9 else 0)) * 1000)
        frame = _ETHERNET_IPV4 + _ipv4(_udp(_rtp(first + number, packet, first * FRAME_SAMPLES)))
        records.append(struct.pack("<IIII", at_us // 1_000_000, at_us % 1_000_000, len(frame), len(frame)) + frame)
    return b"".join(records)


def _rtp(number: int, packet: Packet, since: int) -> bytes:
    kind = packet.payload_type | (0x80 if packet.marker else 0)
    return struct.pack("!BBHII", 0x80, kind, number & 0xFFFF, packet.timestamp + since, SSRC) + packet.payload


def _udp(data: bytes) -> bytes:
    return struct.pack("!HHHH", 6000, 6000, len(data) + 8, 0) + data


def _ipv4(data: bytes) -> bytes:
    local = bytes((127, 0, 0, 1))
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, len(data) + 20, 0, 0, 64, 17, 0, local, local) + data
