"""A small OpenAI-compatible server over ``llama-cpp-python``: one completion at a time, the others wait.

The package's own server module wants five more packages for the same; this one is ``http.server``.
"""

import json
import select
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import llama_cpp

from voicegw.engines.local_llm import CONTEXT_TOKENS, LlmServerOptions

MOST_BYTES = 1_000_000
"""Of a request."""
HEALTHY = {"status": "ok"}


def start(options: LlmServerOptions) -> str:
    """Serve in threads of its own; returns the base URL."""
    model = llama_cpp.Llama(
        str(options.model),
        n_ctx=CONTEXT_TOKENS,
        n_threads=options.threads,
        n_threads_batch=options.threads,
        verbose=False,
    )
    server = _ModelServer(options.port, model, options.model.stem)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/v1"


class BadRequest(Exception):
    """What the client sent cannot be answered; the message says why."""


class _ModelServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, model: llama_cpp.Llama, name: str) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.model = model
        self.name = name
        self.turn = threading.Lock()
        """Held by the completion that runs: the library's context holds one sequence."""

    def understands(self, grammar: str) -> bool:
        """Whether it is GBNF with a root: the library itself would go on with a null pointer."""
        vocabulary = llama_cpp.llama_model_get_vocab(self.model.model)
        sampler = llama_cpp.llama_sampler_init_grammar(vocabulary, grammar.encode(), b"root")
        if sampler:
            llama_cpp.llama_sampler_free(sampler)
        return bool(sampler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _ModelServer

    def do_GET(self) -> None:
        """Health and models."""
        if self.path == "/health":
            self._reply(HTTPStatus.OK, HEALTHY)
        elif self.path == "/v1/models":
            self._reply(HTTPStatus.OK, {"object": "list", "data": [{"id": self.server.name, "object": "model"}]})
        else:
            self._refuse(HTTPStatus.NOT_FOUND, f"no such path: {self.path}")

    def do_POST(self) -> None:
        """A completion."""
        if self.path != "/v1/chat/completions":
            self._refuse(HTTPStatus.NOT_FOUND, f"no such path: {self.path}")
            return
        try:
            body = self._body()
            options = completion_options(body)
            if body.get("grammar") and not self.server.understands(body["grammar"]):
                raise BadRequest("grammar: not GBNF with a rule named root")
            with self.server.turn:
                if not self._client_left():
                    self._complete(options, stream=bool(body.get("stream")))
        except BadRequest as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        except ConnectionError:
            self.close_connection = True  # the client does not want it any more

    def log_message(self, *_: object) -> None:
        """Nothing: the service logs what matters."""

    def _complete(self, options: dict[str, Any], *, stream: bool) -> None:
        try:
            answer = self.server.model.create_chat_completion(**options, stream=stream)
            if not stream:
                self._reply(HTTPStatus.OK, answer)
                return
            chunks = iter(answer)
            first = next(chunks)
        except (ValueError, RuntimeError, KeyError, TypeError) as error:  # prompt too long, a grammar that is none
            raise BadRequest(str(error)) from error
        self._stream(first, chunks)

    def _stream(self, first: object, chunks: Iterator[object]) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self._send_event(json.dumps(first))
        for chunk in chunks:
            if self._client_left():
                return
            self._send_event(json.dumps(chunk))
        self._send_event("[DONE]")

    def _send_event(self, data: str) -> None:
        self.wfile.write(f"data: {data}\n\n".encode())

    def _client_left(self) -> bool:
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable)  # a client that waits for an answer sends nothing: it can only have closed

    def _body(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MOST_BYTES:
            self.close_connection = True
            raise BadRequest(f"Content-Length must be a number up to {MOST_BYTES}")
        try:
            body = json.loads(self.rfile.read(int(length)))
        except ValueError as error:
            raise BadRequest(f"not JSON: {error}") from None
        if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
            raise BadRequest("messages are missing")
        return body

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        self._reply(status, {"error": {"message": message, "code": status.value}})

    def _reply(self, status: HTTPStatus, values: object) -> None:
        data = json.dumps(values).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def completion_options(body: dict[str, Any]) -> dict[str, Any]:
    """Arguments of ``Llama.create_chat_completion`` for the body of a request.

    :raises BadRequest: its grammar or response format is none.
    """
    options: dict[str, Any] = {
        name: body[name] for name in ("messages", "max_tokens", "temperature", "stop", "seed") if name in body
    }
    options["repeat_penalty"] = 1.0
    try:
        if body.get("grammar"):
            options["grammar"] = llama_cpp.LlamaGrammar.from_string(body["grammar"], verbose=False)
        elif body.get("response_format", {}).get("type") == "json_schema":
            schema = body["response_format"]["json_schema"]["schema"]
            options["response_format"] = {"type": "json_object", "schema": schema}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRequest(f"grammar or response_format: {error}") from error
    return options
