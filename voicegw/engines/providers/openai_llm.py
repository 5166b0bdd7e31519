"""A chat model behind any OpenAI-compatible URL: llama.cpp, vLLM, a vendor's service."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from voicegw.engines.llm import Limits, Message
from voicegw.engines.providers.llama_slots import LlamaSlots
from voicegw.errors import EngineError, ServerAway

CONNECT_S = 2.0
"""A server that does not even accept by then is away: the caller waits."""
WARM_UP_S = 60.0
"""A long prefix on a slow machine."""
T = TypeVar("T")
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


class OpenAiModel:
    """Made after a fork, used on one event loop.

    :param url: base URL, as ``https://host/v1``.
    :param model: the name the server knows the model by.
    :param api_key: sent as bearer token; empty for none.
    """

    def __init__(self, url: str, model: str, api_key: str = "") -> None:
        self._url = url.rstrip("/")
        self._model = model
        self._client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {api_key}"} if api_key else {},
            timeout=httpx.Timeout(None, connect=CONNECT_S),  # the rest is bounded by Limits.timeout_s
            trust_env=urlsplit(url).hostname not in LOCAL,  # a proxy cannot reach this machine's own loopback
            verify=url.startswith("https:"),  # loading the certificates costs 30 ms
        )
        self._slots = LlamaSlots(self._client, self._url.removesuffix("/v1"))

    async def stream(self, messages: Sequence[Message], limits: Limits) -> AsyncGenerator[str, None]:
        """Pieces of text as they are written. Closing the generator closes the connection, and so the completion.

        :raises ServerAway: nothing answers at the URL.
        :raises EngineError: the server answered with an error, or too late.
        """
        deadline = asyncio.get_running_loop().time() + limits.timeout_s
        request = self._request({**self._body(messages, limits), "stream": True})
        response = await self._in_time(self._send(request), deadline)
        try:
            await self._check(response, deadline)
            lines = response.aiter_lines()
            while (line := await self._in_time(anext(lines, None), deadline)) is not None:
                if line.startswith("data:") and (text := text_of(line)):
                    yield text
        finally:
            await response.aclose()

    async def warm_up(self, messages: Sequence[Message]) -> None:
        """Let the server cache this prefix; a llama.cpp server in all its slots.

        :raises ServerAway: nothing answers at the URL.
        :raises EngineError: the server answered with an error, or too late.
        """
        deadline = asyncio.get_running_loop().time() + WARM_UP_S
        body = self._body(messages, Limits(max_tokens=1))
        slots = await self._in_time(self._slots.count(), deadline)
        request = self._request({**body, "id_slot": 0} if slots else body)
        response = await self._in_time(self._send(request), deadline)
        await self._in_time(response.aread(), deadline)
        await self._check(response, deadline)
        if slots > 1:
            await self._in_time(self._slots.copy_first(json.dumps(body), slots), deadline)

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    def _body(self, messages: Sequence[Message], limits: Limits) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "max_tokens": limits.max_tokens,
            "temperature": limits.temperature,
        }
        if limits.json_schema:
            form = {"name": "answer", "schema": limits.json_schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        if limits.grammar:
            body["grammar"] = limits.grammar  # llama.cpp's own field
        return body

    def _request(self, body: dict[str, Any]) -> httpx.Request:
        return self._client.build_request("POST", f"{self._url}/chat/completions", json=body)

    async def _send(self, request: httpx.Request) -> httpx.Response:
        """The head of the response. A completion changes nothing, so it may be asked for twice."""
        try:
            return await self._client.send(request, stream=True)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            # The server closed a connection that it had promised to keep: llama.cpp does after every stream.
            return await self._client.send(request, stream=True)

    async def _in_time(self, answer: Awaitable[T], deadline: float) -> T:
        """What the server answers.

        :raises ServerAway: nothing answers at the URL.
        :raises EngineError: it broke off, or ``deadline`` passed.
        """
        try:
            async with asyncio.timeout_at(deadline):
                return await answer
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise ServerAway(f"no language model answers at {self._shown_url()} (llm.url): {error}") from None
        except TimeoutError:
            raise EngineError(f"the language model at {self._shown_url()} was too slow") from None
        except httpx.HTTPError as error:
            raise EngineError(f"the language model at {self._shown_url()} broke off: {error!r}") from None

    async def _check(self, response: httpx.Response, deadline: float) -> None:
        if response.is_success:
            return
        body = await self._in_time(response.aread(), deadline)
        hint = " (llm.api_key)" if response.status_code in (401, 403) else ""
        shown = body[:300].decode(errors="replace")
        raise EngineError(f"the language model at {self._shown_url()} said {response.status_code}{hint}: {shown}")

    def _shown_url(self) -> str:
        """Without user and password."""
        parts = urlsplit(self._url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def text_of(line: str) -> str:
    """The text in one ``data:`` line of a streamed completion; empty for lines that carry none.

    :raises EngineError: the line is not one of a completion, or tells an error.
    """
    data = line.removeprefix("data:").strip()
    if data in ("", "[DONE]"):
        return ""
    try:
        chunk = json.loads(data)
        if "error" in chunk:
            raise EngineError(f"the language model failed: {json.dumps(chunk['error'])[:300]}")
        choices = chunk.get("choices") or [{}]
        text = (choices[0].get("delta") or {}).get("content")
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise EngineError(f"the language model's stream is not of OpenAI's form: {data[:120]!r}") from error
    return text if isinstance(text, str) else ""
