"""Is the machine fit: ports, processors, memory, file descriptors, disk, clock, programs."""

import ctypes
import os
import resource
import shutil
import time
from pathlib import Path

import psutil

from voicegw.config import Settings
from voicegw.gateway.finding import Finding, fail, ok, warn
from voicegw.sip.ports import why_not_bound

_MB = 1 << 20
_WORKER_MB = 150
"""Unique memory of one that is ready for a call."""
_BASE_MB = 700
"""The service, its language model, and room to breathe."""
_LEAST_FREE_DISK_MB = 500
_FILES_PER_WORKER = 24
_FILES_OF_SERVICE = 400
_FIRST_RELEASE = 1_760_000_000
"""October 2025: a clock before this is wrong."""
_ADJTIME_BYTES = 512
"""More than struct timex has on any machine."""
_TIME_ERROR = 5  # <sys/timex.h>: the clock is not synchronised


def sip_ports(settings: Settings) -> Finding:
    """UDP, one for each cell."""
    sip = settings.sip
    if not sip.port:
        return ok("SIP port", "chosen when the service starts")
    ports = range(sip.port, sip.port + sip.cells)
    shown = f"{sip.host}:{sip.port}/udp" + (f" to {ports[-1]}" if sip.cells > 1 else "")
    for port in ports:
        reason = why_not_bound(sip.host, port)
        if not reason:
            continue
        holder = _holder(port)
        if "voicegw" in holder:
            return ok("SIP port", f"{shown}: voicegw is running there ({holder})")
        by = f" by {holder}" if holder else ""
        to_do = "stop what listens there, or set sip.port (--sip-port) to another"
        return fail("SIP port", f"{sip.host}:{port}/udp cannot be used ({reason}){by}", to_do)
    return ok("SIP port", f"{shown} is free")


def _holder(port: int) -> str:
    """The process that has the UDP port, if we may know."""
    try:
        for connection in psutil.net_connections("udp4"):
            if connection.laddr and connection.laddr.port == port and connection.pid:
                command = " ".join(psutil.Process(connection.pid).cmdline())
                return f"process {connection.pid}: {command[:80]}"
    except psutil.Error:
        pass
    return ""


def processors(settings: Settings) -> Finding:
    """A cell must get its turn every 20 ms."""
    count = len(os.sched_getaffinity(0))
    if count < 2:
        return warn("processors", "1", "speech will stutter while it thinks: give it 2 or more")
    return ok("processors", str(count))


def memory(settings: Settings) -> Finding:
    """For the workers that are kept ready."""
    free_mb = psutil.virtual_memory().available // _MB
    needed_mb = _BASE_MB + _WORKER_MB * settings.workers.warm
    if free_mb < needed_mb:
        return warn("memory", f"{free_mb} MB free, {needed_mb} MB wanted", "free some, or lower workers.warm")
    return ok("memory", f"{free_mb:,} MB free")


def file_descriptors(settings: Settings) -> Finding:
    """Sockets, pipes and files of all calls at once."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = _FILES_OF_SERVICE + _FILES_PER_WORKER * settings.workers.most
    if soft != resource.RLIM_INFINITY and soft < needed:
        to_do = f"`ulimit -n {needed}` before the service (LimitNOFILE= in a unit); the hard limit is {hard}"
        return warn("open files", f"limit {soft}, {needed} wanted for {settings.workers.most} calls", to_do)
    return ok("open files", f"limit {soft}")


def folders(settings: Settings) -> Finding:
    """Where records, logs and sounds are kept."""
    for name, folder in (("data_dir", settings.data_dir), ("cache_dir", settings.cache_dir)):
        existing = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
        if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
            return fail("folders", f"{folder} cannot be written", f"mend its rights, or set {name} to another")
        free_mb = shutil.disk_usage(existing).free // _MB
        if free_mb < _LEAST_FREE_DISK_MB:
            return warn("folders", f"{folder}: {free_mb} MB free", f"make room, or set {name} to another disk")
    return ok("folders", f"{settings.data_dir} and {settings.cache_dir} can be written")


def clock(settings: Settings) -> Finding:
    """Times in records, and "tomorrow" in a conversation, come from it."""
    if time.time() < _FIRST_RELEASE:
        return fail("clock", time.strftime("it says %Y-%m-%d"), "set the clock")
    to_do = "run a time service (systemd-timesyncd or chrony), or trust the host's if this is a container"
    zone = time.strftime("%Z")
    if _adjusted() == _TIME_ERROR and not Path("/run/systemd/timesync/synchronized").exists():
        return warn("clock", f"no time service keeps it right ({zone})", to_do)
    return ok("clock", f"kept right by a time service ({zone})")


def _adjusted() -> int:
    """What ntp_adjtime says of the clock when nothing is to be changed (RFC 1589 §4.1)."""
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "ntp_adjtime"):
        return 0
    return int(library.ntp_adjtime(ctypes.create_string_buffer(_ADJTIME_BYTES)))


def programs(settings: Settings) -> Finding:
    """espeak-ng says how words sound, for Piper's and Coqui's voices."""
    found = shutil.which("espeak-ng")
    if found:
        return ok("espeak-ng", found)
    to_do = "apt-get install espeak-ng"
    if settings.tts.provider in ("piper", "coqui"):
        return fail("espeak-ng", f"missing, and tts.provider is {settings.tts.provider}", to_do)
    return warn("espeak-ng", "missing: `voicegw call --say` cannot speak", to_do)
