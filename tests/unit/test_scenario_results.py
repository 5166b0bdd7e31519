"""Results of scenarios: kept, read again, and told to CI servers."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from voicegw.errors import SettingsError
from voicegw.outcomes.record import Waterfall
from voicegw.qa.scenarios import results
from voicegw.qa.scenarios.evidence import Evidence, Reply, Sip, ToolCall
from voicegw.qa.scenarios.files import read
from voicegw.qa.scenarios.holds import Failure

TEXT = "name: a refund\ntags: [writes]\ntalk:\n  - caller: hello\n    agent: bye\n  - silence: true\n  - keys: '12'\n"


@pytest.fixture
def run(tmp_path: Path) -> results.RunResults:
    (tmp_path / "scenario.yaml").write_text(TEXT, encoding="utf-8")
    call = ToolCall("orders.refund", {"order_id": "1"}, "done", True)
    reply = Reply("Hi there.", "hello", calls=(call,), latency_ms=400.0, waterfall=Waterfall(last_voice=1.0))
    evidence = Evidence("Hello?", (reply,), (call,), sip=Sip(200, "agent"))
    found = [Failure(("talk", 0, "agent"), "the agent must say 'bye', but said 'Hi there.'")]
    result = results.result_of(read(tmp_path), "sip", evidence, found, 3.2, "refund.wav")
    return results.RunResults(1_700_000_000.0, "abc", "a machine", 3.2, (result,))


def test_a_failure_is_told_at_its_line_of_the_file(run: results.RunResults) -> None:
    (problem,) = run.results[0].problems
    assert (problem.line, problem.column) == (5, 12)
    assert not run.ok


def test_lines_that_are_not_words_say_what_they_are(run: results.RunResults) -> None:
    assert [(line.text, line.label) for line in run.results[0].lines] == [
        ("hello", ""),
        ("", "silent for 7.5 s"),
        ("12", "keys"),
    ]


def test_a_run_is_the_same_when_it_is_read_again(run: results.RunResults, tmp_path: Path) -> None:
    folder = results.new_folder(tmp_path / "runs", run.at)
    results.save(run, folder)
    assert results.load(folder) == run
    assert results.folders(tmp_path / "runs") == [folder]


def test_a_folder_without_a_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no results"):
        results.load(tmp_path)


def test_ci_servers_read_the_failure_and_the_conversation(run: results.RunResults) -> None:
    root = ElementTree.fromstring(results.to_junit(run))
    case = root.find("testsuite/testcase")
    assert case is not None
    failure = case.find("failure")
    assert failure is not None
    assert case.get("classname") == "qa.sip"
    assert "must say 'bye'" in failure.get("message", "")
    assert "agent: Hi there." in (failure.text or "")
