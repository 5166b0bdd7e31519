"""``voicegw call``: a real caller, and the ruler."""

import asyncio
import json
import re
import sys
from pathlib import Path

import click
from rich.console import Console

from voicegw import config, log
from voicegw.audio import wav
from voicegw.errors import SettingsError
from voicegw.qa.call_report import CallReport
from voicegw.qa.caller import TIMEOUT_S, place_call
from voicegw.qa.ruler import Intent
from voicegw.qa.script import AFTER_MS, AddEcho, AddNoise, Interrupt, PressKeys, SayLine, Script, Step, WaitSeconds
from voicegw.qa.spans import RATE_HZ

KEYS = re.compile(r"[0-9*#A-D]+")
NOISE = re.compile(r"(white|babble|music)(:(-?\d+(\.\d+)?))?")
ECHO = re.compile(r"(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)")
STEPS = "voicegw.call.steps"


class _Ordered(click.Command):
    """Remembers in which order ``--say``, ``--wav``, ``--keys``, ``--wait`` and ``--aside`` were given."""

    STEP_OPTIONS = ("say", "wav", "keys", "wait", "aside")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        parser = self.make_parser(ctx)
        values, _, order = parser.parse_args(args=list(args))
        left = {name: list(values.get(name) or ()) for name in self.STEP_OPTIONS}
        ctx.meta[STEPS] = [
            (parameter.name, left[parameter.name].pop(0)) for parameter in order if parameter.name in left
        ]
        return super().parse_args(ctx, args)


@click.command(cls=_Ordered)
@click.argument("uri")
@click.option("--say", multiple=True, metavar="TEXT", help="A line; [700] in it is a pause of 700 ms, [cough] a cough.")
@click.option("--wav", multiple=True, metavar="FILE", help="A line from a recording.")
@click.option("--keys", multiple=True, metavar="DIGITS", help="Press keys.")
@click.option("--wait", multiple=True, metavar="SECONDS", help="Say nothing for a while.")
@click.option("--aside", multiple=True, metavar="MS:TEXT", help='Into the agent\'s speech: 800:mhm, "1200:[cough]".')
@click.option("--interrupt", type=click.IntRange(0), metavar="MS", help="Speak the first line so long after the agent "
              "began, over it.")  # fmt: skip
@click.option("--after", default=AFTER_MS, show_default=True, metavar="MS", help="An agent silent for so long is done.")
@click.option("--voice", default="joe", show_default=True, help="joe, joe@1.2^3 (speed, semitones), espeak:en-gb+f2 …")
@click.option(
    "--noise", metavar="KIND[:SNR]", help="white, babble, music or television behind the caller, SNR in dB (20)."
)
@click.option("--echo", metavar="MS:DB", help="The agent's voice comes back MS later, DB softer: 200:12.")
@click.option("--codec", type=click.Choice(["PCMU", "PCMA", "G722"], case_sensitive=False), help="Offer only this one.")
@click.option("--record", type=click.Path(path_type=Path), help="Stereo WAV: the caller left, the agent right.")
@click.option("--transcribe/--no-transcribe", default=True, help="Write the agent's words down (by Whisper).")
@click.option("--timeout", default=TIMEOUT_S, show_default=True, help="Hang up after so many seconds.")
@click.option("--settings", "file", type=click.Path(path_type=Path), help="TOML file with settings.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def command(
    ctx: click.Context,
    uri: str,
    interrupt: int | None,
    after: float,
    voice: str,
    noise: str | None,
    echo: str | None,
    codec: str | None,
    record: Path | None,
    transcribe: bool,
    timeout: float,
    file: Path | None,
    as_json: bool,
    **_: object,
) -> None:
    """Place a real call: speak when the agent has finished, press keys, listen, and measure.

    Steps are done in the order given. Exit code 0: the call was answered and ended properly.

    Example: voicegw call sip:5000@127.0.0.1:5060 --say "Hi, where is my order 4 5 6 7?" --say "No thanks, bye."
    """
    settings = config.load(file)
    log.configure_from(settings.log)
    around: list[Step] = [*_noise(noise), *_echo(echo)]
    spoken = [_step(name, value, after) for name, value in ctx.meta[STEPS]]
    script = Script((*around, *_interrupting(spoken, interrupt)), voice)
    placing = place_call(
        uri, script, codec=(codec or "").upper(), timeout_s=timeout, transcribe=transcribe, settings=settings
    )
    measured = asyncio.run(placing)
    if record:
        wav.write(record, measured.tape.stereo, RATE_HZ)
    _show(measured, as_json)
    sys.exit(0 if measured.ok else 1)


def _step(name: str, value: str, after_ms: float) -> Step:
    """
    :raises SettingsError: not what the option takes.
    """
    match name:
        case "say":
            return SayLine(value, after_ms=after_ms)
        case "wav":
            return SayLine(wav=Path(value), after_ms=after_ms)
        case "keys" if KEYS.fullmatch(value):
            return PressKeys(value, after_ms)
        case "wait" if value.replace(".", "", 1).isdigit():
            return WaitSeconds(float(value))
        case "aside" if value.partition(":")[0].isdigit():
            moment, _, text = value.partition(":")
            return Interrupt(float(moment), text, intent=Intent.ASIDE)
    forms = {"keys": "digits, * and #", "wait": "seconds", "aside": "MS:TEXT, as 800:mhm"}
    raise SettingsError(f"--{name} {value!r}: write {forms[name]}")


def _interrupting(steps: list[Step], after_ms: int | None) -> list[Step]:
    """The first line becomes an interruption."""
    for number, step in enumerate(steps):
        if after_ms is not None and isinstance(step, SayLine):
            return [*steps[:number], Interrupt(after_ms, step.text, step.wav), *steps[number + 1 :]]
    return steps


def _noise(text: str | None) -> list[Step]:
    if text is None:
        return []
    match = NOISE.fullmatch(text)
    if not match:
        raise SettingsError(f"--noise {text!r}: write white, babble, music or television, and :SNR, as babble:10")
    return [AddNoise(match[1], float(match[3] or 20))]


def _echo(text: str | None) -> list[Step]:
    if text is None:
        return []
    match = ECHO.fullmatch(text)
    if not match or not 50 <= float(match[1]) <= 2000:
        raise SettingsError(f"--echo {text!r}: write MS:DB with 50 to 2000 ms, as 200:12")
    return [AddEcho(float(match[1]), float(match[2]))]


def _show(measured: CallReport, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(measured.as_json(), indent=1, ensure_ascii=False))
        return
    console = Console()
    if measured.sip.answered:
        console.print(measured.as_table())
        sip = measured.sip
        console.print(f"answered after {sip.setup_ms or 0:.0f} ms, ended by {sip.ended_by}; {_sound_line(measured)}")
    if measured.problem:
        Console(stderr=True).print(f"voicegw: {measured.problem}", highlight=False)


def _sound_line(measured: CallReport) -> str:
    sound, media = measured.sound, measured.sip.media or {}
    holes = f"{len(sound.holes)} holes, {sound.clipped_runs} clipped, {sound.speech_dbfs} dBFS" if sound else "no audio"
    return f"{holes}, {media.get('rtp_lost', 0):.0f} of {media.get('rtp_received', 0):.0f} packets lost"
