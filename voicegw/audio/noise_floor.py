"""How loud the room is when nobody speaks: a floor under the caller's voice.

Two ways to know it. Speech pauses: even in a long sentence some tenth of a second of the last seconds is nearly
silent, so the softest ones are the room (minimum statistics, after Martin 2001). And speech is never steady: a
sound that stays equally loud for longer than any vowel is the room too, which lets the floor rise quickly when a
fan or a car comes.
"""

from collections import deque

UNKNOWN_DBFS = -40.0
"""Until there is something to go by: a loud room."""
BLOCK_FRAMES = 5
"""Levels are averaged over 100 ms: single frames of noise scatter by several dB."""
MEMORY_BLOCKS = 30
SOFTEST = 3
"""Of 30 blocks, the mean of so many is the floor."""
STEADY_BLOCKS = 6
STEADY_DB = 4.0
"""Blocks of 0.6 s of noise differ by less, those of speech by 10 dB and more."""


class NoiseFloor:
    """Fed the level of every frame; ``dbfs`` is the floor as it stands."""

    def __init__(self) -> None:
        self.dbfs = UNKNOWN_DBFS
        self._block: list[float] = []
        self._blocks: deque[float] = deque(maxlen=MEMORY_BLOCKS)

    def feed(self, level_dbfs: float) -> None:
        """Take a frame's level."""
        self._block.append(level_dbfs)
        if len(self._block) < BLOCK_FRAMES:
            return
        self._blocks.append(sum(self._block) / BLOCK_FRAMES)
        self._block.clear()
        softest = sorted(self._blocks)[:SOFTEST]
        recent = list(self._blocks)[-STEADY_BLOCKS:]
        self.dbfs = sum(softest) / len(softest)
        if len(recent) == STEADY_BLOCKS and max(recent) - min(recent) < STEADY_DB:
            self.dbfs = max(self.dbfs, sum(recent) / STEADY_BLOCKS)
