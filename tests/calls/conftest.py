"""Real cells on loopback, with the test in the place of supervisor and workers.

Everything is pumped from the test's own thread: ``exchange.until(condition)`` reads all links, keeps what came,
and sends the heartbeats of the workers that live.
"""

import json
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import pytest

from voicegw.wire import link as wire_link
from voicegw.wire.link import Link
from voicegw.wire.messages import (
    RATE_HZ,
    AnswerCall,
    CallAnswered,
    CallProgressed,
    CallStarted,
    CallTurnedAway,
    CellReady,
    ConsultPerson,
    Frame,
    Heartbeat,
    Message,
    PlaceCall,
    Speech,
    SpeechEnded,
    WorkerAssigned,
    WorkerWanted,
)

Kind = TypeVar("Kind")
BEAT_S = 0.4
FINAL = {f"SIP/2.0 {hundreds}" for hundreds in "23456"}


class Mailbox:
    """A link and all that came on it."""

    def __init__(self, exchange: "Exchange", link: Link) -> None:
        self.exchange = exchange
        self.link = link
        self.got: list[Message] = []
        self.arrived: list[float] = []
        """Monotonic seconds, one for each of ``got``."""
        self.closed = False
        exchange.selector.register(link, selectors.EVENT_READ, self)

    def all(self, kind: type[Kind]) -> list[Kind]:
        return [message for message in self.got if isinstance(message, kind)]

    def expect(self, kind: type[Kind], timeout_s: float = 5.0, **values: Any) -> Kind:
        """The first message of ``kind`` with these values, waited for."""

        def matching() -> list[Kind]:
            return [m for m in self.all(kind) if all(getattr(m, name) == value for name, value in values.items())]

        assert self.exchange.until(lambda: bool(matching()), timeout_s), (
            f"no {kind.__name__} {values or ''}, but {[m for m in self.got if not isinstance(m, Frame)]}"
        )
        return matching()[0]

    def send(self, *messages: Message) -> None:
        for message in messages:
            assert self.link.send(message)

    def read(self) -> None:
        try:
            while (message := self.link.receive()) is not None:
                self.got.append(message)
                self.arrived.append(time.monotonic())
        except ConnectionError:
            self.close()

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.exchange.selector.unregister(self.link)
            self.link.close()


class End(Mailbox):
    """The worker's end of a call link: an agent's, or a test caller's."""

    def __init__(self, exchange: "Exchange", link: Link, *, beats: bool) -> None:
        super().__init__(exchange, link)
        self.beats = beats
        self._utterance = 0

    def answer(self) -> CallAnswered:
        self.send(AnswerCall())
        return self.expect(CallAnswered)

    def say(self, pcm: bytes) -> int:
        """Queue a whole utterance; returns its number."""
        self._utterance += 1
        for start in range(0, len(pcm), 64_000):
            self.send(Speech(self._utterance, pcm[start : start + 64_000]))
        self.send(SpeechEnded(self._utterance))
        return self._utterance

    def frames(self) -> list[Frame]:
        return self.all(Frame)

    def heard(self) -> np.ndarray:
        """Samples that came from the other side, from the first frame on."""
        return np.frombuffer(b"".join(frame.heard for frame in self.frames()), dtype="<i2").astype(float)

    def wait_frames(self, more: int, timeout_s: float = 10.0) -> None:
        wanted = len(self.frames()) + more
        assert self.exchange.until(lambda: len(self.frames()) >= wanted, timeout_s), "frames stopped"


class Cell(Mailbox):
    """A cell process, and its cell link."""

    def __init__(self, exchange: "Exchange", *options: str, secrets: dict[str, Any] | None = None) -> None:
        ours, theirs = wire_link.pair()
        options = (*options, "--secrets") if secrets else options
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115 (open as long as the cell runs)
        command = [sys.executable, "-m", "voicegw.gateway.cell", "--link-fd", str(theirs.fileno()), *options]
        self.process = subprocess.Popen(
            command, pass_fds=(theirs.fileno(),), stdin=subprocess.PIPE, stderr=self.log.fileno()
        )
        assert self.process.stdin
        self.process.stdin.write(json.dumps(secrets or {}).encode())
        self.process.stdin.close()
        theirs.close()
        super().__init__(exchange, ours)
        self.workers = 0
        self.placed = 0
        self.taken = 0

    @property
    def port(self) -> int:
        return self.expect(CellReady, 10.0).sip_port

    @property
    def uri(self) -> str:
        return f"sip:4711@127.0.0.1:{self.port}"

    def dial(self, uri: str, **values: Any) -> "Placed":
        """Place a call."""
        self.placed += 1
        ours, theirs = wire_link.pair()
        order = PlaceCall(f"placed-{self.placed}", uri, **values)
        assert self.link.send(order, [theirs.sock])
        theirs.close()
        return Placed(End(self.exchange, ours, beats=False), self, order.call_id)

    def waiting(self) -> list[WorkerWanted]:
        """Calls (and calls that lost their worker) that nobody has taken yet and that are not over."""
        over = {message.call_id for message in self.all(CallProgressed) if message.state == "ended"}
        return [wanted for wanted in self.all(WorkerWanted)[self.taken :] if wanted.call_id not in over]

    def wanted(self) -> WorkerWanted:
        """The next of them, waited for."""
        found = self.exchange.until(lambda: bool(self.waiting()))
        assert found, f"no call came: {self.got}"
        wanted = self.waiting()[0]
        self.taken = self.all(WorkerWanted).index(wanted, self.taken) + 1
        return wanted

    def give_worker(self, wanted: WorkerWanted, *, beats: bool = True) -> End:
        """As the supervisor does."""
        self.workers += 1
        ours, theirs = wire_link.pair()
        assert self.link.send(WorkerAssigned(wanted.call_id, self.workers, "acme", 3), [theirs.sock])
        theirs.close()
        return End(self.exchange, ours, beats=beats)

    def take_call(self) -> End:
        end = self.give_worker(self.wanted())
        end.expect(CallStarted)
        return end

    def turn_away(self, sip_status: int, reason: str, retry_after_s: int | None = None) -> None:
        self.send(CallTurnedAway(self.wanted().call_id, sip_status, reason, retry_after_s))

    def ended(self, call_id: str = "", timeout_s: float = 5.0) -> dict[str, Any]:
        """Facts of the call's end; of the first that ended if not named."""
        values = {"state": "ended"} | ({"call_id": call_id} if call_id else {})
        return self.expect(CallProgressed, timeout_s, **values).facts

    def log_lines(self) -> list[str]:
        """What it has logged so far."""
        self.log.seek(0)
        return self.log.read().splitlines()

    def stop(self) -> None:
        self.close()  # a cell without supervisor ends by itself
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        print(*self.log_lines(), sep="\n")  # shown by pytest where a test failed
        self.log.close()


@dataclass
class Placed:
    """An outbound call of a test."""

    end: End
    cell: Cell
    call_id: str

    def progress(self, state: str, timeout_s: float = 5.0) -> dict[str, Any]:
        return self.cell.expect(CallProgressed, timeout_s, call_id=self.call_id, state=state).facts


@dataclass
class Exchange:
    """All cells and links of a test."""

    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    cells: list[Cell] = field(default_factory=list)
    _beat_at: float = 0.0

    def cell(self, *options: str, secrets: dict[str, Any] | None = None) -> Cell:
        self.cells.append(Cell(self, *options, secrets=secrets))
        return self.cells[-1]

    def until(self, condition: Callable[[], bool], timeout_s: float = 5.0) -> bool:
        """Read everything until ``condition`` holds; False if it does not in time."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            now = time.monotonic()
            if now > deadline:
                return False
            for key, _ in self.selector.select(min(0.1, deadline - now)):
                key.data.read()
            self._beat(now)
        return True

    def pass_time(self, seconds: float) -> None:
        """Keep everything going for a while (for what must not happen, or must last)."""
        self.until(lambda: False, seconds)

    def talk(self, gateway: Cell, phone: Cell, **values: Any) -> tuple[End, "Placed"]:
        """An answered call between two cells: the agent's end and the caller's."""
        placed = phone.dial(gateway.uri, **values)
        agent = gateway.take_call()
        agent.answer()
        placed.end.expect(CallAnswered)
        return agent, placed

    def consult(self, agent: End, target: str, **values: Any) -> End:
        """Call a person on behalf of the caller ``agent`` talks with: the worker's end of that call."""
        ours, theirs = wire_link.pair()
        assert agent.link.send(ConsultPerson("person-1", target, **values), [theirs.sock])
        theirs.close()
        return End(self, ours, beats=False)

    def _beat(self, now: float) -> None:
        if now < self._beat_at:
            return
        self._beat_at = now + BEAT_S
        for key in list(self.selector.get_map().values()):
            if isinstance(key.data, End) and key.data.beats:
                try:
                    key.data.link.send(Heartbeat())
                except OSError:
                    key.data.beats = False


class RawPhone:
    """A UDP socket that speaks SIP word for word, for what no decent user agent would send. One call at a time."""

    def __init__(self, exchange: Exchange, port: int) -> None:
        self.exchange = exchange
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.connect(("127.0.0.1", port))
        self.port: int = self.sock.getsockname()[1]
        self.number = "4711"
        """What it dials."""
        self.media = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.media.bind(("127.0.0.1", 0))
        self.got: list[str] = []
        """All that came, oldest first."""
        self.call = 0
        self.cseq = 0
        self.branch = 0
        self.to_tag = ""
        self.target = ""
        """Their Contact, once there is a dialog (RFC 3261 §12.2.1.1)."""
        self.route = ""
        """Through the proxies that asked for it."""
        self.sock.setblocking(False)
        self.answers = {"REFER": "202 Accepted"}
        """To requests; 200 OK to those not named."""
        exchange.selector.register(self.sock, selectors.EVENT_READ, self)

    def request(self, method: str, headers: str = "", body: str = "") -> str:
        """A request in the present dialog, if there is one, else for a new one."""
        self.branch += 1
        self.cseq += method != "ACK" and method != "CANCEL"
        return (
            f"{method} {self.target or f'sip:{self.number}@127.0.0.1'} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch={self._branch(method)}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:raw@127.0.0.1>;tag=raw{self.call}\r\n"
            f"To: <sip:{self.number}@127.0.0.1>{self.to_tag}\r\n"
            f"Call-ID: {self.call}-{self.port}@raw\r\nCSeq: {self.cseq} {method}\r\n"
            f"Contact: <sip:raw@127.0.0.1:{self.port}>\r\n{self.route}{headers}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def _branch(self, method: str) -> str:
        if method == "INVITE":
            self.invite_branch = self.branch
        number = self.invite_branch if method == "CANCEL" else self.branch  # RFC 3261 §9.1
        return f"z9hG4bK{number}x{self.port}"

    def new_call(self) -> None:
        self.call += 1
        self.cseq = 0
        self.to_tag = self.target = self.route = ""

    def sdp(self, extra: str = "", connection: str = "127.0.0.1", formats: str = "0 101") -> str:
        events = "a=rtpmap:101 telephone-event/8000\r\n" if "101" in formats else ""
        return (
            f"v=0\r\no=- 1 {self.branch + 1} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 {connection}\r\nt=0 0\r\n"
            f"m=audio {self.media.getsockname()[1]} RTP/AVP {formats}\r\n"
            f"{events}{extra}"
        )

    def send(self, message: str | bytes) -> None:
        self.sock.send(message if isinstance(message, bytes) else message.encode())

    def send_sdp(self, method: str, sdp: str, headers: str = "") -> None:
        self.send(self.request(method, f"{headers}Content-Type: application/sdp\r\n", sdp))

    def ask(self, method: str, headers: str = "", sdp: str | None = None, timeout_s: float = 5.0) -> str:
        """Send a request and return its final response; an INVITE's is acknowledged.

        What crosses another INVITE's ACK (a proxy may change their order) is sent again, as RFC 3261 §14.1 has it.
        """
        while (response := self._ask_once(method, headers, sdp, timeout_s)).startswith("SIP/2.0 491 "):
            self.exchange.pass_time(0.1)
        return response

    def _ask_once(self, method: str, headers: str, sdp: str | None, timeout_s: float) -> str:
        seen = len(self.got)
        if sdp is None:
            self.send(self.request(method, headers))
        else:
            self.send_sdp(method, sdp, headers)
        response = self.final(f"{self.cseq} {method}", seen, timeout_s)
        if method == "INVITE":
            self.acknowledge(response)
        return response

    def acknowledge(self, response: str) -> None:
        """ACK; a 2xx makes a dialog, and its ACK goes the dialog's way (RFC 3261 §13.2.2.4)."""
        tag = _header(response, "To")[0].partition(";tag=")[2]
        before = self.to_tag
        self.to_tag = f";tag={tag}"
        if response.startswith("SIP/2.0 2"):
            self.target = _header(response, "Contact")[0].partition("<")[2].partition(">")[0]
            proxies = [uri for line in _header(response, "Record-Route") for uri in line.split(",")]
            self.route = "".join(f"Route: {uri.strip()}\r\n" for uri in reversed(proxies))
        self.send(self.request("ACK"))
        self.to_tag = self.to_tag if self.target else before

    def final(self, cseq: str, seen: int = 0, timeout_s: float = 5.0) -> str:
        def finals() -> list[str]:
            return [text for text in self.got[seen:] if text[:9] in FINAL and f"CSeq: {cseq}\r\n" in text]

        assert self.exchange.until(lambda: bool(finals()), timeout_s), f"no final response, but {self.got[seen:]}"
        return finals()[0]

    def their_rtp_port(self) -> int:
        """Where the gateway wants our audio."""
        answer = next(text for text in reversed(self.got) if "m=audio " in text)
        return int(answer.partition("m=audio ")[2].split(" ", 1)[0])

    def requests(self, method: str) -> list[str]:
        """Those the gateway sent us (they have been answered)."""
        return [text for text in self.got if text.startswith(f"{method} ")]

    def read(self) -> None:
        while True:
            try:
                text = self.sock.recv(65_535).decode("latin-1")
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                continue
            self.got.append(text)
            method = text.split(" ", 1)[0]
            if method not in ("SIP/2.0", "ACK"):
                self._respond(text, self.answers.get(method, "200 OK"))

    def _respond(self, request: str, status: str) -> None:
        kept = [
            line for line in request.split("\r\n") if line.startswith(("Via:", "From:", "To:", "Call-ID:", "CSeq:"))
        ]
        self.send(
            "\r\n".join(
                (f"SIP/2.0 {status}", *kept, f"Contact: <sip:raw@127.0.0.1:{self.port}>", "Content-Length: 0\r\n\r\n")
            )
        )

    def talk(self, gateway: Cell, sdp: str | None = None) -> End:
        """Call the gateway and be answered; returns the agent's end."""
        self.new_call()
        seen = len(self.got)
        self.send_sdp("INVITE", self.sdp() if sdp is None else sdp)
        agent = gateway.take_call()
        agent.send(AnswerCall())
        self.acknowledge(self.final(f"{self.cseq} INVITE", seen))
        agent.expect(CallAnswered)
        return agent


def _header(message: str, name: str) -> list[str]:
    """Values of a header, topmost first."""
    return [line.partition(":")[2].strip() for line in message.split("\r\n") if line.startswith(f"{name}:")]


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    made = Exchange()
    try:
        yield made
    finally:
        for cell in made.cells:
            cell.stop()


@pytest.fixture
def raw_phone(exchange: Exchange) -> Callable[[Cell], RawPhone]:
    return lambda gateway: RawPhone(exchange, gateway.port)


@dataclass(frozen=True)
class Tone:
    """A sound that is easy to find again."""

    hz: float = 440.0
    level: float = 8000.0

    def samples(self, seconds: float) -> bytes:
        at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
        return (self.level * np.sin(2 * np.pi * self.hz * at)).astype("<i2").tobytes()

    def seconds_in(self, heard: np.ndarray) -> float:
        """How long it sounds in ``heard``, to 5 ms."""
        blocks = heard[: len(heard) // 40 * 40].reshape(-1, 40)
        return float((np.sqrt((blocks**2).mean(axis=1)) > self.level / 4).sum() * 0.005)


@pytest.fixture
def tone() -> Tone:
    return Tone()
