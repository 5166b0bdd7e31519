"""Strings of digits are found in frame scores: how many, which, and what else they may be."""

import numpy as np
import pytest

from voicegw.audio.spoken_digits import material, training
from voicegw.audio.spoken_digits.material import SpokenWord
from voicegw.audio.spoken_digits.network import DigitNetwork
from voicegw.audio.spoken_digits.reading import ranked, read
from voicegw.audio.spoken_digits.words import CLASSES, OTHER, PARTS, SILENCE, WORDS, frame_classes
from voicegw.nlu.checks import luhn

FRAMES_PER_PART = 4
WEAK = -6.0


def scores(*said: str) -> np.ndarray:
    """Frame scores of clear words with gaps between; ``seven/one``: as well the one as the other, rather the first."""
    rows: list[np.ndarray] = [_row({SILENCE: 0.0})] * 5
    for word in said:
        first, _, second = word.partition("/")
        for part in range(PARTS):
            rows += [_row(_classes(first, part, 0.0) | _classes(second, part, -0.5))] * FRAMES_PER_PART
        rows += [_row({SILENCE: 0.0})] * 5
    return np.array(rows)


def _classes(word: str, part: int, score: float) -> dict[int, float]:
    if not word:
        return {}
    return {PARTS * WORDS.index(word) + part if word in WORDS else OTHER: score}


def _row(of: dict[int, float]) -> np.ndarray:
    row = np.full(CLASSES, WEAK)
    for place, score in of.items():
        row[place] = score
    return row


def test_each_digit_is_heard() -> None:
    heard = read(scores("four", "zero", "six", "eight"))
    assert heard.digits == "4068"
    assert heard.confidence > 0.5
    assert heard.others == 0


def test_digits_without_a_gap_are_told_apart() -> None:
    parts = [PARTS * WORDS.index(word) + part for word in ("seven", "seven", "two") for part in (0, 0, 1, 1, 2, 2)]
    assert read(np.array([_row({part: 0.0}) for part in parts])).digits == "772"


def test_oh_is_a_zero() -> None:
    assert read(scores("oh", "two", "oh", "nine")).digits == "0209"


def test_a_lone_oh_among_zeros_is_heard_as_what_is_next_to_it() -> None:
    assert read(scores("zero", "oh/four", "zero", "one"), length=4).digits == "0401"


def test_silence_is_no_digit() -> None:
    assert read(scores()).digits == ""


def test_other_words_are_no_digits_and_are_told() -> None:
    heard = read(scores("refund", "please", "four", "two"))
    assert heard.digits == "42"
    assert heard.others == pytest.approx(0.5, abs=0.05)


def test_the_known_length_brings_back_a_digit_that_was_hardly_heard() -> None:
    unclear = scores("four", "refund", "six", "eight")
    unclear[:, PARTS * WORDS.index("nine") : PARTS * WORDS.index("nine") + PARTS] += 2 * (unclear[:, [OTHER]] == 0)
    assert read(unclear).digits == "468"
    assert read(unclear, length=4).digits == "4968"


def test_a_length_that_the_sound_contradicts_is_not_forced() -> None:
    assert read(scores("four", "zero"), length=8).digits == "40"


def test_the_check_digit_chooses_among_what_may_have_been_said() -> None:
    said = scores(*(WORDS[int(digit)] for digit in "453957876362148"), "seven/six")
    assert luhn("4539578763621486")
    assert read(said).digits == "4539578763621487"
    assert read(said, 16, luhn).digits == "4539578763621486"


def test_a_string_that_was_refused_is_not_heard_again() -> None:
    unclear = scores("four", "nine/five", "six", "eight")
    assert read(unclear, 4).digits == "4968"
    assert read(unclear, 4, lambda digits: digits != "4968").digits == "4568"


def test_where_nothing_passes_the_likeliest_stands() -> None:
    assert read(scores("four", "nine", "six", "eight"), 4, lambda digits: False).digits == "4968"


def test_alternatives_come_likeliest_first() -> None:
    heard = read(scores("four", "nine/five", "six/one", "eight"), 4)
    assert heard.digits == "4968"
    assert heard.alternatives[:3] == ("4918", "4568", "4518") or heard.alternatives[:3] == ("4568", "4918", "4518")


def test_strings_are_ranked_as_their_chances_are_and_each_comes_once() -> None:
    chances = np.log(np.random.default_rng(3).dirichlet(np.ones(4), 3))
    found = list(ranked(chances))
    assert [cost for _, cost in found] == sorted((cost for _, cost in found), reverse=True)
    assert len({digits for digits, _ in found}) == len(found) == 4**3
    for digits, cost in found:
        assert cost == pytest.approx(sum(chances[place, int(digit)] for place, digit in enumerate(digits)))


def test_frames_carry_the_part_of_the_word_said_in_them() -> None:
    classes = frame_classes([("one", 1600, 2560), ("refund", 3200, 4000)], rate_hz=8000, frames=30)
    one = PARTS * WORDS.index("one")
    assert classes[:10].tolist() == [SILENCE] * 10
    assert classes[10:16].tolist() == [one, one, one + 1, one + 1, one + 2, one + 2]
    assert classes[16:20].tolist() == [SILENCE] * 4
    assert classes[20:25].tolist() == [OTHER] * 5


def test_material_names_what_is_said_and_where() -> None:
    tone = (8000 * np.sin(np.arange(1600) / 3)).astype(np.int16)
    words = [SpokenWord("a", True, word, tone) for word in (*WORDS, "refund")]
    made = list(material.strings(words, 20, seed=5))
    again = list(material.strings(words, 20, seed=5))
    for string, same in zip(made, again, strict=True):
        assert np.array_equal(string.pcm, same.pcm)
        assert 4 <= len(string.words) <= 10
        for (_, _, end), (_, begin, _) in zip(string.words, string.words[1:], strict=False):
            assert end <= begin
        assert string.words[-1][2] <= len(string.pcm)
    assert any(word == "refund" for string in made for word, _, _ in string.words)


def test_silence_around_a_word_is_cut_off() -> None:
    tone = (8000 * np.sin(np.arange(1600) / 3)).astype(np.int16)
    padded = np.concatenate([np.zeros(800, np.int16), tone, np.zeros(2400, np.int16)])
    assert 1600 <= len(material.bounded(padded)) <= 1760


def test_a_dull_microphone_takes_what_hisses_and_leaves_the_vowel() -> None:
    places = np.arange(material.RATE_HZ) / material.RATE_HZ

    def lost_db(hz: float, dullness: float) -> float:
        tone = 1000 * np.sin(2 * np.pi * hz * places)
        return 20 * np.log10(np.std(tone) / np.std(material.dulled(tone, dullness)))

    assert abs(lost_db(500, 1.0)) < 0.1
    assert lost_db(3000, 1.0) == pytest.approx(18, abs=0.5)
    assert lost_db(3000, 0.5) == pytest.approx(9, abs=0.5)


def test_a_network_learns_what_frames_show_and_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "COMPONENTS", 8)
    rng = np.random.default_rng(1)
    centres = rng.normal(0, 1, (CLASSES, 12)).astype(np.float32)

    def recording() -> training.Labelled:
        classes = np.repeat(rng.integers(0, CLASSES, 60), 8)
        return training.Labelled(centres[classes] + rng.normal(0, 0.1, (480, 12)).astype(np.float32), classes)

    network = training.fit([recording() for _ in range(60)])
    kept = DigitNetwork.from_arrays(network.as_arrays())
    fresh = recording()
    assert np.mean(kept.scores(fresh.states).argmax(axis=1) == fresh.classes) > 0.8


def test_a_rival_of_a_wrong_number_is_heard_when_it_is_said_again() -> None:
    unclear = scores("four", "zero", "six/eight", "eight")
    assert read(unclear, length=4).digits == "4068"
    assert read(unclear, length=4, again={"4088"}).digits == "4088"
    assert read(scores("four", "zero", "six", "eight"), length=4, again={"1234"}).digits == "4068"
