"""What is computed from a dialplan once goes from the nursery to workers that wait."""

from datetime import date, time
from pathlib import Path

import numpy as np
import pytest

from voicegw.errors import DialplanError
from voicegw.nlu.expecting import Expecting
from voicegw.wire.messages import DialplanLoaded, ForgetDialplan, LoadDialplan
from voicegw.worker.brains import Brains, Learner, read_brain
from voicegw.worker.main import Pupil

ACME = Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml"


class Letters:
    """Vectors of how often each letter stands in a text; cannot be pickled, like a native session."""

    def __init__(self) -> None:
        self.native = (letter for letter in "cannot be pickled")

    def embed(self, texts):
        rows = np.array([[text.lower().count(chr(97 + n)) + 0.01 for n in range(26)] for text in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def order(folder: Path, file: Path = ACME) -> LoadDialplan:
    return LoadDialplan("acme-orders", 4, str(file), str(folder / "4" / "brain.pickle"))


def test_a_waiting_worker_gets_the_same_brain_with_its_own_embedder(tmp_path):
    nurserys, workers = Letters(), Letters()
    learner = Learner(nurserys, "letters")
    brain = learner.learn(order(tmp_path))
    learner.write(brain, tmp_path / "4" / "brain.pickle")
    taken = read_brain(tmp_path / "4" / "brain.pickle", workers)
    assert taken.plan == brain.plan
    text = "where is my order 4567"
    told = (text, workers.embed([text])[0], Expecting(), date(2026, 3, 16), time(12))
    assert taken.reader.read(*told) == brain.reader.read(*told)
    assert (tmp_path / "4" / "brain.pickle").stat().st_mode & 0o077 == 0


def test_the_nursery_learns_and_forgets_versions(tmp_path):
    brains: Brains = {}
    pupil = Pupil(Learner(Letters(), "letters"), brains, lambda brain: None)
    assert pupil.learn(order(tmp_path)) == DialplanLoaded("acme-orders", 4)
    assert set(brains) == {("acme-orders", 4)}
    assert pupil.learn(ForgetDialplan("acme-orders", 4)) is None
    assert brains == {}


def test_a_version_that_cannot_be_read_is_told_and_changes_nothing(tmp_path):
    brains: Brains = {}
    (tmp_path / "wrong.yaml").write_text("name: acme-orders\nlanguage: xx\n")
    pupil = Pupil(Learner(Letters(), "letters"), brains, lambda brain: None)
    answer = pupil.learn(order(tmp_path, tmp_path / "wrong.yaml"))
    assert isinstance(answer, DialplanLoaded)
    assert "`language` cannot be 'xx'" in answer.problem
    assert brains == {}
    with pytest.raises(DialplanError):
        Learner(Letters(), "letters").learn(order(tmp_path, tmp_path / "wrong.yaml"))
