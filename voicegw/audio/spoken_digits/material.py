"""Strings to learn from, made of single words of many voices: with gaps, other throats, rooms, noise and lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from voicegw.audio.g711 import mu_law_decode, mu_law_encode
from voicegw.audio.levels import FULL_SCALE, frame_levels_dbfs
from voicegw.audio.spoken_digits.words import WORDS, Array

RATE_HZ = 8000
FRAME = RATE_HZ // 100
EDGE_DB = 35.0
"""What is so much softer than the loudest 10 ms, at either end of a word, is no part of it."""
NATURAL = 0.4
"""Share of strings that are said by a natural voice."""
OTHER_WORDS = 0.15
"""Share of words that are no digits."""
LED = 0.3
"""Share of strings that begin with other words ("my number is"), where the voice says any."""
CLIPPED = 0.4
"""Share of words whose beginning is cut off, as voice activity detection does."""
EDGES_GATED = 0.4
"""Share of words that lose what is soft at either end, an "f" or "th" above all, as a noise gate takes it."""
GATE_DB = (6.0, 25.0)
"""Below the loudest 10 ms: where such a gate closes."""
DULL = 0.4
"""Share of strings said into a dull microphone. What hisses is soft in it, so a gate takes more: of "six" an "i" is
left."""
EDGES_GATED_DULL = 0.7
"""The same as ``EDGES_GATED``, of words said into such a microphone."""
DULL_HZ, DULL_DB = (1000.0, 2000.0, 3000.0, 4000.0), (0.0, -8.0, -18.0, -24.0)
"""What such a one takes away, at most; the dullest of these takes all of it, the least dull a fifth."""
THROATS = (0.87, 1.18)
"""How much longer or shorter than the voice's own vocal tract: all its frequencies are divided by that."""
IN_A_ROOM = 0.3
LEVELS_DBFS = (-34.0, -16.0)
SNRS_DB = (5.0, 40.0)
GATED = 0.5
"""Share of lines on which noise comes and goes with the voice, as noise suppression and silence suppression make it."""
HUM_HZ = (50.0, 250.0)


@dataclass(frozen=True)
class SpokenWord:
    """One word, said alone."""

    voice: str
    natural: bool
    """Not by a machine that sounds like one."""
    word: str
    pcm: Array
    """Int16 at ``RATE_HZ``, from its first sound to its last."""


@dataclass(frozen=True)
class SpokenString:
    """What comes over the line, and what it is."""

    pcm: Array
    """Int16 at ``RATE_HZ``."""
    words: list[tuple[str, int, int]]
    """Each word with its first sample, and one past its last."""


def strings(words: Sequence[SpokenWord], count: int, seed: int = 1) -> Iterator[SpokenString]:
    """So many strings, each by one voice; the same for the same seed."""
    rng = np.random.default_rng(seed)
    voices: dict[str, list[SpokenWord]] = {}
    for word in words:
        voices.setdefault(word.voice, []).append(word)
    natural = [name for name, said in voices.items() if said[0].natural] or list(voices)
    for _ in range(count):
        names = natural if rng.random() < NATURAL else list(voices)
        yield _string(_chosen(voices[names[rng.integers(len(names))]], rng), rng)


def bounded(pcm: Array, edge_db: float = EDGE_DB) -> Array:
    """From the first sound to the last.

    :param edge_db: what is so much softer than the loudest 10 ms is none.
    """
    levels = frame_levels_dbfs(pcm, FRAME)
    if not len(levels):
        return pcm
    loud = np.flatnonzero(levels > levels.max() - edge_db)
    return pcm[loud[0] * FRAME : (loud[-1] + 1) * FRAME]


def _chosen(said: Sequence[SpokenWord], rng: np.random.Generator) -> list[SpokenWord]:
    """Four to nine words of one voice, each digit as often as another."""
    kinds: dict[str, list[SpokenWord]] = {}
    for one in said:
        kinds.setdefault(one.word if one.word in WORDS else "", []).append(one)
    others = kinds.pop("", [])
    digits = list(kinds.values())
    picked = [others[rng.integers(len(others))]] if others and rng.random() < LED else []
    for _ in range(rng.integers(4, 10)):
        kind = others if others and rng.random() < OTHER_WORDS else digits[rng.integers(len(digits))]
        picked.append(kind[rng.integers(len(kind))])
    return picked


def _string(said: Sequence[SpokenWord], rng: np.random.Generator) -> SpokenString:
    throat = rng.uniform(*THROATS)
    dullness = rng.uniform(0.2, 1) if rng.random() < DULL else 0.0
    parts = [np.zeros(_samples(rng.uniform(60, 400)))]
    places = []
    for number, one in enumerate(said):
        if number:
            parts.append(np.zeros(_samples(_gap_ms(rng))))
        heard = _cut(one.pcm, dullness, rng)
        sound = _stretched(heard, throat * rng.uniform(0.97, 1.03)) * 10 ** (rng.normal(0, 1.5) / 20)
        begin = sum(map(len, parts))
        parts.append(sound)
        places.append((one.word, begin, begin + len(sound)))
    parts.append(np.zeros(_samples(rng.uniform(60, 300))))
    sound = np.concatenate(parts)
    if rng.random() < IN_A_ROOM:
        sound = _in_a_room(sound, rng)
    return SpokenString(_over_the_line(sound, rng), places)


def _gap_ms(rng: np.random.Generator) -> float:
    """Run together, apart, or in groups."""
    shortest, longest = ((0, 50), (50, 200), (200, 800))[rng.choice(3, p=(0.4, 0.4, 0.2))]
    return float(rng.uniform(shortest, longest))


def _cut(pcm: Array, dullness: float, rng: np.random.Generator) -> Array:
    """As much of a word as reaches the line."""
    if dullness:
        pcm = dulled(pcm, dullness)
    if rng.random() < (EDGES_GATED_DULL if dullness else EDGES_GATED):
        return bounded(pcm, rng.uniform(*GATE_DB))
    begin = int(rng.uniform(0, 0.15) * len(pcm)) if rng.random() < CLIPPED else 0
    end = int(rng.uniform(0, 0.15) * len(pcm)) if rng.random() < CLIPPED else 0
    return pcm[begin : len(pcm) - end]


def dulled(pcm: Array, dullness: float) -> Array:
    """As a microphone hears it that takes ``dullness`` (0 to 1) of what the dullest one does."""
    hz = np.maximum(np.fft.rfftfreq(len(pcm), 1 / RATE_HZ), DULL_HZ[0])
    loss_db = dullness * np.interp(np.log(hz), np.log(DULL_HZ), DULL_DB)
    return np.fft.irfft(np.fft.rfft(pcm) * 10 ** (loss_db / 20), len(pcm))


def _stretched(pcm: Array, factor: float) -> Array:
    """Played faster (above 1) or slower, which also moves pitch and formants."""
    places = np.arange(int(len(pcm) / factor)) * factor
    return np.interp(places, np.arange(len(pcm)), pcm)


def _in_a_room(sound: Array, rng: np.random.Generator) -> Array:
    """With an exponential tail of echoes (Polack 1988)."""
    length = _samples(rng.uniform(50, 250))
    response = rng.normal(0, 1, length) * np.exp(-5 * np.arange(length) / length)
    response[0] = 6
    return np.convolve(sound, response)[: len(sound)]


def _over_the_line(sound: Array, rng: np.random.Generator) -> Array:
    """Some microphone, level and noise, and mu-law."""
    sound = np.convolve(sound, (1, -rng.uniform(-0.4, 0.5)))[: len(sound)]
    noise = _noise(len(sound), rng)
    if rng.random() < GATED:
        noise = noise * (sound != 0)
    loudness = np.sqrt(np.mean(sound**2) / np.mean(noise**2))
    sound = sound + noise * loudness * 10 ** (-rng.uniform(*SNRS_DB) / 20)
    sound *= FULL_SCALE * 10 ** (rng.uniform(*LEVELS_DBFS) / 20) / np.sqrt(np.mean(sound**2))
    pcm = np.clip(sound, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    return mu_law_decode(mu_law_encode(pcm))


def _noise(length: int, rng: np.random.Generator) -> Array:
    """Dull or sharp, sometimes with a hum."""
    noise = np.convolve(rng.normal(0, 1, length), (1, rng.uniform(-0.95, 0.95)))[:length]
    hum = np.sin(2 * np.pi * rng.uniform(*HUM_HZ) / RATE_HZ * np.arange(length))
    return noise + hum * rng.choice((0, rng.uniform(0, 3)))


def _samples(ms: float) -> int:
    return round(ms * RATE_HZ / 1000)
