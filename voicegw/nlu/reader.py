"""Reads a turn: intents by routing, values by the slot parsers, yes or no, and whether it may be over."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, time

import numpy as np

from voicegw.nlu import slots
from voicegw.nlu.arrays import Array, unit_rows
from voicegw.nlu.en import denials
from voicegw.nlu.en.background import SENTENCES
from voicegw.nlu.en.content import generalised, meaningful
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.router import HOLDS, Background, Router
from voicegw.nlu.understanding import IntentScore, SlotValue, Understanding

Embed = Callable[[Sequence[str]], np.ndarray]
"""Texts to unit vectors, float32 ``[texts, dimensions]``."""
Routed = tuple[tuple[IntentScore, ...], bool]
"""Intents, best first, and whether the reflex stands by the best."""
ANY_DAY, ANY_TIME = date(2024, 1, 1), time(9)
"""Examples are read against some day: only where their values stand matters."""


class Reader:
    """Understands the callers of one dialplan."""

    def __init__(self, router: Router, embed: Embed | None = None) -> None:
        """
        :param embed: adds the vector of a turn's meaningful words to that of its sentence; the router must have
            been fitted with such vectors.
        """
        self._router = router
        self._embed = embed

    @classmethod
    def of(cls, examples: Mapping[str, Sequence[str]], embed: Embed) -> "Reader":
        """A reader that knows each intent by its example sentences and by its name."""
        said = {intent: _with_name(intent, sentences) for intent, sentences in examples.items()}
        plain = {intent: [_general(sentence) for sentence in sentences] for intent, sentences in said.items()}
        vectors = {intent: _vectors(embed, said[intent], plain[intent]) for intent in said}
        others = [_general(sentence) for sentence in SENTENCES]
        background = Background(_vectors(embed, SENTENCES, others), others)
        return cls(Router.fit(vectors, plain, background), embed)

    def read(self, text: str, vector: np.ndarray | None, expecting: Expecting, today: date, now: time) -> Understanding:
        """What the caller said, given what was asked.

        :param vector: sentence vector of ``text``; None: no intents are told.
        """
        values = slots.parse(text, expecting, today, now)
        intents, confident = self._intents(text, vector, values) if vector is not None else ((), False)
        answers = [value.value for value in values if value.kind == "yes_no"]
        return Understanding(
            text,
            intents,
            values,
            yes=bool(answers[-1]) if answers else None,
            confident=confident,
            completeness=slots.completeness(text, expecting, today),
        )

    def _intents(self, text: str, vector: Array, values: tuple[SlotValue, ...]) -> Routed:
        """What is wanted, and after it what is refused."""
        refusal = denials.split(text) if self._embed is not None else None
        refused = self._refused(refusal.refused) if refusal else ()
        if refusal is None or not refused:
            return self._route(vector, generalised(text, values))
        intents, confident = self._route(None, _general(refusal.wanted)) if refusal.wanted else ((), False)
        names = {intent.name for intent in refused}
        return (*(intent for intent in intents if intent.name not in names), *refused), confident

    def _refused(self, text: str) -> tuple[IntentScore, ...]:
        intents, _ = self._route(None, _general(text))
        return tuple(replace(intent, negated=True) for intent in intents if intent.score >= HOLDS)

    def _route(self, vector: Array | None, plain: str) -> Routed:
        if self._embed is None:
            return self._router.route(vector, plain) if vector is not None else ((), False)
        if vector is None:
            return self._router.route(_vectors(self._embed, [plain], [plain])[0], plain)
        return self._router.route(_side_by_side(vector[None], self._embed([meaningful(plain)]))[0], plain)


def _with_name(intent: str, sentences: Sequence[str]) -> list[str]:
    """``task.order_status`` is also said "order status"."""
    return [*sentences, intent.rpartition(".")[2].replace("_", " ")]


def _general(sentence: str) -> str:
    return generalised(sentence, slots.parse(sentence, Expecting(), ANY_DAY, ANY_TIME))


def _vectors(embed: Embed, said: Sequence[str], plain: Sequence[str]) -> Array:
    """Each sentence's vector beside that of its meaningful words."""
    return _side_by_side(embed(list(said)), embed([meaningful(text) for text in plain]))


def _side_by_side(sentences: Array, words: Array) -> Array:
    return unit_rows(np.hstack([sentences, words]))
