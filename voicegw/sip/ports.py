"""Ports, looked at before PJSIP takes them: it starts half when one is busy, and logs instead of raising."""

import random
import socket

from voicegw.errors import PortBusy

RTP_PORTS = 20
"""Ports from the first RTP port on that a cell may use: two per call, and some to pass over when taken."""
_CHOICE = range(20_000, 30_000, RTP_PORTS)


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def sip_port(host: str, port: int) -> int:
    """``port`` if nobody listens there, or a free one for 0.

    :raises PortBusy: it is taken, or the address is not of this machine.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortBusy(
                f"cannot listen on {host}:{port} (UDP): {error.strerror}; "
                "stop what uses it, or choose another with --sip-port (0 finds a free one)"
            ) from None
        bound: int = probe.getsockname()[1]
    return bound


def rtp_port(host: str, port: int) -> int:
    """``port``, or for 0 the beginning of a range that looks free."""
    if port:
        return port + port % 2  # RFC 3550 §11: RTP on the even port
    for base in random.sample(_CHOICE, len(_CHOICE)):
        if all(_is_free(host, base + offset) for offset in range(RTP_PORTS)):
            return base
    raise PortBusy(f"no free UDP ports for RTP on {host} between {_CHOICE.start} and {_CHOICE.stop}")
