"""A call as a trace, received by a real OTLP receiver."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from voicegw.observe.otlp import CallTraces
from voicegw.outcomes.history import History
from voicegw.outcomes.record import (
    CallClosed,
    CallConcluded,
    CallOpened,
    CallPickedUp,
    ToolAnswered,
    TurnTaken,
    Waterfall,
)

pytestmark = pytest.mark.servers
CALL = "0af7651916cd43dd8448eb211c80319c"
FACTS = (
    CallOpened(CALL, 100.0, "+15550123456", "5000", "acme", 3),
    CallPickedUp(CALL, 100.1, 30.0, "PCMU"),
    TurnTaken(CALL, 0, 100.1, "", "Hello.", decided_by="greeting", waterfall=Waterfall(turn_decided=0.0)),
    TurnTaken(
        CALL, 1, 104.0, "where is my order", "Your number?", "status", confidence=0.9,
        waterfall=Waterfall(3400, 3600, 3700, 3800, 3805, 3850, 3880),
    ),
    ToolAnswered(CALL, 106.0, "t1", "shop.find", "reads", "failed", 250.0),
    CallConcluded(CALL, 109.0, "completed"),
    CallClosed(CALL, 110.0, "agent", 200, "OK"),
)  # fmt: skip


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """URL, and what was received."""
    got: list[ExportTraceServiceRequest] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            got.append(ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_call_is_one_trace_with_a_span_for_each_turn_and_stage(receiver):
    url, got = receiver
    traces = CallTraces(url, "here")
    traces.send(History(CALL).joined(FACTS))
    traces.close()
    spans = [span for request in got for resource in request.resource_spans for scope in resource.scope_spans
             for span in scope.spans]  # fmt: skip
    assert {span.trace_id.hex() for span in spans} == {CALL}
    by_id = {span.span_id: span for span in spans}
    (call,) = (span for span in spans if not span.parent_span_id)
    assert (call.name, call.start_time_unix_nano, call.end_time_unix_nano) == ("call", 100 * 10**9, 110 * 10**9)
    turns = [span for span in spans if span.name == "turn"]
    assert {by_id[span.parent_span_id].name for span in turns} == {"call"}
    stages = {span.name: span for span in spans if by_id.get(span.parent_span_id) in turns}
    assert list(stages) == [f"stage {name}" for name in ("pause", "transcript", "turn", "decision", "speech", "packet")]
    took_ms = {name: (span.end_time_unix_nano - span.start_time_unix_nano) / 1e6 for name, span in stages.items()}
    assert took_ms["stage transcript"] == pytest.approx(100, abs=0.01)
    assert stages["stage turn"].end_time_unix_nano == pytest.approx(104 * 10**9, abs=1e4)
    (tool,) = (span for span in spans if span.name == "tool")
    assert tool.status.code == 2, "ERROR"
    text = str(got)
    assert "where is my order" not in text
    assert "15550123456" not in text


def test_a_collector_that_is_away_holds_up_nothing():
    traces = CallTraces("http://127.0.0.1:9", "here")
    traces.send(History(CALL).joined(FACTS))
