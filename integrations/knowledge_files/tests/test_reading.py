"""Markdown and CSV become entries that can be said."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ..index import Index, stems
from ..reading import Entry, Unreadable, markdown, read, shortened, table
from ..vectors import kept

KB = Path(__file__).parent / "kb"


def test_a_heading_with_its_text_is_an_entry_and_items_before_it_are_questions():
    entries = list(markdown((KB / "shipping.md").read_text(), "shipping.md"))
    assert [entry.title for entry in entries] == [
        "How long does delivery take?", "Shipping to islands", "Express delivery", "Sending something back",
        "Damaged on arrival",
    ]  # fmt: skip
    assert entries[0].questions == (
        "when will it get here", "how fast do you ship", "Shipping: How long does delivery take?"
    )  # fmt: skip
    assert entries[0].source == "shipping.md:3"
    assert entries[1].text == "We send to islands by ferry every Monday. Big items need a phone call first."
    assert entries[2].text == "Next day if ordered before noon. Costs twelve dollars more."
    assert "Returns: Sending something back" in entries[3].questions


def test_code_is_no_heading():
    (entry,) = markdown("# A\ntext\n```\n# not a heading\n```\nmore", "a.md")
    assert entry.text == "text # not a heading more"


def test_a_row_is_an_entry_said_as_the_template_says():
    rows = list(table((KB / "prices.csv").read_text(), "prices.csv", "The {product} costs {price}."))
    assert [row.text for row in rows][:2] == ["The Kettle costs $41.25.", "The Coffee machine costs $129.90."]
    assert len(rows) == 4
    assert rows[2].row == {"product": "Garden chair", "price": "$75", "stock": "0"}
    (plain, *_) = table("name,size\nA,1\n", "x.csv", "")
    assert plain.text == "name: A, size: 1"


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    with pytest.raises(Unreadable, match="no column 'c', only a, b"):
        read(tmp_path / "a.csv", "a.csv", {"a.csv": "{c}"})
    (tmp_path / "b.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Unreadable, match=r"b\.md"):
        read(tmp_path / "b.md", "b.md", {})


def test_long_answers_are_cut_after_a_sentence():
    assert shortened("One two. Three four. Five", 21) == "One two. Three four."
    assert shortened("no sentence ends here at all", 12) == "no sentence…"
    assert shortened("short", 80) == "short"


ENTRIES = (
    Entry("Kettle", "The kettle costs forty dollars.", "a:1"),
    Entry("Chairs", "Garden chairs are seventy.", "a:2", ("what do the chairs cost",)),
    Entry("Delivery", "Two days.", "a:3"),
)


def test_words_find_entries_and_rare_words_count_more():
    index = Index(ENTRIES, None)
    assert index.search("how much is a kettle", None, 3)[0].entry.title == "Kettle"
    assert index.search("chair prices", None, 1)[0].entry.title == "Chairs"
    assert index.search("what about the weather", None, 3) == []
    assert Index((), None).search("kettle", None, 3) == []


def test_meaning_finds_what_shares_no_word():
    axes = {"Kettle": 0, "Chairs": 1, "Delivery": 2}
    rows = np.array([np.eye(3)[axes[entry.title]] for entry in ENTRIES for _ in entry.phrases], np.float32)
    (best, *_) = Index(ENTRIES, rows).search("how long must I wait", np.array([0, 0.6, 0.8], np.float32), 3)
    assert (best.entry.title, best.score) == ("Delivery", pytest.approx(0.8))


def test_words_lose_their_endings():
    assert stems("Shipping costs and deliveries") == ["shipp", "cost", "deliver"]


def test_vectors_are_made_once_and_again_for_another_model(tmp_path):
    made: list[str] = []

    def model(size: float):
        def embed(texts):
            made.extend(texts)
            return np.array([[len(text), size] for text in texts], np.float32)

        return embed

    file = tmp_path / "vectors.npz"
    first = kept(file, ["a", "bb", "a"], model(1.0))
    assert first.tolist() == [[1, 1], [2, 1], [1, 1]]
    made.clear()
    assert kept(file, ["a", "bb"], model(1.0)).tolist() == [[1, 1], [2, 1]]
    assert "a" not in made
    assert kept(file, ["bb"], model(2.0)).tolist() == [[2, 2]]
    file.write_bytes(b"half")
    assert kept(file, ["bb"], model(2.0)).tolist() == [[2, 2]]


def test_of_processes_that_start_together_one_makes_the_vectors(tmp_path):
    made: list[str] = []

    def embed(texts):
        time.sleep(0.01)
        made.extend(texts)
        return np.array([[len(text)] for text in texts], np.float32)

    phrases = ["x" * size for size in range(1, 40)]
    with ThreadPoolExecutor(4) as together:  # each opens the lock for itself, as processes do
        rows = list(together.map(lambda _: kept(tmp_path / "vectors.npz", phrases, embed), range(4)))
    assert all(row[:, 0].tolist() == list(range(1, 40)) for row in rows)
    assert sum(len(text) < 40 and set(text) == {"x"} for text in made) == 39
