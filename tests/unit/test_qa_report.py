"""The page of results: what it says, that it is safe, whole and alone, and what changed since the last run."""

import html.parser
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from voicegw.audio import wav
from voicegw.errors import Problem
from voicegw.outcomes.record import Waterfall
from voicegw.qa.report import sound, waterfall
from voicegw.qa.report.compare import change, previous
from voicegw.qa.report.markup import tag
from voicegw.qa.report.page import Shown, page
from voicegw.qa.scenarios.evidence import Changes, Evidence, Reply, Sip, SippResult, ToolCall
from voicegw.qa.scenarios.results import Result, RunResults, Said

REPLY = Reply(
    "It has <shipped> & gone.", "where", "it has shipped", (ToolCall("orders.refund", {"id": "1"}, "done", True),),
    began_s=1.5, latency_ms=420.0, waterfall=Waterfall(1000.0, 1100.0, 1150.0, 1200.0, 1210.0, 1300.0, 1340.0),
)  # fmt: skip


def result(name: str = "a", ok: bool = True, latency_ms: float = 420.0, **values: object) -> Result:
    problems = () if ok else (Problem("a.yaml", 3, 5, "must say <b>'bye'</b>", "say it"),)
    evidence = Evidence("Hello?", (replace(REPLY, latency_ms=latency_ms),), sip=Sip(200, "agent", "PCMU", 12.0),
                        backend={"orders.refunds": Changes(added=({"id": "1"},))})  # fmt: skip
    whole = Result(name, f"the title of {name}", "why", ("writes",), "sip", (Said("where?"),), problems, 2.0, evidence)
    return replace(whole, **values)  # type: ignore[arg-type]


def run(*results: Result, at: float = 1_700_000_000.0) -> RunResults:
    return RunResults(at, "abc1234", "a machine", 5.0, results)


class Read(html.parser.HTMLParser):
    """Notes what is unbalanced, and what would be fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "input", "br"):
            self.open.append(tag)
        self.fetched += [
            value or ""
            for name, value in attrs
            if name in ("src", "href") and not (value or "").startswith(("#", "data:"))
        ]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_fetches_nothing_and_escapes_what_people_wrote() -> None:
    text = page([Shown(run(result(ok=False)), Path())], {})
    read = Read()
    read.feed(text)
    assert read.open == []
    assert read.fetched == []
    assert "<shipped>" not in text
    assert "It has &lt;shipped&gt; &amp; gone." in text
    assert "must say &lt;b&gt;'bye'&lt;/b&gt;" in text


def test_failures_come_first_and_are_open() -> None:
    text = page([Shown(run(result("a"), result("z", ok=False)), Path())], {})
    assert "<title>1 of 2 failed" in text
    assert text.index('id="sip-z"') < text.index('id="sip-a"')
    assert 'id="sip-z" class="card fail" open' in text
    assert 'id="sip-a" class="card pass" data' in text


@pytest.mark.parametrize(
    ("before", "now", "kind"),
    [
        (result(ok=True), result(ok=False), "newly failing"),
        (result(ok=False), result(ok=True), "fixed"),
        (result(), result("b"), "new"),
        (result(latency_ms=400), result(latency_ms=900), "slower"),
        (result(latency_ms=900), result(latency_ms=400), "faster"),
        (result(latency_ms=400), result(latency_ms=450), ""),
        (result(ok=False), result(ok=False), ""),
    ],
)
def test_what_changed_since_the_last_run_is_told(before: Result, now: Result, kind: str) -> None:
    assert change(now, previous([run(before)])).kind == kind


def test_the_latest_of_several_earlier_runs_counts() -> None:
    runs = [run(result(ok=False)), run(result(ok=True))]
    assert change(result(ok=True), previous(runs)).kind == ""


def test_a_bar_has_a_part_for_each_stage_that_took_time() -> None:
    parts = waterfall.parts(REPLY.waterfall or Waterfall(), 420.0)
    assert [(part.name, part.begin_ms, part.end_ms) for part in parts] == [
        ("whose turn", 0.0, 200.0),
        ("what to say", 200.0, 210.0),
        ("speech made", 210.0, 300.0),
        ("on its way", 300.0, 340.0),
        ("to the ear", 340.0, 420.0),
    ]


def test_what_was_prepared_ahead_takes_no_time_in_a_bar() -> None:
    ahead = Waterfall(
        last_voice=1000.0, turn_decided=1200.0, decision_made=1200.5, first_audio=900.0, first_packet=1220.0
    )
    assert [part.name for part in waterfall.parts(ahead, None)] == ["whose turn", "what to say", "on its way"]
    assert waterfall.drawn([Reply("said")]) == ""


def test_the_sound_lies_in_the_page_in_mu_law(tmp_path: Path) -> None:
    pcm = np.stack([np.arange(8000), -np.arange(8000)], axis=1).astype(np.int16)
    wav.write(tmp_path / "call.wav", pcm, 8000)
    found = sound.of_file(tmp_path / "call.wav")
    assert found is not None
    assert found.url.startswith("data:audio/wav;base64,")
    assert found.duration_s == 1.0
    data = sound.mu_law_wav(pcm, 8000)
    assert data[:4] == b"RIFF"
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    assert data[20:22] == (7).to_bytes(2, "little")
    assert sound.of_file(tmp_path / "none.wav") is None


def test_a_ladder_of_sip_messages_is_drawn() -> None:
    seen = SippResult(
        1, 0, 1, "unexpected 503", ((0.0, "sent", "INVITE sip:x SIP/2.0"), (0.1, "received", "SIP/2.0 503"))
    )
    text = page([Shown(run(result(evidence=Evidence(sipp=seen), lines=())), Path())], {})
    assert "unexpected 503" in text
    assert text.index("INVITE sip:x") < text.index("SIP/2.0 503")


def test_attributes_are_escaped_and_left_out_when_they_do_not_hold() -> None:
    assert tag("a", "x<y", href='"><script>', hidden=False, open=True, data_x=None) == (
        '<a href="&quot;&gt;&lt;script&gt;" open>x&lt;y</a>'
    )
