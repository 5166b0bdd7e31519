"""The few SIP messages of a load caller, as text and back (RFC 3261). Pure."""

import re
from dataclasses import dataclass, replace

CRLF = "\r\n"
_STATUS = re.compile(r"SIP/2\.0 (\d{3}) ?(.*)")
_REQUEST = re.compile(r"([A-Z]+) \S+ SIP/2\.0")
_AUDIO = re.compile(r"^m=audio (\d+) ", re.MULTILINE)
_CONNECTION = re.compile(r"^c=IN IP4 (\S+)", re.MULTILINE)
_ADDRESS = re.compile(r"<[^>]*>[^,]*")


@dataclass(frozen=True)
class Dialog:
    """One call's names; ``to_tag`` and ``target`` are the other side's, once it has answered."""

    call_id: str
    number: str
    host: str
    port: int
    """The other side's."""
    our_port: int
    rtp_port: int
    to_tag: str = ""
    target: str = ""
    routes: tuple[str, ...] = ()
    """Of proxies on the way, ours first (RFC 3261 §12.1.2)."""

    def answered(self, message: "Incoming") -> "Dialog":
        """With what a 2xx says."""
        return replace(self, to_tag=message.to_tag, target=message.contact, routes=message.routes)


@dataclass(frozen=True)
class Incoming:
    """A message that came."""

    call_id: str
    method: str
    """Of a request; empty for a response."""
    status: int
    """Of a response; 0 for a request."""
    reason: str
    cseq_method: str
    to_tag: str
    contact: str
    routes: tuple[str, ...]
    """Its Record-Route, as who sent the request has to use it: the other way round."""
    text: str

    @property
    def media(self) -> tuple[str, int] | None:
        """Where its SDP wants audio."""
        audio, connection = _AUDIO.search(self.text), _CONNECTION.search(self.text)
        return (connection[1], int(audio[1])) if audio and connection else None


def parse(data: bytes) -> Incoming | None:
    """A message, or None for what is none."""
    text = data.decode("utf-8", "replace").replace(CRLF, "\n")
    head = text.partition("\n")[0]
    response, request = _STATUS.match(head), _REQUEST.match(head)
    if not response and not request:
        return None
    return Incoming(
        call_id=_header(text, "Call-ID", "i"),
        method=request[1] if request else "",
        status=int(response[1]) if response else 0,
        reason=response[2] if response else "",
        cseq_method=_header(text, "CSeq").rpartition(" ")[2],
        to_tag=_header(text, "To", "t").partition(";tag=")[2].partition(";")[0],
        contact=_header(text, "Contact", "m").partition("<")[2].partition(">")[0],
        routes=tuple(reversed(_ADDRESS.findall(",".join(_headers(text, "Record-Route"))))),
        text=text,
    )


def invite(dialog: Dialog) -> bytes:
    """With an offer of mu-law and telephone events."""
    sdp = CRLF.join(
        (
            "v=0", "o=load 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
            f"m=audio {dialog.rtp_port} RTP/AVP 0 101", "a=rtpmap:0 PCMU/8000", "a=rtpmap:101 telephone-event/8000", "",
        )
    )  # fmt: skip
    return _request(dialog, "INVITE", 1, "Content-Type: application/sdp", sdp)


def ack(dialog: Dialog) -> bytes:
    """Of a 2xx."""
    return _request(dialog, "ACK", 1)


def ack_of_refusal(dialog: Dialog, refusal: Incoming) -> bytes:
    """Of a final response that is none; in the INVITE's transaction (RFC 3261 §17.1.1.3)."""
    return _request(replace(dialog, to_tag=refusal.to_tag), "ACK", 1, branch="INVITE")


def bye(dialog: Dialog) -> bytes:
    """The end of it."""
    return _request(dialog, "BYE", 2)


def ok(request: Incoming) -> bytes:
    """200 to a request."""
    names = ("Via:", "From:", "To:", "Call-ID:", "CSeq:", "Record-Route:")
    kept = [line for line in request.text.split("\n") if line.startswith(names)]
    return (CRLF.join(("SIP/2.0 200 OK", *kept, "Content-Length: 0")) + CRLF + CRLF).encode()


def _request(dialog: Dialog, method: str, cseq: int, header: str = "", body: str = "", branch: str = "") -> bytes:
    address = f"sip:{dialog.number}@{dialog.host}:{dialog.port}"
    tag = f";tag={dialog.to_tag}" if dialog.to_tag else ""
    lines = [
        f"{method} {dialog.target or address} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:{dialog.our_port};branch=z9hG4bK{dialog.call_id}{branch or method}",
        f"From: <sip:load@127.0.0.1:{dialog.our_port}>;tag={dialog.call_id[:8]}",
        f"To: <{address}>{tag}",
        f"Call-ID: {dialog.call_id}",
        f"CSeq: {cseq} {method}",
        f"Contact: <sip:load@127.0.0.1:{dialog.our_port}>",
        "Max-Forwards: 70",
        *(f"Route: {route}" for route in dialog.routes),
        *([header] if header else []),
        f"Content-Length: {len(body)}",
    ]
    return (CRLF.join(lines) + CRLF + CRLF + body).encode()


def _header(text: str, *names: str) -> str:
    return next(iter(_headers(text, *names)), "")


def _headers(text: str, *names: str) -> list[str]:
    """Values of all headers of this name, short forms among them."""
    wanted = [each.casefold() for each in names]
    lines = (line.partition(":") for line in text.split("\n"))
    return [value.strip() for name, _, value in lines if name.strip().casefold() in wanted]
