"""Figures: targets, percentiles, and the file they are kept in."""

import json

import pytest

from voicegw.errors import SettingsError
from voicegw.qa.figures import Figure, Results, from_json, merge_into, percentile, share_percent


@pytest.mark.parametrize(
    ("value", "target", "meets"),
    [(600, "≤ 600", True), (601, "≤ 600", False), (0.9, "≥ 0.95", False), (0, "= 0", True), (1, "= 0", False),
     (None, "≤ 600", False), (None, "", True), (12, "", True)],
)  # fmt: skip
def test_a_figure_knows_whether_it_meets_its_target(value, target, meets):
    assert Figure("latency", value, "ms", target).meets is meets


def test_percentiles_are_values_that_were_measured():
    values = [float(value) for value in range(1, 21)]
    assert percentile(values, 50) == 10
    assert percentile(values, 95) == 19
    assert percentile(values, 100) == 20
    assert percentile([7.0], 50) == 7
    assert percentile([], 50) is None


def test_a_share_of_nothing_is_not_known():
    assert share_percent(1, 60) == 1.67
    assert share_percent(0, 0) is None


def test_results_come_back_from_json_as_they_were():
    results = Results("abc1234", "2 cores", (Figure("a", 1.5, "ms", "≤ 2", 20), Figure("b", None, "%")))
    data = json.loads(json.dumps(results.as_json()))
    assert set(data) == {"commit", "machine", "figures"}
    assert set(data["figures"][0]) == {"name", "value", "unit", "target", "meets", "n"}
    assert from_json(data) == results


def test_results_of_several_benches_share_a_file(tmp_path):
    file = tmp_path / "bench" / "latest.json"
    merge_into(file, Results("old", "m", (Figure("calls: a", 1, "ms"), Figure("calls: b", 2, "ms"))))
    merge_into(file, Results("new", "m", (Figure("calls: b", 3, "ms"), Figure("turns: c", 4, "ms"))))
    kept = from_json(json.loads(file.read_text()))
    assert kept.commit == "new"
    assert {figure.name: figure.value for figure in kept.figures} == {"calls: a": 1, "calls: b": 3, "turns: c": 4}


def test_a_file_that_holds_something_else_is_left_alone(tmp_path):
    file = tmp_path / "latest.json"
    file.write_text('{"name": "package"}')
    with pytest.raises(SettingsError, match="another file"):
        merge_into(file, Results("new", "m", ()))
    assert file.read_text() == '{"name": "package"}'


def test_the_table_says_what_was_missed():
    table = Results("abc", "m", (Figure("a", 3, "ms", "≤ 2"),)).as_table()
    assert table.row_count == 1
    assert not Results("abc", "m", (Figure("a", 3, "ms", "≤ 2"),)).meets
