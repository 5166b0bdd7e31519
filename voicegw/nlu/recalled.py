"""The last readings, remembered: a turn is read when its end is foreseen, and again when it has come."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import date, time

import numpy as np

from voicegw.nlu.expecting import Expecting
from voicegw.nlu.understanding import Understanding

Read = Callable[[str, np.ndarray | None, Expecting, date, time], Understanding]
MOST = 8


class Recalled:
    """Reads as ``read`` does, and the same words to the same question only once a minute."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._known: OrderedDict[tuple[object, ...], Understanding] = OrderedDict()

    def __call__(
        self, text: str, vector: np.ndarray | None, expecting: Expecting, today: date, now: time
    ) -> Understanding:
        """What the caller said."""
        key = (text, vector is None, expecting, today, now.hour, now.minute)
        if key not in self._known:
            self._known[key] = self._read(text, vector, expecting, today, now)
            if len(self._known) > MOST:
                self._known.popitem(last=False)
        return self._known[key]
