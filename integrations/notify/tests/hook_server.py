"""A real receiver of webhooks, that checks signatures and answers as told."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ..signing import NotGenuine, check

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@dataclass
class Receiver:
    """What came, and what to answer."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    """HTTP statuses of the next answers; then 204."""
    events: list[tuple[str, bytes]] = field(default_factory=list)
    """Id and body of each request that was genuine."""
    forged: int = 0


@contextmanager
def serving() -> Iterator[Receiver]:
    """The server, on a free port."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.events.append((check(SECRET, headers, body, time.time()), body))
            except NotGenuine:
                receiver.forged += 1
            self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
        yield receiver
        server.shutdown()
        thread.join()
