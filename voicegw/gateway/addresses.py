"""Addresses of this machine."""

import socket

import psutil


def reachable_host(host: str) -> str:
    """The address a softphone on the same network can dial."""
    if host not in ("0.0.0.0", ""):
        return host
    addresses = [address for several in psutil.net_if_addrs().values() for address in several]
    ours = [str(a.address) for a in addresses if a.family == socket.AF_INET and not a.address.startswith("127.")]
    return next(iter(ours), "127.0.0.1")
