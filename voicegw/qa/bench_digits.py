"""How well strings of digits are heard, said by people, in groups of four, on the phone.

``spoken_digits``: Free Spoken Digit Dataset, CC BY-SA 4.0: single digits, joined here.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from pathlib import Path

import numpy as np

from voicegw.audio import wav
from voicegw.audio.g711 import mu_law_decode, mu_law_encode
from voicegw.call.dialog_repair import repair
from voicegw.dialplan.spoken import groups
from voicegw.engines.stt import Hypothesis, SpeechToText, reminded
from voicegw.nlu import slots
from voicegw.nlu.checks import luhn, passes
from voicegw.nlu.expecting import Expecting
from voicegw.qa.figures import Figure, percentile, share_percent

RATE_HZ = 8000
GAP_MS = (40, 160)
"""Between two digits."""
GROUP_GAP_MS = (200, 500)
"""Between two groups."""
EDGE_MS = 240
"""Silence before and after, as the turn's audio has it."""
STRINGS = 30
"""Of each length, by each speaker."""
TODAY, NOW = date(2026, 1, 5), time(9)

Takes = dict[str, list[np.ndarray]]
"""Recordings of each digit by one speaker."""


@dataclass(frozen=True)
class Heard:
    """One string, as it was heard first and as it stands after at most one repair."""

    said: str
    first: str
    mended: str
    took_ms: float


def figures(folder: Path, stt: SpeechToText, tell: Callable[[str], None] = lambda _: None) -> tuple[Figure, ...]:
    """Figures of all speakers in ``folder``, and the share of whole strings of each."""
    speakers = sorted({file.stem.split("_")[1] for file in folder.glob("?_*_*.wav")})
    heard: dict[str, list[Heard]] = {}
    for speaker in speakers:
        tell(f"digits, said by {speaker}")
        heard[speaker] = list(_strings(_takes(folder, speaker), stt, seed=speakers.index(speaker)))
    every = [one for some in heard.values() for one in some]
    eight, sixteen = ([one for one in every if len(one.said) == length] for length in (8, 16))
    short = [one.took_ms for one in every if len(one.said) == 4]
    return (
        _exact("8 spoken digits exact", eight, "≥ 90"),
        _exact("16 spoken digits exact, with check digit", sixteen, "≥ 85"),
        _share("8 and 16 spoken digits after one read-back and repair", [*eight, *sixteen], "≥ 98"),
        *(_exact(f"{len_} spoken digits exact, {name}", [one for one in some if len(one.said) == len_])
          for name, some in heard.items() for len_ in (8, 16)),
        Figure("understanding: 4 spoken digits decoded, p95", percentile(short, 95), "ms", "≤ 150", len(short)),
    )  # fmt: skip


def _takes(folder: Path, speaker: str) -> Takes:
    return {digit: [wav.read(file).mono for file in sorted(folder.glob(f"{digit}_{speaker}_*.wav"))]
            for digit in "0123456789"}  # fmt: skip


def _strings(takes: Takes, stt: SpeechToText, seed: int) -> Iterator[Heard]:
    rng = np.random.default_rng(seed)
    for length, check in ((4, ""), (8, ""), (16, "luhn")):
        for _ in range(STRINGS):
            said = "".join(rng.choice(list("0123456789"), length))
            if check:
                said = next(whole for last in "0123456789" if luhn(whole := said[:-1] + last))
            expecting = Expecting("digits", "number", length=length, check=check)
            before = _hear(stt, _sound(takes, said, rng), expecting)
            first = _number(before, expecting)
            mended = first if first == said else _mended(stt, takes, said, before, expecting, rng)
            yield Heard(said, first, mended, before.decode_ms)


def _mended(
    stt: SpeechToText, takes: Takes, said: str, before: Hypothesis, expecting: Expecting, rng: np.random.Generator
) -> str:
    """Read back, and the caller says the wrong group again; all of it if more than one is wrong."""
    first = _number(before, expecting)
    wrong = [place for place in groups(len(said)) if len(first) == len(said) and _at(said, place) != _at(first, place)]
    if len(wrong) != 1:
        whole = reminded(replace(expecting, refused=(first,)), before)
        return _number(_hear(stt, _sound(takes, said, rng), whole), whole)
    refused = (first, *(_at(first, place) for place in groups(len(first))))
    part = reminded(Expecting("yes_no", "number", also=("digits",), refused=refused), before)
    again = _number(_hear(stt, _sound(takes, _at(said, wrong[0]), rng), part), part)
    return repair(first, again, again, lambda whole: passes(expecting.check, whole)) or first


def _at(digits: str, place: tuple[int, int]) -> str:
    start, size = place
    return digits[start : start + size]


def _sound(takes: Takes, said: str, rng: np.random.Generator) -> np.ndarray:
    """Int16 over a mu-law line."""
    parts = [_silence(EDGE_MS)]
    starts = [start for start, _ in groups(len(said))]
    for number, digit in enumerate(said):
        if number:
            parts.append(_silence(rng.uniform(*(GROUP_GAP_MS if number in starts else GAP_MS))))
        parts.append(takes[digit][rng.integers(len(takes[digit]))])
    return mu_law_decode(mu_law_encode(np.concatenate([*parts, _silence(EDGE_MS)])))


def _silence(ms: float) -> np.ndarray:
    return np.zeros(round(ms * RATE_HZ / 1000), np.int16)


def _hear(stt: SpeechToText, pcm: np.ndarray, expecting: Expecting) -> Hypothesis:
    recognizer = stt.recognizer(RATE_HZ, expecting)
    recognizer.feed(pcm)
    return recognizer.decode(final=True)


def _number(heard: Hypothesis, expecting: Expecting) -> str:
    """The digits that the dialog would be given."""
    values = slots.parse(heard.text, expecting, TODAY, NOW)
    return "".join(str(value.value) for value in values if value.kind == "digits")


def _exact(name: str, heard: Sequence[Heard], target: str = "") -> Figure:
    right = sum(one.first == one.said for one in heard)
    return Figure(f"understanding: {name}", share_percent(right, len(heard)), "%", target, len(heard))


def _share(name: str, heard: Sequence[Heard], target: str) -> Figure:
    right = sum(one.mended == one.said for one in heard)
    return Figure(f"understanding: {name}", share_percent(right, len(heard)), "%", target, len(heard))
