"""How well callers' words are understood, on sentences of real callers that are not part of the repository.

``hotel_utterances``: NLU++ (PolyAI, CC BY 4.0), ``booking_utterances``: RESTAURANTS-8K (PolyAI, CC BY 4.0).
"""

import json
import random
import time as clock
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

from voicegw.config import load
from voicegw.engines import registry
from voicegw.errors import SettingsError
from voicegw.nlu import slots
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.reader import Embed, Reader
from voicegw.nlu.understanding import SlotValue, Understanding
from voicegw.qa import bench_digits
from voicegw.qa.benching import Run
from voicegw.qa.figures import Figure, percentile, share_percent

TODAY, NOW = date(2022, 3, 15), time(9)
"""The hotel's sentences are read against this day; "now" is 9:00 in their references."""
DATES = ("date", "date_from", "date_to")
TIMES = ("time", "time_from", "time_to")
KINDS = {"people": "number", "time": "time", "date": "date", "first_name": "name", "last_name": "name"}
SPANS = ("people", "time", "date")
EXAMPLES = 10
"""Example sentences of each intent."""
SHUFFLES = 3
"""Other examples are drawn so often; figures are over all."""
HOLDS = 0.5

Sentence = Mapping[str, Any]


async def run(how: Run) -> tuple[Figure, ...]:
    """Some three minutes.

    :raises SetupError: a model is missing, or there is no data.
    """
    if how.data is None or not how.data.is_dir():
        raise SettingsError(f"no folder {how.data}: give that of the sentences and digits of real callers by --data")
    settings = load()
    embedder = registry.sentence_embedder(settings)
    read = figures(how.data, embedder.embed, how.tell)
    return (*read, *bench_digits.figures(how.data / "spoken_digits", registry.speech_to_text(settings), how.tell))


def figures(shared_data: Path, embed: Embed, tell: Callable[[str], None] = lambda _: None) -> tuple[Figure, ...]:
    """Every figure of reading words.

    :param shared_data: folder with ``hotel_utterances`` and ``booking_utterances``.
    :param tell: takes lines that say how far it is.
    """
    hotel = hotel_sentences(shared_data / "hotel_utterances")
    booking = json.loads((shared_data / "booking_utterances" / "train.json").read_text(encoding="utf-8"))
    tell("dates, times and spans")
    found = [*values(hotel), *spans(booking)]
    trials = []
    for seed in range(SHUFFLES):
        tell(f"intents, {seed + 1} of {SHUFFLES} draws of examples")
        trials += list(_trial(hotel, embed, seed))
    return (*found, *intents(trials), reflex_time(trials))


def hotel_sentences(folder: Path) -> list[Sentence]:
    """All of them, in order."""
    files = sorted(folder.glob("fold*.json"))
    return [sentence for file in files for sentence in json.loads(file.read_text(encoding="utf-8"))]


@dataclass
class Score:
    """Counts of one group."""

    right: int = 0
    of: int = 0


def values(hotel: Sequence[Sentence]) -> Iterator[Figure]:
    """Dates and times with the right normalised value, found where the reference has them."""
    all_, dates, times, strict = Score(), Score(), Score(), Score()
    for sentence in hotel:
        given = slots.parse(sentence["text"], Expecting(), TODAY, NOW)
        for name, slot in sentence.get("slots", {}).items():
            if name not in DATES + TIMES or "value" not in slot:
                continue
            wanted = _value(slot["value"])
            right = any(value.value == wanted for value in _at(given, *slot["span"]))
            alone = not right and _ends_before_it_begins(sentence) and _value_alone(slot["text"]) == wanted
            for score, counts in ((all_, right or alone), (dates if name in DATES else times, right or alone),
                                  (strict, right)):  # fmt: skip
                score.right, score.of = score.right + counts, score.of + 1
    yield _share("understanding: dates and times right", all_, "≥ 92")
    yield _share("understanding: dates right", dates)
    yield _share("understanding: times right", times)
    yield _share("understanding: dates and times right, ends of spans read alone counted as wrong", strict)


def _value(parts: Mapping[str, int]) -> str:
    if "hour" in parts:
        return f"{parts['hour']:02}:{parts['minute']:02}"
    return f"{parts['year']:04}-{parts['month']:02}-{parts['day']:02}"


def _at(given: Sequence[SlotValue], start: int, end: int) -> list[SlotValue]:
    return [value for value in given if value.kind in ("date", "time") and value.start < end and start < value.end]


def _ends_before_it_begins(sentence: Sentence) -> bool:
    """The reference reads each end of a span by itself: "from the 12th to the 17th" is 12 April to 17 March."""
    ends = [sentence["slots"].get(name) for name in ("date_from", "date_to")]
    return all(ends) and _value(ends[1]["value"]) < _value(ends[0]["value"])


def _value_alone(text: str) -> object:
    values = slots.parse(text, Expecting("date"), TODAY, NOW)
    return next((value.value for value in values if value.kind == "date"), None)


def spans(booking: Sequence[Sentence]) -> Iterator[Figure]:
    """Spans of people, time and date, exactly as in the reference (case and closing marks aside)."""
    counts = {name: [0, 0, 0] for name in SPANS}
    near = [0, 0, 0]
    for turn in booking:
        given = _found(turn)
        wanted = _labels(turn)
        for name in SPANS:
            ours, theirs = given.get(name, set()), wanted.get(name, set())
            counts[name] = _added(counts[name], len(ours & theirs), len(ours), len(theirs))
            touched = sum(any(a in b or b in a for b in theirs) for a in ours)
            near = _added(near, min(touched, len(theirs)), len(ours), len(theirs))
    total = [sum(count[k] for count in counts.values()) for k in range(3)]
    yield Figure("understanding: people, times and dates found, F1", _f1(total), "%", "≥ 90", total[2])
    for name in SPANS:
        yield Figure(f"understanding: {name} found, F1", _f1(counts[name]), "%", "", counts[name][2])
    yield Figure("understanding: people, times and dates found, in part or whole, F1", _f1(near), "%", "", near[2])


def _found(turn: Sentence) -> dict[str, set[str]]:
    asked = turn.get("context", {}).get("requestedSlots", [])
    kinds = list(dict.fromkeys(KINDS[slot] for slot in asked))
    slot = "people" if kinds[:1] == ["number"] else ""
    expecting = Expecting(kinds[0], slot, also=tuple(kinds[1:])) if kinds else Expecting()
    found: dict[str, set[str]] = {}
    for value in slots.parse(turn["userInput"]["text"], expecting, TODAY, NOW):
        name = "people" if value.slot == "people" else value.kind
        found.setdefault(name, set()).add(_bare(value.text))
    return found


def _labels(turn: Sentence) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for label in turn.get("labels", []):
        span = label["valueSpan"]
        said = turn["userInput"]["text"][span.get("startIndex", 0) : span["endIndex"]]
        found.setdefault(label["slot"], set()).add(_bare(said))
    return found


def _bare(said: str) -> str:
    return said.lower().strip(" .,?!")


def _added(count: list[int], *more: int) -> list[int]:
    return [a + b for a, b in zip(count, more, strict=True)]


def _f1(count: Sequence[int]) -> float | None:
    """From right, given and wanted."""
    right, given, wanted = count
    return share_percent(2 * right, given + wanted)


@dataclass(frozen=True)
class Trial:
    """One sentence that no model saw, and what was understood."""

    wanted: frozenset[str]
    understood: Understanding
    took_ms: float


def _trial(hotel: Sequence[Sentence], embed: Embed, seed: int) -> Iterator[Trial]:
    """Ten examples of each intent (all of an example's intents are told), the rest as test."""
    order = list(hotel)
    random.Random(seed).shuffle(order)
    examples: dict[str, list[str]] = {}
    rest: list[Sentence] = []
    for sentence in order:
        wanted = sentence.get("intents", [])
        if any(len(examples.get(intent, [])) < EXAMPLES for intent in wanted):
            for intent in wanted:
                examples.setdefault(intent, []).append(sentence["text"])
        else:
            rest.append(sentence)
    reader = Reader.of(examples, embed)
    for sentence in rest:
        began = clock.perf_counter()
        understood = reader.read(sentence["text"], embed([sentence["text"]])[0], Expecting(), TODAY, NOW)
        took_ms = (clock.perf_counter() - began) * 1000
        yield Trial(frozenset(sentence.get("intents", [])), understood, took_ms)


def intents(trials: Sequence[Trial]) -> Iterator[Figure]:
    """Micro F1 over all intents, and what the reflex stands by.

    A turn counts as wrong if the reflex stands by an intent where the reference has none or another; the share is of
    the turns that have an intent.
    """
    count = [0, 0, 0]
    for trial in trials:
        held = {intent.name for intent in trial.understood.intents if intent.score >= HOLDS and not intent.negated}
        count = _added(count, len(held & trial.wanted), len(held), len(trial.wanted))
    sure = [trial for trial in trials if trial.understood.confident]
    right = [trial for trial in sure if trial.understood.intents[0].name in trial.wanted]
    with_intent = [trial for trial in trials if trial.wanted]
    told = [trial for trial in sure if trial.wanted]
    yield Figure("understanding: intents, micro F1", _f1(count), "%", "≥ 75", count[2])
    yield Figure("understanding: right when the reflex is confident", share_percent(len(right), len(sure)), "%",
                 "≥ 95", len(sure))  # fmt: skip
    yield Figure("understanding: turns the reflex is confident on", share_percent(len(told), len(with_intent)), "%",
                 "≥ 65", len(with_intent))  # fmt: skip


def reflex_time(trials: Sequence[Trial]) -> Figure:
    """Sentence vectors, routing and values of one turn."""
    took = [trial.took_ms for trial in trials]
    return Figure("understanding: one reflex decision, p95", percentile(took, 95), "ms", "≤ 25", len(took))


def _share(name: str, score: Score, target: str = "") -> Figure:
    return Figure(name, share_percent(score.right, score.of), "%", target, score.of)
