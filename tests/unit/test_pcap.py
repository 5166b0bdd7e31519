"""Captures for SIPp: RTP as a telephone would send it."""

import struct

import numpy as np

from voicegw.audio.g711 import mu_law_decode
from voicegw.qa import pcap


def frames(data: bytes) -> list[tuple[float, bytes]]:
    """Times in ms and RTP packets of a capture."""
    assert data[:4] == struct.pack("<I", 0xA1B2C3D4)
    found, at = [], 24
    while at < len(data):
        seconds, micros, length, _ = struct.unpack_from("<IIII", data, at)
        ethernet = data[at + 16 : at + 16 + length]
        assert ethernet[12:14] == b"\x08\x00"
        ip_length = struct.unpack_from("!H", ethernet, 16)[0]
        udp_length = struct.unpack_from("!H", ethernet, 38)[0]
        assert ip_length == length - 14
        assert udp_length == ip_length - 20
        found.append((seconds * 1000 + micros / 1000, ethernet[42:]))
        at += 16 + length
    return found


def test_speech_is_mu_law_every_20_ms() -> None:
    pcm = (8000 * np.sin(np.arange(400) / 5)).astype(np.int16)
    packets = pcap.speech(pcm)
    found = frames(pcap.to_bytes(pcap.spoiled(packets, 0, 0), first=7))
    assert [at for at, _ in found] == [0, 20, 40]
    heads = [struct.unpack("!BBHII", rtp[:12]) for _, rtp in found]
    assert [(kind, sequence, stamp) for _, kind, sequence, stamp, _ in heads] == [
        (0x80, 7, 7 * 160),
        (0, 8, 8 * 160),
        (0, 9, 9 * 160),
    ]
    heard = mu_law_decode(np.frombuffer(b"".join(rtp[12:] for _, rtp in found), np.uint8))
    assert np.abs(heard[:400].astype(int) - pcm).max() < 400


def test_a_key_is_one_event_that_grows_and_ends_three_times() -> None:
    packets = pcap.keys("5#")
    events = [struct.unpack("!BBH", packet.payload) for packet in packets]
    first, second = events[:7], events[7:]
    assert {event for event, _, _ in first} == {5}
    assert {event for event, _, _ in second} == {11}
    assert [duration for _, _, duration in first] == [160, 320, 480, 640, 800, 800, 800]
    assert [bool(flags & 0x80) for _, flags, _ in first] == [False] * 4 + [True] * 3
    assert len({packet.timestamp for packet in packets[:7]}) == 1
    assert [packet.marker for packet in packets[:7]] == [True] + [False] * 6


def test_losses_leave_holes_in_the_numbers_and_late_packets_come_out_of_order() -> None:
    packets = pcap.speech(np.zeros(160 * 200, np.int16))
    arriving = pcap.spoiled(packets, lost_percent=10, late_ms=70)
    numbers = [number for number, _ in arriving]
    assert 150 < len(numbers) < 195
    assert numbers != sorted(numbers)
    times = [at for at, _ in frames(pcap.to_bytes(arriving, late_ms=70))]
    assert times == sorted(times)
