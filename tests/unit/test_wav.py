"""WAV files are read back as they were written, and other kinds are named with what to do."""

import struct

import numpy as np
import pytest

from voicegw.audio.wav import parse, read, to_bytes, write
from voicegw.errors import AudioFormatError

MONO = np.arange(-500, 500, dtype=np.int16)
STEREO = np.stack([MONO, -MONO], axis=1)


def with_format(tag: int = 1, channels: int = 1, rate_hz: int = 8000, bits: int = 16) -> bytes:
    data = bytearray(to_bytes(MONO, 8000))
    struct.pack_into("<HHIIHH", data, 20, tag, channels, rate_hz, 16000, 2, bits)
    return bytes(data)


def test_mono_and_stereo_come_back_as_they_were_written(tmp_path):
    write(tmp_path / "a.wav", MONO, 8000)
    recording = read(tmp_path / "a.wav")
    assert np.array_equal(recording.mono, MONO)
    assert (recording.rate_hz, recording.duration_s) == (8000, 0.125)
    recording = parse(to_bytes(STEREO, 44100))
    assert np.array_equal(recording.samples, STEREO)
    assert not recording.mono.any()


def test_other_chunks_are_passed_over_and_odd_ones_are_padded():
    data = to_bytes(MONO, 8000)
    data = data[:12] + b"LIST" + struct.pack("<I", 3) + b"abc\0" + data[12:]
    assert np.array_equal(parse(data).mono, MONO)


@pytest.mark.parametrize("size", [0xFFFFFFFF, 1_000_000])
def test_a_size_that_a_recorder_never_filled_in_means_to_the_end(size):
    data = bytearray(to_bytes(MONO, 8000))
    struct.pack_into("<I", data, 40, size)
    assert np.array_equal(parse(bytes(data)).mono, MONO)


def test_the_extensible_format_is_read():
    plain = to_bytes(MONO, 8000)
    form = plain[20:34] + struct.pack("<HHHI", 16, 22, 16, 4) + struct.pack("<H", 1) + bytes(14)
    data = plain[:12] + b"fmt " + struct.pack("<I", len(form)) + form + plain[36:]
    assert np.array_equal(parse(data).mono, MONO)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not a WAV file (empty)"),
        (b"ID3\x04 an mp3", "not a WAV file"),
        (to_bytes(MONO, 8000)[:30], "cut off"),
        (with_format(tag=7, bits=8), "mu-law, not 16-bit PCM"),
        (with_format(tag=3, bits=32), "floating point"),
        (with_format(tag=999), "format 999"),
        (with_format(bits=24), "24 bits, not 16"),
        (with_format(channels=6), "6 channels, not 1 or 2"),
        (with_format(rate_hz=100), "100 Hz"),
    ],
)
def test_a_file_of_another_kind_is_named_with_what_it_is(data, says):
    with pytest.raises(AudioFormatError, match=r"^x\.wav: ") as caught:
        parse(data, "x.wav")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(AudioFormatError, match="No such file"):
        read(tmp_path / "none.wav")
    with pytest.raises(AudioFormatError, match="Is a directory"):
        read(tmp_path)


def test_a_wrong_kind_says_how_to_convert_it():
    with pytest.raises(AudioFormatError, match="ffmpeg -i IN -ac 1 -c:a pcm_s16le"):
        parse(with_format(bits=24))
