"""Load callers: their SIP, their side of the conversation, and what a run comes to."""

import mmap
import os
import socket
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voicegw.audio.g711 import mu_law_encode
from voicegw.engines.providers.stub import StubEmbedder, StubSpeechToText, StubTextToSpeech, hum
from voicegw.qa.bench_capacity import LEAST_ANSWERS, most_conversations
from voicegw.qa.figures import Results
from voicegw.qa.load import phone, sip_text
from voicegw.qa.load.figures import by_concurrency, figures, growth
from voicegw.qa.load.measured import Answer, Measured
from voicegw.qa.load.page import page
from voicegw.qa.load.running import LINES, Load, LoadResults, Sample, overrides
from voicegw.qa.load.sip_text import Dialog, parse
from voicegw.qa.load.talker import FINISHED_MS, FRAME_SAMPLES, SILENCE, Talker, clip_frames, is_voiced
from voicegw.qa.load.usage import Lasting, Usage

DIALOG = Dialog("abcdef0123456789", "5000", "127.0.0.1", 5060, 6000, 7000)
ANSWER = (
    "SIP/2.0 200 OK\r\nVia: x\r\nFrom: <sip:load@h>;tag=1\r\nTo: <sip:5000@h>;tag=theirs\r\n"
    "Call-ID: abcdef0123456789\r\nCSeq: 1 INVITE\r\nContact: <sip:cell@127.0.0.1:5062>\r\nContent-Length: 9\r\n\r\n"
    "v=0\r\nc=IN IP4 127.0.0.9\r\nm=audio 4002 RTP/AVP 0 101\r\n"
)
LOUD = mu_law_encode(hum(0.02)).tobytes()


def test_an_answer_names_the_dialog_and_where_audio_goes() -> None:
    message = parse(ANSWER.encode())
    assert message is not None
    assert (message.status, message.cseq_method, message.to_tag) == (200, "INVITE", "theirs")
    assert message.media == ("127.0.0.9", 4002)
    acknowledged = sip_text.ack(DIALOG.answered(message)).decode()
    assert acknowledged.startswith("ACK sip:cell@127.0.0.1:5062 SIP/2.0\r\n")
    assert "To: <sip:5000@127.0.0.1:5060>;tag=theirs\r\n" in acknowledged


def test_requests_in_a_call_go_through_the_proxies_that_want_it() -> None:
    routed = ANSWER.replace("Via: x", "Record-Route: <sip:inner;lr>, <sip:middle;lr>\r\nRecord-Route: <sip:edge;lr>")
    message = parse(routed.encode())
    assert message is not None
    lines = sip_text.bye(DIALOG.answered(message)).decode().split("\r\n")
    assert [line for line in lines if line.startswith("Route")] == [
        "Route: <sip:edge;lr>", "Route: <sip:middle;lr>", "Route: <sip:inner;lr>",
    ]  # fmt: skip


def test_what_we_send_can_be_read_again() -> None:
    message = parse(sip_text.invite(DIALOG))
    assert message is not None
    assert (message.method, message.call_id, message.media) == ("INVITE", DIALOG.call_id, ("127.0.0.1", 7000))
    assert int(message.text.partition("Content-Length: ")[2].partition("\n")[0]) == len(
        sip_text.invite(DIALOG).partition(b"\r\n\r\n")[2]
    )


class _Arrivals:
    """A socket on which packets have arrived, at such times of the clock on the wall."""

    def __init__(self) -> None:
        self.waiting: list[tuple[int, float]] = []
        """Number and time of each."""

    def recvmsg(self, *_: int) -> Any:
        if not self.waiting:
            raise BlockingIOError
        number, at_s = self.waiting.pop(0)
        data = struct.pack(">BBHII", 0x80, 0, number, number * FRAME_SAMPLES, 7) + SILENCE
        stamp = struct.pack("qq", int(at_s), round(at_s % 1 * 1e9))
        return data, [(socket.SOL_SOCKET, 35, stamp)], 0, None


@pytest.mark.parametrize(("late_ms", "late"), [(0, 0), (59, 0), (61, 1)])
def test_a_packet_is_late_by_a_clock_that_nobody_sets(monkeypatch: pytest.MonkeyPatch, late_ms: int, late: int) -> None:
    arrivals, wall_gains_s = _Arrivals(), 0.1
    call = phone.LoadCall(DIALOG, Talker([], []), arrivals, began_at=0.0)  # type: ignore[arg-type]
    for number, at_s, gained_s in ((0, 50.0, 0.0), (1000, 70.0 + late_ms / 1000, wall_gains_s)):
        wall_s = 1_790_000_000.0 + at_s + gained_s
        monkeypatch.setattr(phone.time, "monotonic", lambda at_s=at_s: at_s + 0.01)
        monkeypatch.setattr(phone.time, "time", lambda wall_s=wall_s: wall_s + 0.01)
        arrivals.waiting = [(number, wall_s)]
        call.tick()
    assert (call.packets, call.late) == (2, late)


def test_the_ack_of_a_refusal_belongs_to_the_invites_transaction() -> None:
    refusal = parse(ANSWER.replace("200 OK", "503 full").encode())
    assert refusal is not None
    branch = b"branch=z9hG4bK" + DIALOG.call_id.encode() + b"INVITE"
    assert branch in sip_text.invite(DIALOG)
    assert branch in sip_text.ack_of_refusal(DIALOG, refusal)


@pytest.mark.parametrize("data", [b"", b"\0\0", b"hello\r\n\r\n", b"SIP/2.0 abc\r\n"])
def test_what_is_no_message_is_none(data: bytes) -> None:
    assert parse(data) is None


def run_talker(talker: Talker, heard: list[bytes]) -> list[bytes]:
    sent = []
    for payload in heard:
        talker.hear(payload)
        sent.append(talker.next_payload())
    return sent


def test_a_caller_speaks_when_the_agent_has_finished_and_is_through_after_the_last_answer() -> None:
    line = clip_frames(hum(0.1))
    talker = Talker([line], ["hello"])
    pause = [SILENCE] * int(FINISHED_MS / 20)
    sent = run_talker(talker, [LOUD] * 20 + pause + [SILENCE] * len(line))
    assert sent[: 20 + len(pause)] == [SILENCE] * (20 + len(pause))
    assert sent[20 + len(pause) :] == line
    (said,) = talker.said
    assert said.span.begin == (20 + len(pause)) * FRAME_SAMPLES
    assert not talker.over
    run_talker(talker, [LOUD] * 20 + [*pause, SILENCE])
    assert talker.over


def test_who_looks_on_sees_how_long_callers_wait_for_an_answer() -> None:
    line = clip_frames(hum(0.1))
    talker = Talker([line, line], ["hello", "goodbye"])
    run_talker(talker, [LOUD] * 20 + [SILENCE] * (int(FINISHED_MS / 20) + len(line)))
    run_talker(talker, [SILENCE] * 15 + [LOUD] * 20 + [SILENCE] * 5 + [LOUD] * 5)
    assert talker.waits_ms == [15 * 20]


def test_silence_and_a_click_are_no_voice() -> None:
    assert is_voiced(LOUD)
    assert not is_voiced(SILENCE)
    assert not is_voiced(mu_law_encode(np.full(FRAME_SAMPLES, 100, np.int16)).tobytes())


def test_a_stand_in_hears_line_after_line_where_there_is_voice() -> None:
    engine = StubSpeechToText(["one", "two"], 0.0)

    def hear(pcm: np.ndarray) -> str:
        recognizer = engine.recognizer(8000)
        recognizer.feed(pcm)
        first = recognizer.decode(final=False).text
        assert recognizer.decode(final=True).text == first
        return first

    assert [hear(hum(0.5)), hear(np.zeros(4000, np.int16)), hear(hum(0.5)), hear(hum(0.5))] == ["one", "", "two", "one"]


def test_a_stand_in_hears_no_more_than_there_was_time_to_say() -> None:
    recognizer = StubSpeechToText(["where is my order", "next"], 0.0).recognizer(8000)
    recognizer.feed(hum(0.3))
    assert recognizer.decode(final=False).text == "where"
    recognizer.feed(hum(0.5))
    assert recognizer.decode(final=False).text == "where is my order"
    recognizer.feed(hum(2.0))
    assert recognizer.decode(final=True).text == "where is my order"


def test_a_stand_in_speaks_for_as_long_as_people_do_and_is_never_silent_inside() -> None:
    sound = np.concatenate(list(StubTextToSpeech(0.0).speak("Order 4 5 6 7 has shipped.")))
    assert 1.0 < len(sound) / 8000 < 2.5
    assert np.abs(sound[: len(sound) // 80 * 80]).reshape(-1, 80).max(axis=1).min() > 500


def test_texts_that_share_words_are_alike() -> None:
    one, other, third = StubEmbedder().embed(["where is my order", "Where is my order?", "nine to five"])
    assert one @ other > 0.99
    assert one @ third < 0.4
    assert StubEmbedder().embed([]).shape[0] == 0


def results(**values: object) -> LoadResults:
    answers = (Answer(1, 300.0), Answer(4, 500.0), Answer(7, None), Answer(7, None, cut_off=True))
    call = Measured(20.0, 200, "", 100.0, answers, 1000, 0, 0)
    samples = (Sample(0.0, 0, {}), Sample(10.0, 4, {"workers": 1.0}), Sample(20.0, 4, {"workers": 3.0}))
    whole = {"load": Load(4, 1.0, 1.0), "calls": (call,), "samples": samples, "memory_mb": {"workers": 200.0},
             "processes": {"workers": 4}, "late_ticks": 0}  # fmt: skip
    return LoadResults(**{**whole, **values})  # type: ignore[arg-type]


def test_a_run_comes_to_figures_with_its_cost_per_call() -> None:
    found = {figure.name: figure for figure in figures(results())}
    assert found["load: calls up at once, most"].meets
    assert found["load: answers that never came"].value == 1
    assert found["load: caller cut off"].value == 25.0
    assert found["load: workers, per call"].value == 5.0
    assert found["load: a worker's own memory"].value == 50.0
    assert by_concurrency(results().calls) == [(5, 300.0, 500.0, 2)]


def test_the_page_of_a_run_stands_alone() -> None:
    text = page(results(), Results("abc", "a machine", figures(results())))
    assert "targets missed" in text
    assert "<polyline" in text
    assert 'src="' not in text


def test_a_service_for_a_load_has_cells_and_workers_enough() -> None:
    own = overrides(Load(10, 1.0, 1.0))
    assert own["sip"]["cells"] * 4 >= 10
    assert own["workers"]["most"] > 10
    assert own["stub"]["hears"].split("|") == list(LINES)
    assert "stt" not in overrides(Load(10, 1.0, 1.0, engines="real"))


def test_memory_that_lasts_is_what_was_written_and_not_a_mapped_file(tmp_path: Path) -> None:
    usage = Usage(os.getpid())
    before = usage.lasting().memory_mb
    weights = tmp_path / "weights"
    weights.write_bytes(b"w" * 32_000_000)
    os.sync()  # until it is on the disk, it counts as written
    with weights.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapped:
        assert sum(mapped[::4096])
        assert usage.lasting().memory_mb - before < 16
        written = bytearray(b"w" * 48_000_000)
        assert usage.lasting().memory_mb - before > 32
    assert len(written) == 48_000_000


def test_what_a_soak_holds_more_at_its_end_is_growth() -> None:
    held = [Lasting(100.0 + second, 50, 6) for second in range(9)]
    samples = [Sample(float(second), 4, {}, lasting) for second, lasting in enumerate(held)]
    memory, descriptors, processes = growth(samples)
    assert (memory.value, descriptors.value, processes.value) == (3.0, 0.0, 0.0)
    assert growth(samples[:2]) == ()


def test_of_an_overload_those_who_were_taken_and_those_who_were_not_are_told_apart() -> None:
    before, later = Answer(4, 400.0, at_s=10.0), Answer(4, 440.0, at_s=30.0)
    taken = Measured(20.0, 0, "", 100.0, (Answer(1, 90.0, at_s=1.0), before, later), 1000, 0, 0)
    refused = Measured(8.0, 503, "503 as many callers as can be talked with", None, (), 0, 0, 0)
    found = figures(results(load=Load(8, 1.0, 1.0, capacity=4), calls=(taken, refused, refused)))
    by_name = {figure.name.removeprefix("overload: "): figure for figure in found}
    assert by_name["calls offered for each that was taken"].value == 3.0
    assert by_name["calls taken that failed"].value == 0
    assert by_name["voice-to-voice latency p95 of those taken"].value == 440.0
    assert by_name["p95 before more came than could be taken"].value == 400.0
    assert by_name["p95 of those taken, against before"].value == 1.1
    assert by_name["INVITE to 503, p95"].meets


def test_at_first_no_more_calls_are_offered_than_can_be_held() -> None:
    over = Load(24, 1.0, 1.0, capacity=12)
    assert (over.places(10.0), over.places(30.0)) == (12, 24)
    assert Load(24, 1.0, 1.0).places(0.0) == 24
    assert [Load(24, 1.0, 1.0, alone_s=5.0).places(at_s) for at_s in (4.0, 6.0)] == [1, 24]


def test_the_most_conversations_are_those_before_the_first_that_broke_the_promise() -> None:
    def one(concurrent: int, latency_ms: float) -> Measured:
        return Measured(20.0, 0, "", 100.0, (Answer(concurrent, latency_ms),) * LEAST_ANSWERS, 1000, 0, 0)

    calls = [one(1, 500.0), one(4, 700.0), one(8, 1300.0), one(12, 900.0)]
    assert most_conversations(calls, 1200.0) == 5, "one call more or less counts, too"
    assert most_conversations(calls, 1500.0) == 13 - 1
    assert most_conversations([], 1200.0) == 0
