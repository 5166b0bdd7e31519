"""Voices of callers: none of them the agent's.

A voice is named ``ENGINE[:VARIANT][@SPEED][^SEMITONES]``: ``joe``, ``joe@1.2`` (faster), ``joe^3`` (higher),
``espeak:en-gb-scotland+f3``, ``flite:awb`` (a Scot's voice), ``digits:theo`` (recordings of a person saying single
digits).
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voicegw.audio import wav
from voicegw.audio.levels import active_speech_level, amplified
from voicegw.audio.resample import resample
from voicegw.engines.providers import espeak, flite
from voicegw.engines.sound_store import SoundStore
from voicegw.engines.tts import TextToSpeech
from voicegw.errors import EngineError, SettingsError
from voicegw.qa.noises import NOMINAL_SPEECH_DBFS, cough
from voicegw.qa.script import Interrupt, SayLine, Script, pieces
from voicegw.qa.spans import RATE_HZ, samples, voiced_spans

NAME = re.compile(r"(?P<engine>[a-z]+)(:(?P<variant>[\w+-]+))?(@(?P<speed>[\d.]+))?(\^(?P<semitones>-?[\d.]+))?")
ENGINES = ("joe", "espeak", "flite", "digits")
ESPEAK_WORDS_PER_MINUTE = 160
DIGIT_GAP_MS = (60, 140)
"""Between recordings of digits: how quickly people read numbers out."""
COUGH_GAP_MS = 80
FORM = "1"
"""Of the stored sound: grows when it is made another way."""


@dataclass(frozen=True)
class Voice:
    """Who speaks, and how."""

    engine: str
    variant: str = ""
    speed: float = 1.0
    semitones: float = 0.0
    """How much higher than the engine's own voice."""


def parse_voice(name: str) -> Voice:
    """
    :raises SettingsError: not a voice's name; says what is.
    """
    match = NAME.fullmatch(name)
    if not match or match["engine"] not in ENGINES:
        raise SettingsError(
            f"voice {name!r}: not of the form ENGINE[:VARIANT][@SPEED][^SEMITONES] with engine {', '.join(ENGINES)}"
        )
    return Voice(match["engine"], match["variant"] or "", float(match["speed"] or 1), float(match["semitones"] or 0))


class Studio:
    """Makes the sound of callers' lines, ahead of the call; what was made is kept on disk.

    :param joe: makes the voice ``joe`` when it is first wanted.
    :param folder: where sound is kept.
    :param digits: recordings named ``DIGIT_SPEAKER_TAKE.wav``, if there are any.
    """

    def __init__(self, joe: Callable[[], TextToSpeech], folder: Path, digits: Path | None = None) -> None:
        self._make_joe = joe
        self._joe: TextToSpeech | None = None
        self._store = SoundStore(folder, RATE_HZ)
        self._digits = digits

    def clips(self, script: Script) -> dict[int, np.ndarray]:
        """The sound of each step that has one, by its place.

        :raises AudioFormatError: a recording of the wrong kind.
        :raises SettingsError: no such voice.
        """
        spoken = [(number, step) for number, step in enumerate(script.steps) if isinstance(step, SayLine | Interrupt)]
        return {
            number: recorded(step.wav) if step.wav else self.line(step.text, step.voice or script.voice, script.seed)
            for number, step in spoken
        }

    def line(self, text: str, voice: str, seed: int = 1) -> np.ndarray:
        """Int16 at 8 kHz, at the nominal level, beginning and ending with sound. Pause marks are pauses."""
        sounds: list[np.ndarray] = []
        for number, piece in enumerate(pieces(text)):
            if isinstance(piece, int):
                sounds.append(np.zeros(samples(piece), np.int16))
            elif piece == "[cough]":
                gap = np.zeros(samples(COUGH_GAP_MS) if sounds else 0, np.int16)
                sounds += [gap, at_nominal_level(cough(seed + number))]
            else:
                sounds.append(self._words(piece, parse_voice(voice), seed + number))
        return np.concatenate(sounds) if sounds else np.zeros(0, np.int16)

    def _words(self, text: str, voice: Voice, seed: int) -> np.ndarray:
        key = hashlib.sha256("\0".join((FORM, repr(voice), text, str(seed))).encode()).hexdigest()
        if voice.engine == "digits":
            return self._spell(text, voice.variant, seed)
        stored = self._store.load(key)
        if stored is None:
            stored = at_nominal_level(trimmed(self._synthesise(text, voice)))
            self._store.save(key, stored)
        return stored

    def _synthesise(self, text: str, voice: Voice) -> np.ndarray:
        # A higher voice is a slower one played faster.
        ratio = 2 ** (voice.semitones / 12)
        speed = voice.speed / ratio
        match voice.engine:
            case "espeak":
                pcm, rate_hz = _espeak(text, voice.variant, speed)
            case "flite":
                pcm, rate_hz = _flite(text, voice.variant, speed)
            case _:
                pcm, rate_hz = self._speak(text, speed)
        return resample(pcm, round(rate_hz * ratio / 25) * 25, RATE_HZ)

    def _speak(self, text: str, speed: float) -> tuple[np.ndarray, int]:
        if self._joe is None:
            self._joe = self._make_joe()
        return np.concatenate(list(self._joe.speak(text, speed=speed))), self._joe.capabilities.rate_hz

    def _spell(self, text: str, speaker: str, seed: int) -> np.ndarray:
        """Recordings of the digits in ``text``, one after the other.

        :raises SettingsError: this speaker's recordings are not here.
        """
        random = np.random.default_rng(seed)
        sounds: list[np.ndarray] = []
        for digit in re.findall(r"\d", text):
            takes = sorted(self._digits.glob(f"{digit}_{speaker}_*.wav")) if self._digits else []
            if not takes:
                raise SettingsError(f"no recordings {digit}_{speaker}_*.wav: give their folder by --digits")
            sounds += [recorded(takes[int(random.integers(len(takes)))])]
            sounds += [np.zeros(samples(random.uniform(*DIGIT_GAP_MS)), np.int16)]
        return np.concatenate(sounds[:-1])


def recorded(file: Path) -> np.ndarray:
    """A WAV file as a line: 8 kHz, at the nominal level, beginning and ending with sound.

    :raises AudioFormatError: a file of the wrong kind.
    """
    recording = wav.read(file)
    return at_nominal_level(trimmed(resample(recording.mono, recording.rate_hz, RATE_HZ)))


def trimmed(pcm: np.ndarray) -> np.ndarray:
    """Without the silence before and after."""
    spans = voiced_spans(pcm)
    return pcm[spans[0].begin : spans[-1].end] if spans else pcm


def at_nominal_level(pcm: np.ndarray) -> np.ndarray:
    """As loud as all lines are."""
    level = active_speech_level(pcm, RATE_HZ).level_dbfs
    return amplified(pcm, NOMINAL_SPEECH_DBFS - level)


def _espeak(text: str, variant: str, speed: float) -> tuple[np.ndarray, int]:
    """
    :raises PackageMissing: espeak-ng is not installed.
    :raises SettingsError: it has no such voice.
    """
    try:
        return espeak.speak(text, variant or "en-us", round(ESPEAK_WORDS_PER_MINUTE * speed))
    except EngineError as error:
        raise SettingsError(str(error)) from None


def _flite(text: str, variant: str, speed: float) -> tuple[np.ndarray, int]:
    """:raises SettingsError: flite is not installed, or has no such voice."""
    if not flite.is_installed():
        raise SettingsError(f"voice flite:{variant} needs flite: apt-get install flite")
    if variant not in flite.voices():
        raise SettingsError(f"voice flite:{variant}: flite has {', '.join(flite.voices())}")
    return flite.speak(text, variant, 1 / speed)
