"""Ports, looked at before PJSIP takes them: it starts half when one is busy, and logs instead of raising."""

import os
import random
import socket
from pathlib import Path

from voicegw.errors import PortBusy, SettingsError

RTP_PORTS = 20
"""Ports from the first RTP port on that a cell may use: two per call, and some to pass over when taken."""
_CHOICE = range(20_000, 30_000, RTP_PORTS)
_MOST_TRIES = 50
"""To find a port that is free by UDP and TCP."""


def why_not_bound(host: str, port: int, *, tcp: bool = False) -> str:
    """Empty if ``port`` is free by UDP (and TCP), else the system's word for why it is not."""
    try:
        _bind(host, port, tcp=tcp)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def sip_port(host: str, port: int, *, tcp: bool = False) -> int:
    """``port`` if nobody listens there by UDP (and TCP), or a free one for 0.

    :raises PortBusy: it is taken, or the address is not of this machine.
    """
    reason = ""
    for _ in range(1 if port else _MOST_TRIES):
        try:
            return _bind(host, port, tcp=tcp)
        except OSError as error:
            reason = error.strerror or str(error)
    raise PortBusy(
        f"SIP port {host}:{port}/{'udp and tcp' if tcp else 'udp'} cannot be used ({reason}): "
        "stop what listens there, or choose another with --sip-port (0 finds a free one)"
    )


def _bind(host: str, port: int, *, tcp: bool) -> int:
    """The port that could be bound, and is free again.

    :raises OSError: it could not.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as stream:
        udp.bind((host, port))
        bound: int = udp.getsockname()[1]
        if tcp:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            stream.bind((host, bound))
        return bound


def rtp_port(host: str, port: int) -> int:
    """``port``, or for 0 the beginning of a range that looks free."""
    if port:
        return port + port % 2  # RFC 3550 §11: RTP on the even port
    for base in random.sample(_CHOICE, len(_CHOICE)):
        if not any(why_not_bound(host, base + offset) for offset in range(RTP_PORTS)):
            return base
    raise PortBusy(f"no free UDP ports for RTP on {host} between {_CHOICE.start} and {_CHOICE.stop}")


def address_of(host: str) -> str:
    """IPv4 address of a host that we are to advertise.

    :raises SettingsError: its name means nothing here.
    """
    try:
        return socket.gethostbyname(host)
    except OSError as error:
        raise SettingsError(f"public host {host!r} has no address ({error}): give an IPv4 address") from None


def descriptor(port: int) -> int | None:
    """The descriptor of the UDP socket of this process that is bound to ``port``: PJSIP does not tell it, and with
    it one can wait for SIP messages instead of looking for them. None where ``/proc`` is not Linux's.
    """
    for entry in Path("/proc/self/fd").glob("*"):
        if _bound_port(int(entry.name)) == port:
            return int(entry.name)
    return None


def _bound_port(fd: int) -> int | None:
    try:
        with socket.socket(fileno=os.dup(fd)) as same:
            is_udp = same.family == socket.AF_INET and same.type == socket.SOCK_DGRAM
            return same.getsockname()[1] if is_udp else None
    except OSError:  # no socket, or closed since
        return None
