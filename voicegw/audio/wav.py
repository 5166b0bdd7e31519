"""WAV files of 16-bit PCM, mono or stereo: read, checked, and written.

Layout: Microsoft, *Multimedia Programming Interface and Data Specifications 1.0* (1991), chapter 3; the
extensible format is from ``mmreg.h``.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voicegw.errors import AudioFormatError

PCM = 1
EXTENSIBLE = 0xFFFE
FORMATS = {3: "floating point", 6: "A-law", 7: "mu-law", 0x11: "IMA ADPCM", 0x55: "MP3"}
LOWEST_HZ, HIGHEST_HZ = 4000, 192_000
MEND = "convert it: `ffmpeg -i IN -ac 1 -c:a pcm_s16le OUT.wav`"


@dataclass(frozen=True)
class Recording:
    """What a WAV file holds."""

    samples: np.ndarray
    """Int16 ``[samples, channels]``."""
    rate_hz: int

    @property
    def mono(self) -> np.ndarray:
        """Int16 ``[samples]``: the mean of all channels."""
        if self.samples.shape[1] == 1:
            return self.samples[:, 0]
        return np.rint(self.samples.mean(axis=1)).astype(np.int16)

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate_hz


def read(path: Path) -> Recording:
    """The samples of a file.

    :raises AudioFormatError: no such file, or not 16-bit PCM mono or stereo; says what it is instead.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AudioFormatError(f"{path}: {error.strerror or error}") from None
    return parse(data, str(path))


def parse(data: bytes, name: str = "WAV") -> Recording:
    """The samples in the bytes of a file; ``name`` stands in errors.

    :raises AudioFormatError: not 16-bit PCM mono or stereo; says what it is instead.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise AudioFormatError(f"{name}: not a WAV file ({_first_bytes(data)}): {MEND}")
    chunks = _chunks(data)
    if b"fmt " not in chunks or b"data" not in chunks or len(chunks[b"fmt "]) < 16:
        raise AudioFormatError(f"{name}: a WAV file without its format or its samples (cut off?)")
    channels, rate_hz = _check_format(chunks[b"fmt "], name)
    body = chunks[b"data"]
    whole = len(body) // (2 * channels) * 2 * channels
    samples = np.frombuffer(body[:whole], "<i2").astype(np.int16, copy=False)
    return Recording(samples.reshape(-1, channels), rate_hz)


def write(path: Path, samples: np.ndarray, rate_hz: int) -> None:
    """Write int16 ``[samples]`` or ``[samples, channels]``."""
    path.write_bytes(to_bytes(samples, rate_hz))


def to_bytes(samples: np.ndarray, rate_hz: int) -> bytes:
    """The bytes of a file holding int16 ``[samples]`` or ``[samples, channels]``; what ``parse`` reads."""
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    body = np.ascontiguousarray(samples, "<i2").tobytes()
    form = struct.pack("<HHIIHH", PCM, channels, rate_hz, rate_hz * channels * 2, channels * 2, 16)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks


def _chunks(data: bytes) -> dict[bytes, bytes]:
    """Chunks by name, the first of each. A size that goes past the end (a recorder that never came to write
    it) means: up to the end."""
    chunks: dict[bytes, bytes] = {}
    place = 12
    while place + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, place)
        chunks.setdefault(name, data[place + 8 : place + 8 + size])
        place += 8 + size + size % 2
    return chunks


def _check_format(form: bytes, name: str) -> tuple[int, int]:
    """Channels and rate.

    :raises AudioFormatError: another encoding, width, number of channels, or an absurd rate.
    """
    tag, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", form)
    if tag == EXTENSIBLE and len(form) >= 26:
        (tag,) = struct.unpack_from("<H", form, 24)
    if tag != PCM:
        raise AudioFormatError(f"{name}: samples are {FORMATS.get(tag, f'format {tag}')}, not 16-bit PCM: {MEND}")
    if bits != 16:
        raise AudioFormatError(f"{name}: samples have {bits} bits, not 16: {MEND}")
    if channels not in (1, 2):
        raise AudioFormatError(f"{name}: {channels} channels, not 1 or 2: {MEND}")
    if not LOWEST_HZ <= rate_hz <= HIGHEST_HZ:
        raise AudioFormatError(f"{name}: a rate of {rate_hz} Hz, not {LOWEST_HZ} to {HIGHEST_HZ}: {MEND}")
    return channels, rate_hz


def _first_bytes(data: bytes) -> str:
    return f"begins with {data[:4]!r}" if data else "empty"
