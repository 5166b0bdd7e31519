"""Each text goes to the model that knows its script."""

import numpy as np

from voicegw.engines.by_script import ByScript


class Constant:
    def __init__(self, value: float) -> None:
        self.value = value
        self.texts: list[str] = []

    def embed(self, texts):
        self.texts += texts
        return np.full((len(texts), 2), self.value, np.float32)


def test_korean_goes_to_the_other_model_and_the_order_stays():
    latin, others = Constant(1.0), Constant(2.0)
    rows = ByScript(latin, lambda: others).embed(["hello", "안녕하세요", "OK", "예약 OK"])
    assert rows[:, 0].tolist() == [1.0, 2.0, 1.0, 2.0]
    assert others.texts == ["안녕하세요", "예약 OK"]


def test_the_other_model_is_loaded_when_it_is_first_met():
    made = []
    both = ByScript(Constant(1.0), lambda: made.append(1) or Constant(2.0))
    both.embed(["hello"])
    assert made == []
    both.embed(["네"])
    both.embed(["네", "아니요"])
    assert made == [1]
