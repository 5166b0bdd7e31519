"""What we read from the headers of a SIP request: who calls whom, and what the trunk tells about the call."""

import re
from collections.abc import Mapping
from urllib.parse import quote

MOST_HEADERS = 32
MOST_VALUE_CHARS = 512
"""Header values go into logs, prompts and databases: one packet can be 64 kB."""
MACHINE_REFUSES = "X-Voicegw-Machine-Refuses"
"""In a refusal, between a cell and the edge before it: the other cells of the machine would say the same."""

_ADDRESS = re.compile(r"^\s*(?:\"(?:[^\"\\]|\\.)*\"\s*|[^<\"]*)<([^>]*)>|^\s*([^;,\s]+)")
_USER = re.compile(r"^(?:sips?:(?:([^@;?]*)@)?|tel:([^;?]*))", re.IGNORECASE)
_HOST = re.compile(r"^sips?:(?:[^@;?]*@)?([^;?]*)", re.IGNORECASE)
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_DIALABLE = re.compile(r"(sips?:([^\s@<>]+@)?[^\s@<>]+|tel:[^\s@<>]+)", re.IGNORECASE)
_KEY = re.compile(r"\s*(?:Signal\s*=\s*)?([0-9*#A-Da-d])\s*(?:\r?\n|$)", re.IGNORECASE)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")


def unfolded(message: str) -> list[tuple[str, str]]:
    """Name and value of each header of ``message``, in order, folded lines joined (RFC 3261 §7.3.1)."""
    head = re.split(r"\r?\n\r?\n", message, maxsplit=1)[0]
    lines = re.sub(r"\r?\n[ \t]+", " ", head).splitlines()[1:]
    pairs = (line.partition(":") for line in lines if ":" in line)
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def first(message: str, *names: str) -> str:
    """Value of the first header that has one of ``names`` (give long and compact forms), or empty."""
    wanted = {name.lower() for name in names}
    return next((value for name, value in unfolded(message) if name.lower() in wanted), "")


def context(message: str) -> dict[str, str]:
    """``X-…`` and ``User-to-User`` (RFC 7433) headers: what the other side wants us to know about the call."""
    found: dict[str, str] = {}
    for name, value in unfolded(message):
        if name.lower().startswith("x-") or name.lower() == "user-to-user":
            found.setdefault(name, _UNSAFE.sub("", value)[:MOST_VALUE_CHARS])
        if len(found) == MOST_HEADERS:
            break
    return found


def plain_dtmf(message: str) -> str:
    """The key in an ``application/dtmf`` body: the digit alone, or after ``Signal=``. Empty if it is no such."""
    if first(message, "Content-Type", "c").partition(";")[0].strip().lower() != "application/dtmf":
        return ""
    body = re.split(r"\r?\n\r?\n", message, maxsplit=1)[-1]
    match = _KEY.match(body)
    return match.group(1).upper() if match else ""


def uri(address: str) -> str:
    """The URI in a name-addr or addr-spec (RFC 3261 §20.10), without header parameters."""
    match = _ADDRESS.match(address)
    return (match.group(1) or match.group(2) or "") if match else ""


def is_address(text: str) -> bool:
    """Can a call go there: a SIP or tel URI, alone or as a name-addr?"""
    return bool(_DIALABLE.fullmatch(uri(text)))


def is_number(text: str) -> bool:
    """Only digits, ``*`` and ``#``, and perhaps a plus before them."""
    return bool(re.fullmatch(r"\+?[0-9*#]+", text))


def host(address: str) -> str:
    """Host and port of a SIP address; empty if there is none."""
    match = _HOST.match(uri(address))
    return match.group(1) if match else ""


def with_user_to_user(target: str, headers: Mapping[str, str]) -> str:
    """``target`` of a REFER, so that whoever follows it passes ``User-to-User`` on (RFC 7433 §3, RFC 3261 §19.1.1)."""
    value = headers.get("User-to-User", "")
    if not value or "?" in target or not target.startswith(("sip:", "sips:")):
        return target
    return f"{target}?User-to-User={quote(value, safe='')}"


def user(address: str) -> str:
    """User part of an address, unescaped: the number that called or was called. Empty if there is none."""
    match = _USER.match(uri(address))
    if not match:
        return ""
    escaped = match.group(1) or match.group(2) or ""
    without_password = escaped.partition(":")[0]
    return _UNSAFE.sub("", _ESCAPED.sub(lambda m: chr(int(m.group(1), 16)), without_password))[:128]


def caller(message: str) -> str:
    """Who calls. A trunk that asserts an identity (RFC 3325) is believed before From."""
    for name in (("P-Asserted-Identity",), ("Remote-Party-ID",), ("From", "f")):
        found = user(first(message, *name))
        if found:
            return found
    return ""


def callee(message: str) -> str:
    """The number that was dialled: the request's URI, or To when that has no user part."""
    request_line = message.split("\r\n", 1)[0].split(" ")
    target = user(f"<{request_line[1]}>") if len(request_line) >= 3 else ""
    return target or user(first(message, "To", "t"))
