"""SIPp as the caller: its files made ready, run to its end, and what it says of its calls."""

import asyncio
import contextlib
import csv
import re
import shutil
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from voicegw.errors import PackageMissing
from voicegw.qa import pcap
from voicegw.qa.scenarios.evidence import SippResult
from voicegw.qa.scenarios.model import Media, Sipp
from voicegw.qa.script import SayLine, Script
from voicegw.qa.spans import samples
from voicegw.qa.voices import Studio

LEAD_MS = 200
"""Silence before what is said: a capture begins before the voice does."""
MESSAGE = re.compile(
    r"^-+ (?P<at>\S+ \d\d:\d\d:\d\d\.\d+)[^\n]*\n\w+ message (?P<way>sent|received)[^\n]*\n\n(?P<first>[^\n]*)",
    re.MULTILINE,
)
CALL_ID = re.compile(r"^(?:Call-ID|i)\s*:\s*(\S+)", re.MULTILINE | re.IGNORECASE)
COMPLAINT = re.compile(r"^[\d-]+\t[\d:.]+\t[\d.]+: (.*)$", re.MULTILINE)


def make_media(sipp: Sipp, folder: Path, studio: Studio) -> None:
    """Write the PCAPs that a scenario wants, one stream in the order given.

    :raises SettingsError: no such voice.
    """
    first = 0
    for name, media in sipp.media.items():
        packets = pcap.keys(media.keys) if media.keys else pcap.speech(_spoken(media, studio))
        arriving = pcap.spoiled(packets, media.lost_percent, media.late_ms)
        (folder / name).write_bytes(pcap.to_bytes(arriving, media.late_ms, first))
        first += len(packets)


def _spoken(media: Media, studio: Studio) -> np.ndarray:
    clip = studio.clips(Script((SayLine(media.say),), media.voice))[0]
    return np.concatenate([np.zeros(samples(LEAD_MS), np.int16), clip])


async def place_calls(sipp: Sipp, source: Path, folder: Path, number: str, port: int, studio: Studio) -> SippResult:
    """Run SIPp against the service on ``port`` of this machine.

    :param source: the scenario's folder; ``folder`` is for what is made and logged.
    :raises PackageMissing: SIPp is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for file in source.iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    await asyncio.to_thread(make_media, sipp, folder, studio)
    exit_code = await _run(_command(sipp, number, port), folder, sipp.timeout_s + 5)
    succeeded, failed = _counts(folder)
    return SippResult(exit_code, succeeded, failed, _complaint(folder), tuple(_ladder(folder)))


def _command(sipp: Sipp, number: str, port: int) -> list[str]:
    sip_port, media_port = _free_ports()
    return [
        "sipp", f"127.0.0.1:{port}", "-sf", sipp.file, "-s", number, "-i", "127.0.0.1", "-p", str(sip_port),
        "-mi", "127.0.0.1", "-mp", str(media_port), "-m", str(sipp.calls), "-l", str(sipp.at_once),
        "-r", f"{sipp.rate:g}", "-nostdin", "-timeout", f"{sipp.timeout_s:g}s", "-timeout_error", "-trace_msg",
        "-message_file", "messages.log", "-trace_err", "-error_file", "errors.log", "-trace_stat", "-stf", "counts.csv",
        "-fd", "1", *(["-inf", sipp.csv] if sipp.csv else []),
    ]  # fmt: skip


async def _run(command: list[str], folder: Path, limit_s: float) -> int:
    try:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
    except FileNotFoundError:
        raise PackageMissing("sip-tester", "system") from None
    try:
        return await asyncio.wait_for(process.wait(), limit_s)
    except TimeoutError:
        return -1
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _free_ports() -> tuple[int, int]:
    """A free UDP port for SIP, and one for RTP with free neighbours."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as two,
    ):
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(two.getsockname()[1]) & ~1


def _counts(folder: Path) -> tuple[int, int]:
    """Calls that succeeded and that failed, by SIPp's own count."""
    rows = list(csv.DictReader(_text(folder / "counts.csv").splitlines(), delimiter=";"))
    last: Mapping[str, str] = rows[-1] if rows else {}
    return int(last.get("SuccessfulCall(C)") or 0), int(last.get("FailedCall(C)") or 0)


def _complaint(folder: Path) -> str:
    found = COMPLAINT.search(_text(folder / "errors.log"))
    return found[1].strip() if found else ""


def _ladder(folder: Path) -> Iterator[tuple[float, str, str]]:
    """The messages of the first call."""
    text = _text(folder / "messages.log")
    first_call, began = "", 0.0
    for found in MESSAGE.finditer(text):
        named = CALL_ID.search(text, found.end())
        call = named[1] if named else ""
        at_s = _seconds(found["at"])
        if not first_call:
            first_call, began = call, at_s
        if call == first_call:
            yield round(at_s - began, 3), found["way"], found["first"].strip()


def _seconds(stamp: str) -> float:
    hours, minutes, seconds = stamp.split()[-1].split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
