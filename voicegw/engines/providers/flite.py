"""Plain speech by flite, a program of its own: small, and its voices were people's."""

import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np

from voicegw.audio import wav
from voicegw.errors import EngineError

PROGRAM = "flite"
SPEAKING_S = 20.0


def is_installed() -> bool:
    """Whether it is on this machine."""
    return shutil.which(PROGRAM) is not None


@lru_cache(maxsize=1)
def voices() -> tuple[str, ...]:
    """Its own. Asked for another one, it takes the first and says nothing of it.

    :raises EngineError: it cannot be asked.
    """
    try:
        asked = subprocess.run([PROGRAM, "-lv"], capture_output=True, text=True, timeout=SPEAKING_S, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise EngineError(f"flite does not tell its voices: {error}") from error
    return tuple(asked.stdout.partition(":")[2].split())


def speak(words: str, voice: str, slower: float, *, phones: bool = False) -> tuple[np.ndarray, int]:
    """Int16 samples, and their rate.

    :param voice: one of its own, as ``slt``.
    :param slower: how much longer everything takes.
    :param phones: ``words`` are phones (``th r iy``) instead.
    :raises EngineError: it failed, or has no such voice.
    """
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        stretch = ["--setf", f"duration_stretch={slower}"]
        command = [PROGRAM, "-voice", voice, *stretch, "-p" if phones else "-t", words, "-o", file.name]
        try:
            subprocess.run(command, capture_output=True, timeout=SPEAKING_S, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise EngineError(f"flite cannot speak as {voice!r}: {error}") from error
        recording = wav.read(Path(file.name))
    return recording.mono, recording.rate_hz
