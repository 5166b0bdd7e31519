"""A scenario's talk as a caller's script."""

from pathlib import Path

from voicegw.qa.ruler import Intent
from voicegw.qa.scenarios.model import CallerSettings, Scenario, ScenarioLine
from voicegw.qa.script import AFTER_MS, AddEcho, AddNoise, Interrupt, PressKeys, SayLine, Script, Step, WaitSeconds

WAITS_MS = 6000.0
"""A caller who expects the agent to end the call, or is told that something takes long, does not hang up before."""
HANGS_UP_MS = 2500.0
"""Longer than what may lie between "one moment" and the answer."""
GOES_ON_MS = 2500.0
"""After an aside the agent may have paused: it has finished when it has been silent for so long."""


def script(scenario: Scenario, folder: Path) -> Script:
    """What the caller does. The label of each line that sounds is its place in the talk."""
    steps: list[Step] = [*around(scenario.caller)]
    for index, line in enumerate(scenario.talk):
        after_aside = index > 0 and scenario.talk[index - 1].aside
        steps += _noise(line.noise)
        steps += _steps(line, str(index), folder, GOES_ON_MS if after_aside else AFTER_MS)
    last = scenario.talk[-1]
    waits = last.ends or last.silence or scenario.tools
    return Script(tuple(steps), scenario.caller.voice, goodbye_ms=WAITS_MS if waits else HANGS_UP_MS)


def around(caller: CallerSettings) -> list[AddNoise | AddEcho]:
    """What the agent hears of a caller's surroundings."""
    heard: list[AddNoise | AddEcho] = [*_noise(caller.noise)]
    if caller.echo:
        delay_ms, _, loss_db = caller.echo.partition(":")
        heard.append(AddEcho(float(delay_ms), float(loss_db)))
    return heard


def _noise(text: str) -> list[AddNoise]:
    if not text:
        return []
    kind, _, snr_db = text.partition(":")
    return [AddNoise(kind, float(snr_db or 20))]


def _steps(line: ScenarioLine, label: str, folder: Path, after_ms: float) -> list[Step]:
    if line.hang_up:
        return []
    if line.keys:
        return [PressKeys(line.keys, after_ms)]
    if line.silence:
        return [WaitSeconds(line.for_s, label)]
    text = line.caller[0] if line.caller else ""
    wav = folder / line.wav if line.wav else None
    if line.over_ms is None:
        return [SayLine(text, wav, after_ms, label=label, voice=line.voice)]
    intent = Intent.ASIDE if line.aside else Intent.INTERRUPTION
    return [Interrupt(line.over_ms, text, wav, intent, label, line.voice)]
