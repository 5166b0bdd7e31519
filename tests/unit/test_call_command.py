"""``voicegw call`` and ``voicegw bench`` as typed."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from voicegw.commands import bench, call
from voicegw.errors import SettingsError
from voicegw.qa.ruler import Intent
from voicegw.qa.script import AddEcho, AddNoise, Interrupt, PressKeys, SayLine, WaitSeconds
from voicegw.qa.voices import Voice, parse_voice


@pytest.fixture
def placed(monkeypatch):
    """Arguments of the call that would be placed."""
    seen = {}

    class Placed(Exception):
        pass

    def place_call(uri, script, **values):
        seen.update(values, uri=uri, script=script)
        raise Placed

    monkeypatch.setattr(call, "place_call", place_call)

    def run(*arguments):
        result = CliRunner().invoke(call.command, arguments)
        if result.exception and not isinstance(result.exception, Placed):
            raise result.exception
        return seen

    return run


def test_steps_keep_the_order_in_which_they_are_typed(placed):
    seen = placed("sip:5@h", "--say", "one", "--keys", "12#", "--wav", "a.wav", "--wait", "1.5", "--say=two")
    assert seen["script"].steps == (
        SayLine("one"),
        PressKeys("12#"),
        SayLine(wav=Path("a.wav")),
        WaitSeconds(1.5),
        SayLine("two"),
    )


def test_the_first_line_becomes_the_interruption(placed):
    seen = placed("sip:5@h", "--keys", "1", "--say", "stop", "--say", "bye", "--interrupt", "400")
    assert seen["script"].steps == (PressKeys("1"), Interrupt(400, "stop"), SayLine("bye"))


def test_surroundings_come_first(placed):
    seen = placed("sip:5@h", "--say", "one", "--noise", "babble:10", "--echo", "200:12", "--aside", "800:mhm")
    assert seen["script"].steps == (
        AddNoise("babble", 10),
        AddEcho(200, 12),
        SayLine("one"),
        Interrupt(800, "mhm", intent=Intent.ASIDE),
    )


def test_a_codec_may_be_written_small(placed):
    assert placed("sip:5@h", "--codec", "g722")["codec"] == "G722"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--keys", "12x"), "digits"),
        (("--wait", "long"), "seconds"),
        (("--aside", "mhm"), "MS:TEXT"),
        (("--noise", "rain"), "white, babble, music or television"),
        (("--echo", "20:12"), "50 to 2000"),
        (("--echo", "soon"), "MS:DB"),
    ],
)
def test_what_an_option_does_not_take_is_named(placed, arguments, says):
    with pytest.raises(SettingsError, match=says):
        placed("sip:5@h", *arguments)


@pytest.mark.parametrize("command", [call.command, bench.command])
def test_help_has_an_example(command):
    result = CliRunner().invoke(command, ["--help"])
    assert result.exit_code == 0
    assert "Example: voicegw" in result.output


def test_an_unknown_bench_is_refused():
    result = CliRunner().invoke(bench.command, ["speed"])
    assert result.exit_code == 2
    assert "calls" in result.output


@pytest.mark.parametrize(
    ("name", "voice"),
    [
        ("joe", Voice("joe")),
        ("joe@1.15^2", Voice("joe", "", 1.15, 2)),
        ("joe^-3", Voice("joe", "", 1.0, -3)),
        ("espeak:en-gb-scotland+f3@0.9", Voice("espeak", "en-gb-scotland+f3", 0.9)),
        ("flite:awb", Voice("flite", "awb")),
        ("digits:theo", Voice("digits", "theo")),
    ],
)
def test_a_voice_is_named_by_engine_variant_speed_and_pitch(name, voice):
    assert parse_voice(name) == voice


@pytest.mark.parametrize("name", ["", "anna", "joe@", "espeak en", "joe^high"])
def test_a_voice_that_is_none_is_named_with_what_is(name):
    with pytest.raises(SettingsError, match="ENGINE"):
        parse_voice(name)
