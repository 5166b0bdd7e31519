"""Reads a turn: intents by routing, values by the slot parsers, yes or no, and whether it may be over."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time

import numpy as np

from voicegw.nlu import slots
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.router import Router
from voicegw.nlu.understanding import Understanding

Embed = Callable[[Sequence[str]], np.ndarray]
"""Texts to unit vectors, float32 ``[texts, dimensions]``."""


class Reader:
    """Understands the callers of one dialplan."""

    def __init__(self, router: Router) -> None:
        self._router = router

    @classmethod
    def of(cls, examples: Mapping[str, Sequence[str]], embed: Embed) -> "Reader":
        """A reader that knows each intent by its example sentences."""
        return cls(Router.fit({intent: embed(list(sentences)) for intent, sentences in examples.items()}))

    def read(self, text: str, vector: np.ndarray | None, expecting: Expecting, today: date, now: time) -> Understanding:
        """What the caller said, given what was asked.

        :param vector: sentence vector of ``text``; None: no intents are told.
        """
        values = slots.parse(text, expecting, today, now)
        intents, confident = self._router.route(vector) if vector is not None else ((), False)
        answers = [value.value for value in values if value.kind == "yes_no"]
        return Understanding(
            text,
            intents,
            values,
            yes=bool(answers[-1]) if answers else None,
            confident=confident,
            completeness=slots.completeness(text, expecting, today),
        )
