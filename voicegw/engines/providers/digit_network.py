"""Digits in what Whisper's encoder makes of the sound, without its decoder.

Whisper's decoder writes text: it skips digits, repeats them, and hears words in an accent ("2 by 0 4 by 6" for
2 5 0 4 5 6). Its encoder hears well. So a small network, laid over the encoder's states, tells the digits frame by
frame, and a search finds the likeliest string, its length and check digit known. The network is fitted once on each
machine, to words of the voices that are here, and kept beside the model.
"""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from voicegw.audio.mel import RATE_HZ as MEL_RATE_HZ
from voicegw.audio.mel import LogMel
from voicegw.audio.resample import resample
from voicegw.audio.spoken_digits import material, reading, training
from voicegw.audio.spoken_digits.network import DigitNetwork
from voicegw.audio.spoken_digits.reading import Reading
from voicegw.audio.spoken_digits.words import Array, frame_classes
from voicegw.dialplan.spoken import groups
from voicegw.engines.providers.digit_voices import spoken_words
from voicegw.nlu.checks import passes
from voicegw.nlu.expecting import Expecting

FILE = "digits-4.npz"
"""The number grows when it is fitted in another way."""
STRINGS = 4000
PADDING_S = 0.1

Encode = Callable[[Array], Array]
"""Whisper's encoder: features, float32 ``[80, frames]``, to states, float32 ``[positions, width]``."""


def kept(folder: Path) -> DigitNetwork | None:
    """The network that was fitted on this machine; None: it was not yet."""
    try:
        with np.load(folder / FILE) as arrays:
            return DigitNetwork.from_arrays(arrays)
    except (OSError, ValueError, KeyError):
        return None


def prepare(folder: Path, encode: Encode, tell: Callable[[str], None]) -> DigitNetwork:
    """Fit the network and keep it in ``folder``: some four minutes on one core.

    :raises OSError: the folder cannot be written to.
    :raises SetupError: espeak-ng is not on this machine.
    """
    tell("saying digits")
    words = spoken_words()
    recordings = []
    for number, string in enumerate(material.strings(words, STRINGS)):
        tell(f"listening to digits, {number} of {STRINGS}")
        states = encode(_features(string.pcm))
        classes = frame_classes(string.words, material.RATE_HZ, len(states))
        recordings.append(training.Labelled(states.astype(np.float16), classes))
    tell("learning digits")
    network = training.fit(recordings)
    _keep(network, folder / FILE)
    return network


def read(network: DigitNetwork, states: Array, expecting: Expecting) -> Reading:
    """The digits in ``states``, float32 ``[positions, width]``."""
    length = expecting.length if expecting.kind == "digits" else None

    def can_be_right(digits: str) -> bool:
        return digits not in expecting.refused and passes(expecting.check, digits)

    again = {part for rival in expecting.rivals for part in _parts(rival)} - set(expecting.refused)
    return reading.read(network.scores(states), length, can_be_right, again)


def _parts(digits: str) -> list[str]:
    """The whole, and each group in which it is read back: callers say only the wrong one again."""
    return [digits, *(digits[start : start + size] for start, size in groups(len(digits)))]


def _features(pcm: Array) -> Array:
    mel = LogMel()
    mel.feed(resample(pcm, material.RATE_HZ, MEL_RATE_HZ))
    return mel.features(int(PADDING_S * MEL_RATE_HZ))


def _keep(network: DigitNetwork, file: Path) -> None:
    draft = file.with_suffix(f".{os.getpid()}.part")
    with draft.open("wb") as opened:
        np.savez(opened, allow_pickle=False, **network.as_arrays())
    draft.replace(file)
