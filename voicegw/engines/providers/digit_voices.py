"""Single digits, and words that are none, said by all voices of this machine that need no download."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from voicegw.audio.resample import resample
from voicegw.audio.spoken_digits.material import RATE_HZ, SpokenWord, bounded
from voicegw.audio.spoken_digits.words import WORDS
from voicegw.engines.providers import espeak, flite
from voicegw.engines.providers.digit_accents import ACCENTS, LEADS, OTHERS, PHONES, VARIANTS
from voicegw.engines.providers.hibari_tts import HibariVoice

ENGLISH = ("en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-029", "en-gb-x-gbclan")
MEN = ("", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8")
WOMEN = ("f1", "f2", "f3", "f4", "f5")
VARIANTS_OF_ENGLISH = 3
WORDS_PER_MINUTE = (140, 200, 320)
NATURAL_SEMITONES = (-8.0, -6.5, -5.0, -3.0, -1.0, 0.0, 2.0)
NATURAL_SPEEDS = (0.85, 1.2, 1.9)
FLITE_SEMITONES = {
    "slt": (-5.0, -3.0, -1.0, 0.0, 2.0), "rms": (-3.0, -1.5, 0.0, 1.5, 3.0), "awb": (-3.0, -1.5, 0.0, 1.5, 3.0),
    "kal16": (-3.0, -1.5, 0.0, 1.5, 3.0),
}  # fmt: skip
"""A woman, two men (one of them a Scot), and one of 1997."""
FLITE_SPEEDS = (0.85, 1.2, 1.7)
ACCENTED = 2
"""Other ways in which each of these says a digit."""
OTHER_WORDS = 12
"""Words that are no digits, of each voice."""
LEAD_WORDS = 8
LEAST_MS = 50


@dataclass(frozen=True)
class _Line:
    voice: str
    words_per_minute: int
    word: str
    spelled: str


def spoken_words(seed: int = 1) -> list[SpokenWord]:
    """A minute's work; the same for the same seed.

    :raises EngineError: a voice failed.
    :raises SetupError: espeak-ng is not on this machine.
    """
    espeak.check_installed()
    rng = np.random.default_rng(seed)
    with ThreadPoolExecutor(2) as threads:  # each line is a process of its own
        machine = list(threads.map(_said, [*_english(rng), *_foreign(rng)]))
    long_enough = LEAST_MS * RATE_HZ // 1000
    flite_rng = np.random.default_rng(seed + 1)
    people = _flite(flite_rng) if flite.is_installed() else ()
    return [word for word in (*machine, *_natural(rng), *people) if len(word.pcm) >= long_enough]


def _words(rng: np.random.Generator) -> tuple[str, ...]:
    """What each voice says."""
    others, leads = rng.choice(OTHERS, OTHER_WORDS, replace=False), rng.choice(LEADS, LEAD_WORDS, replace=False)
    return (*WORDS, *map(str, others), *map(str, leads))


def _english(rng: np.random.Generator) -> Iterator[_Line]:
    for language in ENGLISH:
        for variant in rng.choice((*MEN, *WOMEN), VARIANTS_OF_ENGLISH, replace=False):
            pace = int(rng.choice(WORDS_PER_MINUTE))
            for word in _words(rng):
                yield _Line(_voice(language, variant), pace, word, word)


def _foreign(rng: np.random.Generator) -> Iterator[_Line]:
    for language, spellings in ACCENTS.items():
        for variant in (*rng.choice(MEN, 2, replace=False), rng.choice(WOMEN)):
            pace = int(rng.choice(WORDS_PER_MINUTE))
            for word, spelled in zip(WORDS, spellings.split(), strict=False):
                yield from (_Line(_voice(language, variant), pace, word, one) for one in spelled.split("/"))


def _voice(language: str, variant: str) -> str:
    return f"{language}+{variant}" if variant else language


def _said(line: _Line) -> SpokenWord:
    pcm, rate_hz = espeak.speak(line.spelled, line.voice, line.words_per_minute)
    name = f"{line.voice}@{line.words_per_minute}"
    return SpokenWord(name, False, line.word, bounded(resample(pcm, rate_hz, RATE_HZ)))


def _natural(rng: np.random.Generator) -> Iterator[SpokenWord]:
    """A higher voice is a slower one played faster."""
    hibari = HibariVoice()
    rate_hz = hibari.capabilities.rate_hz
    for semitones in NATURAL_SEMITONES:
        ratio = 2 ** (semitones / 12)
        for speed in NATURAL_SPEEDS:
            for word in _words(rng):
                for spelled in (word, *VARIANTS.get(word, ())):
                    pcm = np.concatenate(list(hibari.speak(spelled, speed=speed / ratio)))
                    heard = bounded(resample(pcm, round(rate_hz * ratio / 25) * 25, RATE_HZ))
                    yield SpokenWord(f"heart^{semitones}@{speed}", True, word, heard)


def _flite(rng: np.random.Generator) -> list[SpokenWord]:
    """Each digit as the voice says it, and in some accents."""
    lines = [
        (voice, semitones, speed, word, phones)
        for voice, heights in FLITE_SEMITONES.items()
        for semitones in heights
        for speed in FLITE_SPEEDS
        for word in _words(rng)
        for phones in ("", *map(str, rng.permutation(PHONES.get(word, ()))[:ACCENTED]))
    ]
    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(_said_by_flite, *zip(*lines, strict=True)))


def _said_by_flite(voice: str, semitones: float, speed: float, word: str, phones: str) -> SpokenWord:
    ratio = 2 ** (semitones / 12)
    pcm, rate_hz = flite.speak(phones or word, voice, ratio / speed, phones=bool(phones))
    heard = bounded(resample(pcm, round(rate_hz * ratio / 25) * 25, RATE_HZ))
    return SpokenWord(f"{voice}^{semitones}@{speed}", True, word, heard)
