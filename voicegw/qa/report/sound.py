"""The sound of a call, small enough to lie in the page, and drawn."""

import base64
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from voicegw.audio import wav
from voicegw.audio.g711 import mu_law_encode
from voicegw.qa.report.markup import Markup, tag

WAVE_FORMAT_MULAW = 7
COLUMNS = 480
"""Of the drawing."""
LANE = 28
"""Height of one side's half, in the drawing's units."""
FULL = 12_000.0
"""An amplitude drawn at full height: loud speech."""


@dataclass(frozen=True)
class Sound:
    """Both sides of a call."""

    url: str
    """``data:`` URL of a mu-law WAV, which every browser plays, at half the size."""
    drawing: Markup
    duration_s: float


def of_file(file: Path) -> Sound | None:
    """The sound in a stereo WAV at 8 kHz; None if the file is not there."""
    if not file.is_file():
        return None
    recording = wav.read(file)
    pcm = recording.samples
    duration_s = len(pcm) / recording.rate_hz
    encoded = base64.b64encode(mu_law_wav(pcm, recording.rate_hz)).decode()
    return Sound(f"data:audio/wav;base64,{encoded}", _drawn(pcm, duration_s), duration_s)


def mu_law_wav(pcm: np.ndarray, rate_hz: int) -> bytes:
    """Int16 ``[samples, 2]`` as a mu-law WAV."""
    data = mu_law_encode(np.ascontiguousarray(pcm).reshape(-1)).tobytes()
    channels = pcm.shape[1]
    head = struct.pack("<HHIIHHH", WAVE_FORMAT_MULAW, channels, rate_hz, rate_hz * channels, channels, 8, 0)
    fact = struct.pack("<4sII", b"fact", 4, len(pcm))
    body = (
        b"WAVE" + struct.pack("<4sI", b"fmt ", len(head)) + head + fact + struct.pack("<4sI", b"data", len(data)) + data
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _drawn(pcm: np.ndarray, duration_s: float) -> Markup:
    """The caller above the middle, the agent below it, and a second's marks."""
    marks = [_mark(second / duration_s * COLUMNS, second) for second in range(5, int(duration_s), 5)]
    return tag(
        "svg",
        *marks,
        tag("path", d=_lane(pcm[:, 0], up=True), class_="wave caller"),
        tag("path", d=_lane(pcm[:, 1], up=False), class_="wave agent"),
        tag("line", x1=0, x2=0, y1=0, y2=2 * LANE, class_="head"),
        viewBox=f"0 0 {COLUMNS} {2 * LANE + 10}",
        preserveAspectRatio="none",
        class_="waves",
        role="img",
        aria_label="The caller's voice above, the agent's below",
    )


def _mark(x: float, second: int) -> Markup:
    return tag(
        "g", tag("line", x1=round(x, 1), x2=round(x, 1), y1=0, y2=2 * LANE), tag("title", f"{second} s"), class_="mark"
    )


def _lane(pcm: np.ndarray, *, up: bool) -> str:
    edges = np.linspace(0, len(pcm), COLUMNS + 1).astype(int)
    loud = np.abs(pcm.astype(np.int32))
    peaks = [float(loud[a:b].max()) if b > a else 0.0 for a, b in pairwise(edges)]
    heights = [min(peak / FULL, 1.0) ** 0.7 * (LANE - 1) for peak in peaks]
    sign = -1 if up else 1
    points = " ".join(f"{x},{LANE + sign * height:.1f}" for x, height in enumerate(heights))
    return f"M0,{LANE} L{points} L{COLUMNS},{LANE} Z"
