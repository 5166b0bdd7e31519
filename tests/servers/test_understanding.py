"""The shipped dialplan's callers, read with real sentence vectors."""

from datetime import date, time
from pathlib import Path

import numpy as np
import pytest

from voicegw.config import Settings
from voicegw.dialplan import files
from voicegw.engines import registry
from voicegw.engines.embed import SentenceEmbedder
from voicegw.errors import ModelMissing
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.reader import Reader
from voicegw.nlu.understanding import Understanding
from voicegw.qa.bench_understanding import figures

pytestmark = pytest.mark.servers
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def embedder() -> SentenceEmbedder:
    try:
        return registry.sentence_embedder(Settings())
    except ModelMissing as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def reader(embedder: SentenceEmbedder) -> Reader:
    (plan,) = files.load(ROOT / "dialplans" / "acme-orders.yaml")
    return Reader.of(plan.examples(), embedder.embed)


def read(reader: Reader, embedder: SentenceEmbedder, text: str) -> Understanding:
    vector: np.ndarray = embedder.embed([text])[0]
    return reader.read(text, vector, Expecting(), date(2026, 3, 15), time(9))


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Hi, where is my order 4567?", "task.order_status"),
        ("where's my parcel", "task.order_status"),
        ("can I get a refund please", "task.refund"),
        ("what are your opening hours", "answer.opening_hours"),
        ("I want to talk to a human", "talk.person"),
        ("um, agent", "talk.person"),
        ("well agent", "talk.person"),
        ("can I talk to somebody about my order", "talk.person"),
        ("goodbye", "talk.goodbye"),
        (
            "Thank you very much for that. And could you also tell me your opening hours?",
            "answer.opening_hours",
        ),
    ],
)
def test_a_caller_is_understood_in_words_that_no_example_has(
    text: str, intent: str, reader: Reader, embedder: SentenceEmbedder
) -> None:
    understood = read(reader, embedder, text)
    assert understood.confident
    assert understood.intents[0].name == intent


@pytest.mark.parametrize("text", ["what's the weather like", "my cat is orange", "seven divided by two"])
def test_what_no_task_is_about_is_not_claimed(text: str, reader: Reader, embedder: SentenceEmbedder) -> None:
    assert not read(reader, embedder, text).confident


def test_what_a_dialplan_has_of_its_own_is_not_taken_for_a_wish_for_a_person(embedder: SentenceEmbedder) -> None:
    examples = {
        "task.sales": ["can I talk to somebody about a new contract", "I want to buy a contract", "a new contract"],
        "talk.person": ["talk to a person", "agent please", "can I speak to somebody"],
    }
    own = Reader.of(examples, embedder.embed)
    assert read(own, embedder, "can I talk to someone about a new contract").intents[0].name == "task.sales"
    assert read(own, embedder, "can I talk to someone about my bill").intents[0].name == "talk.person"


def test_a_number_given_before_it_is_asked_is_kept(reader: Reader, embedder: SentenceEmbedder) -> None:
    understood = read(reader, embedder, "Hi, where is my order 4567?")
    assert [value.value for value in understood.slots if value.kind == "digits"] == ["4567"]


def test_callers_of_other_companies_are_understood_as_well_as_promised(
    shared_data: Path, embedder: SentenceEmbedder
) -> None:
    missed = [figure for figure in figures(shared_data, embedder.embed) if figure.target and not figure.meets]
    slow = [figure for figure in missed if "p95" in figure.name]  # a busy machine is no failure of understanding
    assert [figure for figure in missed if figure not in slow] == []
