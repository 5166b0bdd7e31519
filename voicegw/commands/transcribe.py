"""``voicegw transcribe``: what the engine hears in a recording."""

import json
from pathlib import Path

import click

from voicegw import config
from voicegw.audio import wav
from voicegw.engines import registry
from voicegw.errors import SettingsError
from voicegw.nlu.checks import CHECKS
from voicegw.nlu.expecting import Expecting


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--expect", default="any", help="What was asked for: a slot type, with a length and a check digit (digits:16:luhn)."
)
@click.option("--engine", default="auto", help="whisper, vosk or auto.")
@click.option("--language", default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(file: Path, expect: str, engine: str, language: str, as_json: bool) -> None:
    """What the engine hears in FILE, a 16-bit PCM WAV of any rate.

    Example: voicegw transcribe account.wav --expect digits:16
    """
    expecting = _expecting(expect)
    recording = wav.read(file)
    ears = registry.speech_to_text(config.load(overrides={"stt": {"provider": engine}}), language)
    recognizer = ears.recognizer(recording.rate_hz, expecting)
    recognizer.feed(recording.mono)
    heard = recognizer.decode(final=True)
    if as_json:
        values = {
            "text": heard.text,
            "confidence": round(heard.confidence, 3),
            "decode_ms": heard.decode_ms,
            "alternatives": heard.alternatives,
        }
        click.echo(json.dumps(values, ensure_ascii=False))
    else:
        click.echo(heard.text or "(nothing was heard)")
        click.echo(f"confidence {heard.confidence:.0%}, decoded in {heard.decode_ms:.0f} ms", err=True)


def _expecting(text: str) -> Expecting:
    """:raises SettingsError: the length is not a number, or there is no such rule."""
    kind, _, rest = text.partition(":")
    length, _, check = rest.partition(":")
    if (length and not length.isdigit()) or (check and check not in CHECKS):
        rules = " or ".join(CHECKS)
        raise SettingsError(f"--expect {text}: write KIND, KIND:LENGTH or KIND:LENGTH:RULE, RULE being {rules}")
    return Expecting(kind, length=int(length) if length else None, check=check)
