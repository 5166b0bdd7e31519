"""Sounds that are not for the agent, made from a seed: the same seed gives the same samples.

Each function gives int16 mono at 8 kHz; how loud it is does not matter, ``at_level`` sets that.
"""

from collections.abc import Sequence

import numpy as np
from scipy import signal

from voicegw.audio.levels import amplified, level_dbfs
from voicegw.qa.spans import RATE_HZ, samples

NOMINAL_SPEECH_DBFS = -24.0
"""Active level the caller's lines are brought to; a signal-to-noise ratio is relative to it."""
CHORDS_HZ = ((220.0, 261.6, 329.6), (174.6, 220.0, 261.6), (130.8, 164.8, 196.0), (196.0, 246.9, 293.7))
"""A minor, F, C, G: what hold music is made of."""
BEAT_MS = 600
COUGH_FORMANTS_HZ = ((650, 350), (1500, 500), (2600, 700))
"""Centre and width of the throat's resonances with an open mouth."""


def at_level(pcm: np.ndarray, dbfs: float) -> np.ndarray:
    """The same sound at this RMS level."""
    return amplified(pcm, dbfs - level_dbfs(pcm)) if pcm.any() else pcm


def white(seconds: float, seed: int) -> np.ndarray:
    """A fan, a bad line: the same at all frequencies and all times."""
    return _to_int16(np.random.default_rng(seed).normal(0, 1, samples(seconds * 1000)))


def babble(voices: Sequence[np.ndarray], seconds: float, seed: int, talkers: int = 6) -> np.ndarray:
    """A room full of people: ``talkers`` at once, each saying all ``voices`` in an order of its own."""
    random, count = np.random.default_rng(seed), samples(seconds * 1000)
    mixed = np.zeros(count)
    for _ in range(talkers):
        order = np.concatenate([voices[index] for index in random.permutation(len(voices))])
        start = int(random.integers(len(order)))
        speech = np.resize(np.roll(order, -start), count).astype(float)
        mixed += speech * random.uniform(0.6, 1.0)
    return _to_int16(mixed)


def television(voices: Sequence[np.ndarray], seconds: float, seed: int) -> np.ndarray:
    """One voice after another, with pauses, over soft music, as a small loudspeaker in a room sounds."""
    random, count = np.random.default_rng(seed), samples(seconds * 1000)
    spoken: list[np.ndarray] = []
    for index in random.permutation(len(voices)):
        spoken += [voices[index], np.zeros(samples(random.uniform(200, 900)), np.int16)]
    speech = np.resize(np.concatenate(spoken), count).astype(float)
    mixed = _unit_deviation(speech) + 0.25 * _unit_deviation(music(seconds, seed))
    return _to_int16(_in_a_room(signal.lfilter(*signal.butter(2, (300, 3000), "bandpass", fs=RATE_HZ), mixed), random))


def _unit_deviation(pcm: np.ndarray) -> np.ndarray:
    """As floats with a standard deviation of 1."""
    return np.asarray(pcm / max(float(pcm.std()), 1e-9))


def _in_a_room(wave: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """With reverberation of 0.3 s."""
    times_s = np.arange(samples(300)) / RATE_HZ
    response = random.normal(0, 0.3, len(times_s)) * np.exp(-times_s / 0.045)
    response[0] = 1.0
    return np.asarray(signal.fftconvolve(wave, response)[: len(wave)])


def music(seconds: float, seed: int) -> np.ndarray:
    """Four chords with a melody and a drum, over and over."""
    random = np.random.default_rng(seed)
    beats = [_beat(number, random) for number in range(int(seconds * 1000 / BEAT_MS) + 1)]
    return _to_int16(np.concatenate(beats)[: samples(seconds * 1000)])


def cough(seed: int, bursts: int = 2) -> np.ndarray:
    """``bursts`` coughs: each an explosion, rushing air, and sometimes a voiced end (Korpáš 1996 names these
    three phases of the cough sound)."""
    random = np.random.default_rng(seed)
    pieces: list[np.ndarray] = []
    for _ in range(bursts):
        pieces += [_cough_burst(random), np.zeros(samples(random.uniform(90, 160)))]
    return _to_int16(np.concatenate(pieces[:-1]))


def _to_int16(wave: np.ndarray) -> np.ndarray:
    """With the loudest sample at half of full scale."""
    return np.rint(wave / max(np.abs(wave).max(), 1e-9) * 16384).astype(np.int16)


def _beat(number: int, random: np.random.Generator) -> np.ndarray:
    time_s = np.arange(samples(BEAT_MS)) / RATE_HZ
    chord = CHORDS_HZ[number // 4 % len(CHORDS_HZ)]
    wave = sum(_tone(pitch, time_s, decay=1.5) for pitch in chord)
    wave += 1.5 * _tone(2 * chord[int(random.integers(3))], time_s, decay=4.0)
    wave += 1.5 * random.normal(0, 1, len(time_s)) * np.exp(-60 * time_s) * (number % 2)
    return np.asarray(wave)


def _tone(pitch_hz: float, time_s: np.ndarray, decay: float) -> np.ndarray:
    overtones = sum(np.sin(2 * np.pi * pitch_hz * n * time_s) / n**1.5 for n in range(1, 6))
    return np.asarray(overtones * np.exp(-decay * time_s) * np.minimum(time_s * 200, 1))


def _cough_burst(random: np.random.Generator) -> np.ndarray:
    """0.25 to 0.4 s; most of its energy in the first 50 ms."""
    count = samples(random.uniform(250, 400))
    time_s = np.arange(count) / RATE_HZ
    explosion = np.exp(-time_s / 0.03) * np.minimum(time_s / 0.003, 1)
    rush = 0.35 * np.exp(-np.maximum(time_s - 0.05, 0) / 0.09)
    pulses = signal.sawtooth(2 * np.pi * random.uniform(180, 320) * time_s)
    voiced = 0.25 * pulses * np.exp(-(((time_s - 0.22) / 0.06) ** 2)) * float(random.random() < 0.6)
    air = random.normal(0, 1, count) * (explosion + rush) + voiced
    return np.asarray(sum(_resonance(air, centre, width) for centre, width in COUGH_FORMANTS_HZ))


def _resonance(wave: np.ndarray, centre_hz: float, width_hz: float) -> np.ndarray:
    b, a = signal.iirpeak(centre_hz, centre_hz / width_hz, fs=RATE_HZ)
    return np.asarray(signal.lfilter(b, a, wave))
