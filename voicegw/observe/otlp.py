"""Sends calls as OpenTelemetry traces, by OTLP over HTTP; needs the extra ``otel``."""

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import RandomIdGenerator, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status, StatusCode, Tracer, set_span_in_context

from voicegw import __version__
from voicegw.observe import traces
from voicegw.observe.traces import Span
from voicegw.outcomes.history import History

NS = 1_000_000_000
MOST_WAITING_SPANS = 8_192
"""While the collector is away; then the oldest go: a trace is no record."""
TIMEOUT_S = 5


class _Ids(RandomIdGenerator):
    """Gives the next trace its call's id."""

    def __init__(self) -> None:
        self.call_id = ""

    def generate_trace_id(self) -> int:
        try:
            return int(self.call_id, 16) or super().generate_trace_id()
        except ValueError:  # not of this gateway's making
            return super().generate_trace_id()


class CallTraces:
    """To one collector; sending happens in a thread of its own.

    :param url: the collector's OTLP endpoint for HTTP, without path: ``http://127.0.0.1:4318``.
    """

    def __init__(self, url: str, machine: str) -> None:
        self._ids = _Ids()
        resource = Resource.create(
            {"service.name": "voicegw", "service.version": __version__, "service.instance.id": machine}
        )
        exporter = OTLPSpanExporter(f"{url.rstrip('/')}/v1/traces", timeout=TIMEOUT_S)
        self._provider = TracerProvider(resource=resource, id_generator=self._ids, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=MOST_WAITING_SPANS))
        self._tracer = self._provider.get_tracer("voicegw")

    def send(self, history: History) -> None:
        """A call that is over, soon."""
        self._ids.call_id = history.call_id
        _make(self._tracer, traces.of_call(history))

    def close(self) -> None:
        """Send what waits, for seconds at most."""
        self._provider.shutdown()


def _make(tracer: Tracer, span: Span, parent: object = None) -> None:
    context = set_span_in_context(parent) if parent is not None else None  # type: ignore[arg-type]
    made = tracer.start_span(span.name, context, attributes=span.attributes, start_time=round(span.began_at * NS))
    if span.failed:
        made.set_status(Status(StatusCode.ERROR))
    for each in span.inside:
        _make(tracer, each, made)
    made.end(round(span.ended_at * NS))
