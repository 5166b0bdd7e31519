"""One HTTP server: requests out, JSON back, and every way of failing as the error that says what to do next."""

import json
import ssl
from dataclasses import dataclass
from typing import Any

import httpx

from voicegw.actions.requests import ToolBusy, ToolFailed, ToolTimeout, ToolUnreachable

from .auth import Auth
from .settings import ApiSettings, secret_free

MOST_BYTES = 1_000_000
"""Of an answer: more is a mistake, or an attack."""
CONNECT_S = 3.0
READ_S = 30.0
"""A tool's own time limit ends it before."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    http: int
    document: Any
    """The JSON; None if there was none."""


class Api:
    """Belongs to one event loop."""

    def __init__(self, name: str, settings: ApiSettings) -> None:
        self.name = name
        self._settings = settings
        verify = ssl.create_default_context(cafile=str(settings.certificates)) if settings.certificates else True
        timeout = httpx.Timeout(READ_S, connect=CONNECT_S)
        self._client = httpx.AsyncClient(timeout=timeout, verify=verify, headers={"Accept": "application/json"})
        self._auth = Auth(settings, self._client)

    async def send(
        self,
        method: str,
        path: str,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        body: Any = None,
    ) -> Answer:
        """One request, with a fresh token if the old one is refused.

        :raises ToolFailed: no answer that could be read; the type says whether to try again.
        """
        answer = await self._send(method, path, query, headers, body)
        if answer.http == 401 and self._auth.renewable:
            answer = await self._send(method, path, query, headers, body)
        if answer.http in (429, 503):
            raise ToolBusy(f"{self.name}: HTTP {answer.http}")
        return answer

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def health(self) -> str:
        """Empty when well, else what is wrong and what to do."""
        try:
            answer = await self.send("GET", self._settings.health)
        except ToolFailed as error:
            return f"{error} (setting integration.rest.apis.{self.name})"
        if answer.http in (401, 403):
            return f"{self.name}: HTTP {answer.http}: mend integration.rest.apis.{self.name}.auth"
        if self._settings.health and not 200 <= answer.http < 300:
            return f"{self.name}: {self._settings.health} answers HTTP {answer.http}"
        return ""

    async def _send(
        self, method: str, path: str, query: dict[str, Any] | None, headers: dict[str, str] | None, body: Any
    ) -> Answer:
        credentials = await self._auth.headers()
        request = self._client.build_request(
            method,
            self._settings.url.rstrip("/") + path,
            params=query or None,
            headers={**self._settings.headers, **(headers or {}), **credentials},
            json=body,
        )
        where = f"{self.name}: {method} {secret_free(self._settings.url)}"
        try:
            answer = await self._exchange(request, where)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise ToolUnreachable(f"{where}: {error or type(error).__name__}") from error
        except httpx.TimeoutException as error:
            raise ToolTimeout(f"{where}: no answer") from error
        except httpx.HTTPError as error:  # cut off in the middle: it may have been done
            raise ToolFailed(f"{where}: {error or type(error).__name__}", retryable=True) from error
        if answer.http == 401:
            self._auth.refused(credentials)
        return answer

    async def _exchange(self, request: httpx.Request, where: str) -> Answer:
        response = await self._client.send(request, stream=True)
        try:
            content = b""
            async for piece in response.aiter_bytes():
                content += piece
                if len(content) > MOST_BYTES:
                    raise ToolFailed(f"{where}: an answer of over {MOST_BYTES} bytes")
        finally:
            await response.aclose()
        return Answer(response.status_code, self._document(content, response, where))

    @staticmethod
    def _document(content: bytes, response: httpx.Response, where: str) -> Any:
        try:
            return json.loads(content) if content.strip() else None
        except ValueError:
            if response.is_success:  # half an answer, or a page of somebody in between
                raise ToolFailed(f"{where}: HTTP {response.status_code} without JSON", retryable=True) from None
            return None
