"""Phonemes, and plain speech, by espeak-ng, a program of its own: it is GPL-3, and its library keeps global state."""

import re
import shutil
import subprocess
from functools import lru_cache

import numpy as np

from voicegw.audio import wav
from voicegw.call.clauses import Break, break_between
from voicegw.errors import EngineError, PackageMissing, SetupError

PROGRAM = "espeak-ng"
LONGEST_S = 5.0
SPEAKING_S = 20.0
_OTHER_PAUSES = re.compile(r"\s*[—–…()\[\]]+\s*")
_MONEY = re.compile(r"\$(\d[\d,]*)(?:\.(\d\d))?(?!\d)")
_MARK = re.compile(r"([,.;:!?])[,.;:!?\"'”’]*$")
_LANGUAGE_SWITCH = re.compile(r"\([a-z-]+\)")


def check_installed() -> None:
    """
    :raises SetupError: espeak-ng is not on this machine.
    """
    if shutil.which(PROGRAM) is None:
        raise SetupError("espeak-ng is not installed, and this voice needs it: run `apt-get install espeak-ng`")


@lru_cache(maxsize=256)
def phonemes(text: str, voice: str) -> str:
    """IPA of ``text``, its punctuation kept.

    :param voice: espeak-ng's name of the language, as ``en-us``.
    :raises EngineError: espeak-ng failed.
    """
    clauses = _clauses(_OTHER_PAUSES.sub(", ", _MONEY.sub(_dollars, text)).split())
    if not clauses:
        return ""
    lines = _run("\n".join(words for words, _ in clauses), voice)
    if len(lines) != len(clauses):  # it found a break of its own
        return ", ".join(lines) + clauses[-1][1]
    return " ".join(line + mark for line, (_, mark) in zip(lines, clauses, strict=True))


def _clauses(words: list[str]) -> list[tuple[str, str]]:
    """Words up to a pause, and its mark: espeak-ng ends a line of its output there, and forgets which mark it was."""
    clauses: list[tuple[str, str]] = []
    begun: list[str] = []
    for index, word in enumerate(words):
        last = index + 1 == len(words)
        mark = _MARK.search(word)
        ends = last or (mark is not None and break_between(word, words[index + 1]) > Break.CONJUNCTION)
        # Within a clause, "p.m." keeps its periods; that of "Dr." would end the line.
        inner = mark is not None and not ends and "." in word[: mark.start()]
        begun.append(word if mark is None or inner else word[: mark.start()])
        if ends:
            clauses.append((" ".join(begun).strip(), mark[1] if mark else ""))
            begun = []
    return [(spoken, mark) for spoken, mark in clauses if spoken]


def _dollars(money: re.Match[str]) -> str:
    """espeak-ng itself says "dollar forty-two point five zero"."""
    whole, cents = money[1].replace(",", ""), int(money[2] or 0)
    dollars = f"{whole} dollar{'' if whole == '1' else 's'}"
    return f"{dollars} and {cents} cent{'' if cents == 1 else 's'}" if cents else dollars


def _run(text: str, voice: str) -> list[str]:
    try:
        done = subprocess.run(
            [PROGRAM, "-q", "--ipa", "-v", voice],
            input=text.encode(),
            capture_output=True,
            timeout=LONGEST_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise EngineError(f"espeak-ng failed on a text of {len(text)} characters: {error}") from error
    lines = _LANGUAGE_SWITCH.sub("", done.stdout.decode()).splitlines()
    return [line.strip() for line in lines if line.strip()]


def speak(text: str, voice: str, words_per_minute: int) -> tuple[np.ndarray, int]:
    """Int16 samples, and their rate.

    :param voice: language and variant, as ``en-us+f3``.
    :raises EngineError: espeak-ng failed, or has no such voice.
    :raises PackageMissing: it is not on this machine.
    """
    command = [PROGRAM, "-v", voice, "-s", str(words_per_minute), "--stdout"]
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=SPEAKING_S, check=False)
    except FileNotFoundError:
        raise PackageMissing(PROGRAM, "system") from None
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"espeak-ng failed on a text of {len(text)} characters: {error}") from error
    if done.returncode or not done.stdout:
        raise EngineError(f"espeak-ng cannot speak as {voice!r}: {done.stderr.decode().strip()}")
    recording = wav.parse(done.stdout, PROGRAM)
    return recording.mono, recording.rate_hz
