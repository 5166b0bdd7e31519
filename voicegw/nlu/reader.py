"""Reads a turn: intents by routing, values by the slot parsers, yes or no, and whether it may be over."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, time
from functools import lru_cache

import numpy as np

from voicegw.dialplan.talk import PERSON
from voicegw.nlu.arrays import Array, unit_rows
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.languages import LANGUAGES, Language
from voicegw.nlu.router import HOLDS, Background, Router
from voicegw.nlu.understanding import IntentScore, SlotValue, Understanding

Embed = Callable[[Sequence[str]], np.ndarray]
"""Texts to unit vectors, float32 ``[texts, dimensions]``."""
Routed = tuple[tuple[IntentScore, ...], bool]
"""Intents, best first, and whether the reflex stands by the best."""
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+")
ANY_DAY, ANY_TIME = date(2024, 1, 1), time(9)
"""Examples are read against some day: only where their values stand matters."""


class Reader:
    """Understands the callers of one dialplan."""

    def __init__(
        self,
        router: Router,
        embed: Embed | None = None,
        language: Language = LANGUAGES["en"],
        about_people: frozenset[str] = frozenset(),
    ) -> None:
        """
        :param embed: adds the vector of a turn's meaningful words to that of its sentence; the router must have
            been fitted with such vectors.
        :param about_people: intents that are themselves asked for in words that ask for a person.
        """
        self._router = router
        self._embed = embed
        self._language = language
        self._about_people = about_people

    @classmethod
    def of(cls, examples: Mapping[str, Sequence[str]], embed: Embed, language: str = "en") -> "Reader":
        """A reader that knows each intent by its example sentences and by its name."""
        own = LANGUAGES[language]
        said = {intent: _with_name(intent, sentences) for intent, sentences in examples.items()}
        plain = {intent: [_example(sentence, own) for sentence in sentences] for intent, sentences in said.items()}
        vectors = {intent: _vectors(embed, own, said[intent], plain[intent]) for intent in said}
        others = [_example(sentence, own) for sentence in own.background]
        background = Background(_vectors(embed, own, own.background, others), others)
        return cls(Router.fit(vectors, plain, background), embed, own, _about_people(examples, own))

    def read(self, text: str, vector: np.ndarray | None, expecting: Expecting, today: date, now: time) -> Understanding:
        """What the caller said, given what was asked.

        :param vector: sentence vector of ``text``; None: no intents are told.
        """
        values = self._language.parse(text, expecting, today, now)
        intents, confident = self._intents(text, vector, values) if vector is not None else ((), False)
        if self._wants_person(text, intents, confident, values, expecting):
            intents = (IntentScore(PERSON, 1.0), *(intent for intent in intents if intent.name != PERSON))
            confident = True
        answers = [value.value for value in values if value.kind == "yes_no"]
        return Understanding(
            text,
            intents,
            values,
            yes=bool(answers[-1]) if answers else None,
            confident=confident,
            completeness=self._language.completeness(text, expecting, today),
        )

    def _wants_person(
        self,
        text: str,
        intents: tuple[IntentScore, ...],
        confident: bool,
        values: Sequence[SlotValue],
        expecting: Expecting,
    ) -> bool:
        """Whether a person is asked for in so many words, and nothing that the dialplan has of its own is meant."""
        if PERSON not in self._router.names or not self._language.asks_for_person(text):
            return False
        chosen = expecting.kind == "choice" and any(value.kind == "choice" for value in values)
        return not chosen and not (confident and intents[0].name in self._about_people)

    def _intents(self, text: str, vector: Array, values: tuple[SlotValue, ...]) -> Routed:
        """What is wanted, and after it what is refused."""
        refusal = self._language.refusal(text) if self._embed is not None else None
        refused = self._refused(refusal.refused) if refusal else ()
        if refusal is None or not refused:
            routed = self._route(vector, self._language.generalised(text, values))
            return self._seconded(text, *routed) if self._embed is not None else routed
        wanted = _general(refusal.wanted, self._language)
        intents, confident = self._route(None, wanted) if refusal.wanted else ((), False)
        names = {intent.name for intent in refused}
        return (*(intent for intent in intents if intent.name not in names), *refused), confident

    def _seconded(self, text: str, intents: tuple[IntentScore, ...], confident: bool) -> Routed:
        """What comes before the last sentence ("Thank you very much for that.") makes the reflex less sure: if the last
        one alone says the same, and surely, it is."""
        last = _SENTENCE_END.split(text.strip())[-1]
        if confident or not intents or last == text.strip():
            return intents, confident
        alone, sure = self._route(None, _general(last, self._language))
        return intents, sure and alone[0].name == intents[0].name

    def _refused(self, text: str) -> tuple[IntentScore, ...]:
        intents, _ = self._route(None, _general(text, self._language))
        return tuple(replace(intent, negated=True) for intent in intents if intent.score >= HOLDS)

    def _route(self, vector: Array | None, plain: str) -> Routed:
        if self._embed is None:
            return self._router.route(vector, plain) if vector is not None else ((), False)
        if vector is None:
            return self._router.route(_vectors(self._embed, self._language, [plain], [plain])[0], plain)
        words = self._embed([self._language.meaningful(plain)])
        return self._router.route(_side_by_side(vector[None], words)[0], plain)


def _about_people(examples: Mapping[str, Sequence[str]], language: Language) -> frozenset[str]:
    return frozenset(
        intent
        for intent, sentences in examples.items()
        if intent != PERSON and any(map(language.asks_for_person, sentences))
    )


def _with_name(intent: str, sentences: Sequence[str]) -> list[str]:
    """``task.order_status`` is also said "order status"."""
    return [*sentences, intent.rpartition(".")[2].replace("_", " ")]


def _general(sentence: str, language: Language) -> str:
    return language.generalised(sentence, language.parse(sentence, Expecting(), ANY_DAY, ANY_TIME))


@lru_cache(maxsize=8192)
def _example(sentence: str, language: Language) -> str:
    """``_general``, for sentences that the next version of a dialplan will most likely have too."""
    return _general(sentence, language)


def _vectors(embed: Embed, language: Language, said: Sequence[str], plain: Sequence[str]) -> Array:
    """Each sentence's vector beside that of its meaningful words."""
    return _side_by_side(embed(list(said)), embed([language.meaningful(text) for text in plain]))


def _side_by_side(sentences: Array, words: Array) -> Array:
    return unit_rows(np.hstack([sentences, words]))
