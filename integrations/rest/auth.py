"""How we prove who we are to an API."""

import asyncio
import time

import httpx

from voicegw.actions.requests import ToolBusy, ToolFailed, ToolUnreachable

from .settings import ApiSettings, BearerAuth, HeaderAuth, OAuth2Auth

EARLY_S = 30.0
"""A token is fetched anew so long before it expires: it must also last for the request."""
DEFAULT_LIFE_S = 300.0
"""Of a token whose server does not say (RFC 6749 §5.1 only recommends it)."""


class Auth:
    """The headers of a request; a token that can expire is kept here. Belongs to one event loop."""

    def __init__(self, settings: ApiSettings, client: httpx.AsyncClient) -> None:
        self._settings = settings.auth
        self._client = client
        self._token = ""
        self._good_until = 0.0
        self._fetching = asyncio.Lock()

    @property
    def renewable(self) -> bool:
        """A refused token can be replaced by a new one."""
        return isinstance(self._settings, OAuth2Auth)

    async def headers(self) -> dict[str, str]:
        """:raises ToolFailed: no token is to be had."""
        match self._settings:
            case HeaderAuth(name=name, value=value):
                return {name: value.get_secret_value()}
            case BearerAuth(token=token):
                return {"Authorization": f"Bearer {token.get_secret_value()}"}
            case OAuth2Auth():
                return {"Authorization": f"Bearer {await self._current(self._settings)}"}
        return {}

    def refused(self, headers: dict[str, str]) -> None:
        """The server did not take these: forget the token, unless another request has replaced it already."""
        if headers.get("Authorization") == f"Bearer {self._token}":
            self._good_until = 0.0

    async def _current(self, settings: OAuth2Auth) -> str:
        async with self._fetching:  # of many requests one fetches
            if time.monotonic() >= self._good_until:
                self._token, life_s = await _fetch(settings, self._client)
                self._good_until = time.monotonic() + max(life_s - EARLY_S, life_s / 2)
            return self._token


async def _fetch(settings: OAuth2Auth, client: httpx.AsyncClient) -> tuple[str, float]:
    """A token, and for how many seconds it is good."""
    form = {"grant_type": "client_credentials"} | ({"scope": settings.scope} if settings.scope else {})
    secret = settings.client_secret.get_secret_value()
    basic: tuple[str, str] | None = (settings.client_id, secret)
    if settings.credentials_in == "body":
        basic, form = None, form | {"client_id": settings.client_id, "client_secret": secret}
    try:
        answer = await client.post(settings.token_url, data=form, auth=basic or httpx.USE_CLIENT_DEFAULT)
    except httpx.HTTPError as error:
        raise ToolUnreachable(f"{settings.token_url}: no token: {error or type(error).__name__}") from error
    if answer.status_code in (429, 503):
        raise ToolBusy(f"{settings.token_url}: no token: HTTP {answer.status_code}")
    if answer.status_code >= 500:
        raise ToolUnreachable(f"{settings.token_url}: no token: HTTP {answer.status_code}")
    try:
        token = answer.json()
        return str(token["access_token"]), float(token.get("expires_in") or DEFAULT_LIFE_S)
    except (ValueError, KeyError, TypeError) as error:
        raise ToolFailed(f"{settings.token_url}: no token: HTTP {answer.status_code} {answer.text[:200]}") from error
