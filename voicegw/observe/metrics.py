"""The metrics, in one registry of the service's long-lived process.

Workers come and go; what they have to tell reaches this process as facts, so counters only ever grow with it.
"""

from collections.abc import Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from voicegw.observe.machine import MachineState
from voicegw.observe.rules import Alert
from voicegw.outcomes.record import CallPickedUp, ToolAnswered, TransferTried, TurnTaken, WorkerReplaced
from voicegw.outcomes.rows import CallRow
from voicegw.outcomes.show import stages_of

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_WAITS_S = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 3.0, 5.0)
"""Bounds of what a caller waits for; the promises (0.9 s, 1.2 s) are among them."""
_SETUP_S = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_TALK_S = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
_SHARES = (0.0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
_CONFIDENCES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_BY_VERSION = ("dialplan", "version")


class Metrics:
    """All of one service. Belongs to its event loop."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._started = self._counter("calls_started", "Calls that came in.", _BY_VERSION)
        self._ended = self._counter("calls_ended", "Calls that are over, by how they ended.", (*_BY_VERSION, "outcome"))
        self._setup = self._histogram("call_setup_seconds", "INVITE to 200 OK.", (), _SETUP_S)
        self._talk = self._histogram("call_talk_seconds", "Answer to end.", ("dialplan",), _TALK_S)
        self._turns = self._counter("turns", "Turns taken, by what decided the answer.", (*_BY_VERSION, "decided_by"))
        self._no_match = self._counter("turns_no_match", "Turns whose words were not understood.", _BY_VERSION)
        self._barge_ins = self._counter("barge_ins", "Replies that the caller cut short.", _BY_VERSION)
        self._speculated = self._counter("turns_speculated", "Replies that had been prepared ahead.", _BY_VERSION)
        self._cached = self._counter("turns_cached", "Replies whose first clause had been spoken before.", _BY_VERSION)
        self._latency = self._histogram(
            "turn_latency_seconds", "The caller's last voice to the agent's first packet.", _BY_VERSION, _WAITS_S
        )
        self._stage = self._histogram("turn_stage_seconds", "What each stage of that wait cost.", ("stage",), _WAITS_S)
        self._confidence = self._histogram(
            "transcript_confidence", "How sure the ears were of a turn, 0 to 1.", ("dialplan",), _CONFIDENCES
        )
        self._tools = self._counter("tool_results", "What tools answered.", ("tool", "effect", "status"))
        self._tool_took = self._histogram("tool_seconds", "How long a tool took.", ("tool",), _WAITS_S)
        self._transfers = self._counter("transfers", "Attempts to give a caller to a person.", ("dialplan", "result"))
        self._workers_lost = self._counter("workers_lost", "Workers lost in the middle of a call.", ("how",))
        self._jitter = self._histogram("line_jitter_seconds", "Mean jitter of each call's line.", (), _SETUP_S)
        self._loss = self._histogram("line_loss_ratio", "Share of each call's packets that never came.", (), _SHARES)
        self._packets = self._counter("line_packets", "RTP packets of calls that are over.", ("what",))
        self._late = self._counter("line_late_frames", "20 ms frames that a cell played late.", ())

    def text(self) -> str:
        """Prometheus's text format."""
        return generate_latest(self.registry).decode()

    def watch(self, state: "MachineGauges") -> None:
        """Show these too."""
        self.registry.register(state)

    # --- what happened ------------------------------------------------------------------------------------------

    def call_started(self, dialplan: str, version: int) -> None:
        """An INVITE arrived."""
        self._started.labels(dialplan, str(version)).inc()

    def call_answered(self, fact: CallPickedUp) -> None:
        """200 OK was sent."""
        self._setup.observe(fact.setup_ms / 1000)

    def call_ended(self, row: CallRow) -> None:
        """All is known of it that will be."""
        dialplan = row.dialplan or ""
        self._ended.labels(dialplan, str(row.version or 0), row.disposition or "failed").inc()
        if row.talk_s is not None:
            self._talk.labels(dialplan).observe(max(0.0, row.talk_s))
        if row.jitter_ms is not None and row.rtp_received:
            self._jitter.observe(row.jitter_ms / 1000)
            self._loss.observe((row.rtp_lost or 0) / (row.rtp_received + (row.rtp_lost or 0)))
        for what, count in (("sent", row.rtp_sent), ("received", row.rtp_received), ("lost", row.rtp_lost)):
            self._packets.labels(what).inc(count or 0)
        self._late.inc(row.late_frames or 0)

    def turn_taken(self, dialplan: str, version: int, turn: TurnTaken) -> None:
        """It is over."""
        labels = (dialplan, str(version))
        self._turns.labels(*labels, turn.decided_by).inc()
        for counter, happened in (
            (self._no_match, turn.no_match),
            (self._barge_ins, turn.interrupted),
            (self._speculated, turn.speculated),
            (self._cached, turn.cached),
        ):
            counter.labels(*labels).inc(happened)
        if turn.confidence is not None:
            self._confidence.labels(dialplan).observe(turn.confidence)
        wait = turn.waterfall.wait_ms
        if wait is not None:
            self._latency.labels(*labels).observe(wait / 1000)
            for stage, cost_ms in stages_of(turn.waterfall):
                self._stage.labels(stage.name).observe(cost_ms / 1000)

    def tool_answered(self, fact: ToolAnswered) -> None:
        """Or failed."""
        self._tools.labels(fact.tool, fact.effect, fact.status).inc()
        self._tool_took.labels(fact.tool).observe(fact.took_ms / 1000)

    def transfer_tried(self, dialplan: str, fact: TransferTried) -> None:
        """It began, or it failed."""
        self._transfers.labels(dialplan, "failed" if fact.sip_status else "begun").inc()

    def worker_lost(self, fact: WorkerReplaced) -> None:
        """In the middle of a call."""
        self._workers_lost.labels("hung" if fact.hung else "died").inc()

    def _counter(self, name: str, what: str, labels: Sequence[str]) -> Counter:
        return Counter(f"voicegw_{name}", what, labels, registry=self.registry)

    def _histogram(self, name: str, what: str, labels: Sequence[str], bounds: Sequence[float]) -> Histogram:
        return Histogram(f"voicegw_{name}", what, labels, buckets=bounds, registry=self.registry)


class MachineGauges(Collector):
    """The machine's state, read at every look."""

    def __init__(self) -> None:
        self.state = MachineState("")
        self.alerts: list[Alert] = []

    def collect(self) -> Iterator[Metric]:
        """All gauges."""
        state = self.state
        yield _gauge("calls", "Calls in progress.", "state", {"ringing": state.ringing, "talking": state.talking})
        workers = {"ready": state.workers_ready, "busy": state.workers_busy, "starting": state.workers_starting}
        yield _gauge("workers", "Worker processes.", "state", workers)
        yield _gauge("workers_most", "Worker processes there may be.", "", {"": state.workers_most})
        up = {"up": len(state.cells), "missing": state.cells_wanted - len(state.cells)}
        yield _gauge("cells", "SIP processes.", "state", up)
        calls = {str(cell.number): cell.calls for cell in state.cells}
        yield _gauge("cell_calls", "Calls of each cell.", "cell", calls)
        places = {str(cell.number): cell.places for cell in state.cells}
        yield _gauge("cell_places", "Calls that each cell can hold.", "cell", places)
        yield _gauge("free_slots", "Calls that could be taken now; what to scale on.", "", {"": state.free_slots})
        yield _gauge("draining", "1 while the service takes no new calls.", "", {"": state.draining})
        yield _gauge("easing", "Step of the overload ladder: 1 no speculation, 2 no language model, 3 keys, 4 503.", "",
                     {"": state.easing})  # fmt: skip
        yield _gauge("capacity", "Conversations with which the promise is kept; 0: not measured.", "",
                     {"": state.capacity})  # fmt: skip
        yield _gauge("late_ms", "How late sound reaches the workers.", "", {"": state.late_ms})
        yield _gauge("turned_away", "Calls answered 503 by the overload ladder, since the start.", "",
                     {"": state.turned_away})  # fmt: skip
        servers = {"redis": state.redis_up, "database": state.database_up}
        yield _gauge("server_up", "1 for a server that answers.", "server", servers)
        yield _gauge("trunk_up", "1 for a trunk that answers.", "trunk", dict(state.trunks))
        yield _gauge("spool_bytes", "Facts on disk that wait for Redis.", "", {"": state.spool_bytes})
        yield _gauge("recorder_lag_entries", "Facts that are no rows yet.", "", {"": state.lag_entries})
        yield _gauge("recorder_lag_seconds", "Age of the oldest of them.", "", {"": state.lag_s})
        alerts = GaugeMetricFamily("voicegw_alert", "1 for an alert that holds.", labels=["rule", "subject"])
        for alert in self.alerts:
            alerts.add_metric([alert.rule, alert.subject], 1.0)
        yield alerts
        yield _gauge("recorder_poisoned", "Facts that could be no row, since the start.", "", {"": state.poisoned})


def _gauge(name: str, what: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"voicegw_{name}", what, labels=[label] if label else [])
    for key, value in values.items():
        family.add_metric([key] if label else [], float(value))
    return family
