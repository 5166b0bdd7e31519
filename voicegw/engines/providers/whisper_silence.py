"""What Whisper's encoder makes of silence, kept to be put after every utterance.

Whisper was trained on windows of 30 s: speech, then silence. Given only the speech it never sees the end: the
decoder says "Yes. Yes. Yes." until it is stopped. Encoding 30 s for a turn of 2 s costs ten times as much as the
turn. But the states that the encoder makes of the silent rest hardly depend on what was said. So they are made
once, kept beside the model, and the right ones (they know their place in the window) are put behind the states of
each utterance. The decoder then behaves as after a full window, for a tenth of the work.

Measured on 144 utterances through an 8 kHz line: a full window 10.4% of words wrong, 1 looping; only the speech
and 1 s of padding 92 looping; the speech, 0.1 s of padding and 300 of these states 10%, none looping.
"""

import os
from pathlib import Path

import ctranslate2
import numpy as np

from voicegw.audio.mel import RATE_HZ, LogMel

FILE = "silence.npy"
STATES = 300
"""How many are put behind an utterance: 6 s. From 150 on nothing loops; each costs 0.05 ms."""
WINDOW_S = 30
STATES_PER_S = 50
VOICE_S = 0.4
VOICE_HZ = 200
"""The window must begin with something like a voice: after noise, or nothing, the states differ."""
FORMANTS_HZ = ((300, 2300, 3000), (700, 1200, 2600), (450, 1800, 2500))
"""Of the vowels in "he", "hut", "hay" (Peterson and Barney, 1952)."""
FORMANT_WIDTH_HZ = 90


def silent_states(model: ctranslate2.models.Whisper, folder: Path) -> np.ndarray:
    """Float32 ``[positions, width]`` of a whole window; from ``folder`` if they were made before."""
    kept = folder / FILE
    try:
        states: np.ndarray = np.load(kept).astype(np.float32)
    except (OSError, ValueError):
        states = _encode_silence(model)
        _keep(states, kept)
    return states


def with_silence(encoded: np.ndarray, states: np.ndarray) -> np.ndarray:
    """``encoded`` (float32 ``[1, positions, width]``) and the silence after it."""
    end = encoded.shape[1]
    return np.concatenate([encoded, states[np.newaxis, end : end + STATES]], axis=1)


def _encode_silence(model: ctranslate2.models.Whisper) -> np.ndarray:
    mel = LogMel()
    mel.feed(_syllables())
    features = mel.features(int((WINDOW_S - VOICE_S) * RATE_HZ))
    encoded = model.encode(ctranslate2.StorageView.from_array(features[np.newaxis]))
    return np.array(encoded)[0]


def _keep(states: np.ndarray, kept: Path) -> None:
    """Several workers may do this at once, and the folder may be read-only."""
    draft = kept.with_suffix(f".{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
            np.save(file, states.astype(np.float16))
        draft.replace(kept)
    except OSError:
        draft.unlink(missing_ok=True)


def _syllables() -> np.ndarray:
    """Three vowels, int16: harmonics of a voice, each as loud as the formants near it make it."""
    times = np.arange(int(VOICE_S * RATE_HZ)) / RATE_HZ
    harmonics = np.arange(VOICE_HZ, 4000, VOICE_HZ)
    waves = np.cos(2 * np.pi * np.outer(harmonics, times))
    sound = np.concatenate(
        [
            _formant_gains(harmonics, formants) @ part * np.sqrt(np.hanning(part.shape[1]))
            for formants, part in zip(FORMANTS_HZ, np.array_split(waves, len(FORMANTS_HZ), axis=1), strict=True)
        ]
    )
    return (sound / np.abs(sound).max() * 12000).astype(np.int16)


def _formant_gains(harmonics: np.ndarray, formants: tuple[int, ...]) -> np.ndarray:
    """Loudness of each harmonic: resonances in parallel over a source that falls with frequency."""
    distances = (harmonics[:, np.newaxis] - np.array(formants)) / FORMANT_WIDTH_HZ
    return (1 / (1 + distances**2)).sum(axis=1) / np.sqrt(harmonics)
