"""What Kamailio is told: its configuration and its list of cells, made from the settings."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from voicegw.config import EdgeSettings, Settings
from voicegw.errors import SettingsError
from voicegw.sip.headers import MACHINE_REFUSES

LONGEST_CALL_S = 4 * 3600
"""A call that nobody has said BYE to for so long is not counted any more."""
LONGEST_MESSAGE = 3400
"""Bytes: PJSIP cuts off datagrams at 4,000 (PJSIP_MAX_PKT_LEN), and this proxy adds up to 400."""
MODULES = "/usr/lib/x86_64-linux-gnu/kamailio/modules/"
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
LIST_NAME = "dispatcher.list"
CONFIG_NAME = "kamailio.cfg"
TLS_NAME = "tls.cfg"

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("voicegw.gateway.edge", "."),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,
)


LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class CellPlace:
    """Where a cell listens, or a whole machine with an edge of its own."""

    port: int
    """UDP."""
    most_calls: int
    start: int
    """Counts the starts of cells: a cell that was started anew must not inherit what was counted for the old one."""
    host: str = LOOPBACK

    @property
    def uri(self) -> str:
        """As the edge dials it."""
        return f"sip:{self.host}:{self.port}"

    @property
    def attributes(self) -> str:
        """``duid`` names the load counter, ``maxload`` is where it ends."""
        return f"duid=c{self.start};maxload={self.most_calls}"


@dataclass(frozen=True)
class EdgePlace:
    """Where the edge itself listens and keeps its files."""

    port: int
    """UDP and TCP, towards the outside."""
    inside_port: int
    """UDP, towards the cells."""
    folder: Path
    topology_key: str = ""
    """Secret by which addresses of cells are hidden; empty: they are shown (they are on loopback like the caller)."""
    reachable_host: str = ""
    """What the edge writes into calls; empty: the address it listens on."""
    modules: str = MODULES
    inside_host: str = LOOPBACK
    """Address towards the cells: loopback, unless they are on other machines."""


def files(settings: Settings, place: EdgePlace, cells: Sequence[CellPlace]) -> dict[str, str]:
    """Name to text of each file that Kamailio reads.

    :raises SettingsError: trunks that are no addresses, TLS without certificate.
    """
    edge = settings.edge
    host = settings.sip.host
    values = {
        "cells": f"{len(cells)} cells",
        "most_calls": max((cell.most_calls for cell in cells), default=0),
        "host": host,
        "port": place.port,
        "inside_port": place.inside_port,
        "inside_host": place.inside_host,
        "cell_hosts": sorted({cell.host for cell in cells} | {LOOPBACK}),
        "reachable_host": place.reachable_host,
        "tls_port": edge.tls_port,
        "modules": place.modules,
        "folder": place.folder,
        "topology_key": place.topology_key,
        "trunks": networks(edge.trunks),
        "calls_per_s": edge.calls_per_s,
        "pike_density": edge.requests_per_source,
        "ban_s": edge.ban_s,
        "longest_call_s": LONGEST_CALL_S,
        "longest_message": LONGEST_MESSAGE,
        "machine_refuses": MACHINE_REFUSES,
    }
    written = {
        CONFIG_NAME: _TEMPLATES.get_template("kamailio.cfg.j2").render(values),
        LIST_NAME: cell_list(cells),
    }
    if edge.tls_port:
        written[TLS_NAME] = _tls(edge)
    return written


def cell_list(cells: Sequence[CellPlace]) -> str:
    """Set, URI, flags, priority, attributes. Flags 9: not in use before it has answered its first OPTIONS."""
    return "".join(f"1 {cell.uri} 9 0 {cell.attributes}\n" for cell in cells)


def networks(trunks: Sequence[str]) -> list[str]:
    """Addresses and networks, checked, as Kamailio writes them.

    :raises SettingsError: naming each that is none.
    """
    found, wrong = [], []
    for trunk in trunks:
        try:
            network = ipaddress.IPv4Network(trunk, strict=False)
        except ValueError as error:
            wrong.append(f"edge.trunks: {trunk!r} is no IPv4 address or network ({error}): write 203.0.113.0/24")
            continue
        found.append(str(network.network_address) if network.prefixlen == 32 else network.with_prefixlen)
    if wrong:
        raise SettingsError("\n".join(wrong))
    return found


def _tls(edge: EdgeSettings) -> str:
    for name in ("tls_certificate", "tls_key"):
        path: Path | None = getattr(edge, name)
        if path is None or not path.is_file():
            raise SettingsError(f"edge.tls_port is set, and edge.{name} = {path}: give the PEM file that is meant")
    return _TEMPLATES.get_template("tls.cfg.j2").render(
        key=edge.tls_key, certificate=edge.tls_certificate, authorities=AUTHORITIES
    )
