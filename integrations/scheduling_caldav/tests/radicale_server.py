"""A private Radicale, on a free port of this machine, with user ann and her calendar."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import caldav

USER, PASSWORD = "ann", "s3cret"
START_LIMIT_S = 30.0


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
    (folder / "config").write_text(
        f"[server]\nhosts = 127.0.0.1:{port}\n"
        f"[auth]\ntype = htpasswd\nhtpasswd_filename = {folder / 'users'}\nhtpasswd_encryption = plain\ndelay = 0\n"
        f"[storage]\nfilesystem_folder = {folder / 'collections'}\n[logging]\nlevel = error\n"
    )
    command = [sys.executable, "-m", "radicale", "--config", str(folder / "config")]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def new_calendar(url: str, name: str) -> str:
    """URL of an empty calendar."""
    with caldav.DAVClient(url, username=USER, password=PASSWORD) as client:
        return str(client.principal().make_calendar(name).url)


def _wait(port: int, server: "subprocess.Popen[bytes]") -> None:
    give_up_at = time.monotonic() + START_LIMIT_S
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert server.poll() is None, "radicale ended at once"
        assert time.monotonic() < give_up_at, "radicale does not answer"
        time.sleep(0.05)
