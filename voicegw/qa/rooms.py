"""Noise behind a caller, as loud as a script's step asks."""

import numpy as np

from voicegw.errors import SettingsError
from voicegw.qa.noises import NOMINAL_SPEECH_DBFS, at_level, babble, music, television, white
from voicegw.qa.script import AddNoise, Script
from voicegw.qa.voices import Studio

LOOP_S = 12.0
CROWD = (
    ("espeak:en-us+f3", "So I told him that we could meet at the station, but he never came, and his phone was off."),
    ("espeak:en-gb+m3", "There is nothing on the menu that I would like today, perhaps we should go somewhere else."),
    ("espeak:en-gb-scotland+f2", "Yes, that was the best part of it, when everybody stood up and began to sing."),
    ("espeak:en-029+m5", "Have you seen where I put the keys? They were on the table a minute ago."),
    ("espeak:en-us+m7^-2", "Two tickets for the evening, please, and could we sit near the window this time."),
)
"""Who talks in the background; none of it is for the agent."""


class Room:
    """Makes noises; babble needs voices."""

    def __init__(self, studio: Studio, seed: int) -> None:
        self._studio = studio
        self._seed = seed
        self._loops: dict[str, np.ndarray] = {}

    def prepare(self, script: Script) -> None:
        """Make the noises of a script ahead of the call, in which there is no time for it.

        :raises SettingsError: no such noise.
        """
        for step in script.steps:
            if isinstance(step, AddNoise) and step.kind not in ("none", *self._loops):
                self._loops[step.kind] = self._loop(step.kind)

    def noise(self, step: AddNoise) -> np.ndarray | None:
        """A prepared loop at the level asked for, or None for silence."""
        if step.kind == "none":
            return None
        return at_level(self._loops[step.kind], NOMINAL_SPEECH_DBFS - step.snr_db)

    def _loop(self, kind: str) -> np.ndarray:
        match kind:
            case "white":
                return white(LOOP_S, self._seed)
            case "music":
                return music(LOOP_S, self._seed)
            case "babble":
                voices = [self._studio.line(text, voice, self._seed) for voice, text in CROWD]
                return babble(voices, LOOP_S, self._seed)
            case "television":
                voices = [self._studio.line(text, voice, self._seed) for voice, text in CROWD]
                return television(voices, LOOP_S, self._seed)
        raise SettingsError(f"noise {kind!r}: choose white, babble, music, television or none")
