"""Sentence vectors are not computed twice, and a caller's words are not kept."""

import numpy as np

from voicegw.engines.known_vectors import KnownVectors


class Counting:
    """Embeds by length and first letter, and tells what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts):
        self.asked += texts
        rows = np.array([[len(text), ord(text[0])] for text in texts], np.float32).reshape(-1, 2)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def learned(*texts: str) -> KnownVectors:
    known = KnownVectors(Counting(), "model-1")
    with known.remembering():
        known.embed(texts)
    return known


def test_what_is_known_is_not_computed_again():
    embedder = Counting()
    known = KnownVectors(embedder, "model-1")
    with known.remembering():
        first = known.embed(["hello", "bye", "hello"])
    assert embedder.asked == ["hello", "bye"]
    assert np.array_equal(known.embed(["bye", "hello"]), first[[1, 0]])
    assert embedder.asked == ["hello", "bye"]


def test_a_callers_words_are_not_remembered():
    embedder = Counting()
    known = KnownVectors(embedder, "model-1")
    known.embed(["my card is 4111"])
    known.embed(["my card is 4111"])
    assert embedder.asked == ["my card is 4111"] * 2
    assert b"4111" not in known.to_bytes()


def test_vectors_go_to_another_process_as_bytes():
    known, embedder = learned("naïve", "주문"), Counting()
    other = KnownVectors(embedder, "model-1")
    assert other.take(known.to_bytes())
    assert np.array_equal(other.embed(["주문", "naïve"]), known.embed(["주문", "naïve"]))
    assert embedder.asked == []


def test_only_what_was_asked_for_last_goes_along():
    known = learned("of another dialplan")
    with known.remembering():
        known.embed(["of this one"])
    embedder = Counting()
    other = KnownVectors(embedder, "model-1")
    other.take(known.to_bytes())
    other.embed(["of this one", "of another dialplan"])
    assert "of another dialplan" in embedder.asked


def test_vectors_of_another_model_are_not_taken():
    assert not KnownVectors(Counting(), "model-2").take(learned("hello").to_bytes())


def test_nothing_asked_is_nothing_sent():
    assert KnownVectors(Counting(), "model-1").take(learned().to_bytes())
