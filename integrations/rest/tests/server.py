"""A real HTTP server that behaves as its paths say: well, slow, failing, half-answering; with OAuth 2."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class World:
    """What the server knows, and what it was asked."""

    url: str = ""
    requests: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    """Method, path with query, headers, body."""
    tickets: dict[str, int] = field(default_factory=dict)
    """Number by idempotency key."""
    tokens_given: int = 0
    token_life_s: int = 3600
    good_token: str = ""
    fail_next: int = 0
    """So many answers are HTTP 503."""

    def paths(self) -> list[str]:
        return [path for _, path, _, _ in self.requests]


@contextmanager
def serving() -> Iterator[World]:
    """The server, on a free port of this machine."""
    world = World()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            is_json = "json" in self.headers.get("Content-Type", "")
            self._answer(json.loads(content) if is_json else parse_qs(content.decode()))

        def do_PUT(self) -> None:
            self.do_POST()

        def _answer(self, body: Any) -> None:
            world.requests.append((self.command, self.path, dict(self.headers), body))
            if world.fail_next:
                world.fail_next -= 1
                return self._send(503, {"error": "busy"})
            path = urlsplit(self.path).path
            handle = getattr(self, f"_{path.strip('/').split('/')[0]}", None)
            return handle(body) if handle else self._send(404, {"error": {"message": "no such thing"}})

        def _customers(self, body: Any) -> None:
            query = parse_qs(urlsplit(self.path).query)
            if query.get("phone") == ["+15550111"]:
                return self._send(200, {"customers": [{"id": "c1", "name": "Joe", "a/b": {"m~n": [1, 2]}}]})
            if query.get("phone") == ["+1000"]:
                return self._send(200, {"customers": []})
            return self._send(404, {})

        def _tickets(self, body: Any) -> None:
            key = self.headers.get("Idempotency-Key", "")
            if body["subject"] == "rude":
                return self._send(422, {"error": {"message": "we do not take that."}})
            number = world.tickets.setdefault(key, len(world.tickets) + 1)
            if body["subject"] == "cut" and len(world.requests) == 1:
                return self._half({"ticket": number})
            return self._send(201, {"ticket": number, "state": body.get("state", "open")})

        def _slow(self, body: Any) -> None:
            time.sleep(0.6)
            self._send(200, {})

        def _half_an_answer(self, body: Any) -> None:
            self._half({"a": 1})

        def _html(self, body: Any) -> None:
            self._raw(200, b"<html>Please log in</html>", "text/html")

        def _huge(self, body: Any) -> None:
            self._raw(200, b'"' + b"x" * 1_100_000 + b'"', "application/json")

        def _broken(self, body: Any) -> None:
            self._send(500, {"error": "oh"})

        def _token(self, form: Any) -> None:
            if "Authorization" not in self.headers and form.get("client_secret") != ["s3cret"]:
                return self._send(401, {"error": "invalid_client"})
            world.tokens_given += 1
            world.good_token = f"token-{world.tokens_given}"
            return self._send(200, {"access_token": world.good_token, "expires_in": world.token_life_s})

        def _secured(self, body: Any) -> None:
            good = self.headers.get("Authorization") == f"Bearer {world.good_token}"
            self._send(200 if good else 401, {"ok": True})

        def _half(self, document: Any) -> None:
            content = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content) + 10))
            self.end_headers()
            self.wfile.write(content[:-2])
            self.close_connection = True

        def _send(self, status: int, document: Any) -> None:
            self._raw(status, json.dumps(document).encode(), "application/json")

        def _raw(self, status: int, content: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        world.url = f"http://127.0.0.1:{server.server_port}"
        yield world
        server.shutdown()
        thread.join()
