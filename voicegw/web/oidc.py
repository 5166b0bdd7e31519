"""Signing in by an OpenID provider: the authorization code flow with PKCE (OpenID Connect Core 1.0, RFC 7636).

The ID token comes straight from the provider over TLS, so its claims are checked and its signature need not be
(OpenID Connect Core §3.1.3.7, 6).
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from voicegw.config import OidcSettings
from voicegw.errors import ServerAway, SettingsError, VoicegwError

TIMEOUT_S = 10.0
LEEWAY_S = 60.0
"""Clocks differ by so much."""
SCOPE = "openid email profile"


class SignInRefused(VoicegwError):
    """The provider, or what it says of somebody, lets nobody in."""


@dataclass(frozen=True)
class Attempt:
    """What a browser keeps while it is at the provider's."""

    state: str
    nonce: str
    verifier: str
    target: str
    """The page it came for."""

    @classmethod
    def new(cls, target: str) -> "Attempt":
        """With fresh secrets."""
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), target)

    def to_cookie(self) -> str:
        """As text that a cookie can hold."""
        values = [self.state, self.nonce, self.verifier, self.target]
        return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()

    @classmethod
    def from_cookie(cls, text: str) -> "Attempt":
        """
        :raises SignInRefused: no such text.
        """
        try:
            state, nonce, verifier, target = json.loads(base64.urlsafe_b64decode(text.encode()))
            return cls(str(state), str(nonce), str(verifier), str(target))
        except ValueError:
            raise SignInRefused("begin again: this sign-in is too old, or of another browser") from None


@dataclass(frozen=True)
class Person:
    """Whom the provider vouches for."""

    subject: str
    """``ISSUER SUBJECT``."""
    name: str
    """Verified e-mail address, else the name they go by there; lower case."""
    groups: tuple[str, ...]
    """Values of the claim that says what they may do."""
    email_verified: bool


class Provider:
    """The provider of the settings."""

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        self._known: Mapping[str, Any] = {}

    async def address(self, attempt: Attempt, back: str) -> str:
        """Where to send the browser.

        :param back: where the provider sends it afterwards.
        :raises ServerAway: the provider does not answer.
        """
        challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": back,
            "scope": SCOPE,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = (await self._discovered())["authorization_endpoint"]
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    async def person(self, attempt: Attempt, code: str, back: str, now: float) -> Person:
        """Who it was.

        :raises ServerAway: the provider does not answer.
        :raises SignInRefused: it does not know the code, or its ID token is not for us.
        """
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": attempt.verifier,
        }
        by = (self._settings.client_id, self._settings.client_secret)
        answer = await self._asked("POST", (await self._discovered())["token_endpoint"], data=asked, auth=by)
        if "id_token" not in answer:
            raise SignInRefused("the provider gave no ID token")
        return person(claims(str(answer["id_token"])), self._settings, attempt.nonce, now)

    async def _discovered(self) -> Mapping[str, Any]:
        if not self._known:
            issuer = self._settings.issuer.rstrip("/")
            parts = urlsplit(issuer)
            if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1"):
                raise SettingsError(f"oidc.issuer {issuer}: must be https")
            found = await self._asked("GET", f"{issuer}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != issuer:
                raise SettingsError(f"oidc.issuer: the provider calls itself {found.get('issuer')}: write that")
            self._known = found
        return self._known

    async def _asked(self, method: str, url: str, **how: Any) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
                answer = await client.request(method, url, **how)
                body = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ServerAway(f"OpenID provider {url} does not answer: {error or type(error).__name__}") from None
        if answer.is_error or not isinstance(body, dict):
            said = body.get("error", "") if isinstance(body, dict) else ""
            raise SignInRefused(f"the OpenID provider refuses ({answer.status_code} {said})")
        return body


def claims(id_token: str) -> dict[str, Any]:
    """Of a JWT (RFC 7519), as they stand.

    :raises SignInRefused: not a JWT.
    """
    try:
        _, payload, _ = id_token.split(".")
        found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        raise SignInRefused("the provider's ID token cannot be read") from None
    if not isinstance(found, dict):
        raise SignInRefused("the provider's ID token cannot be read")
    return found


def person(found: Mapping[str, Any], settings: OidcSettings, nonce: str, now: float) -> Person:
    """Whom the claims are about, if they are from our provider, for us, of this sign-in, and not too old.

    :raises SignInRefused: they are not.
    """
    audience = found.get("aud", ())
    audience = [audience] if isinstance(audience, str) else audience
    expiry = found.get("exp")
    good = (
        str(found.get("iss", "")).rstrip("/") == settings.issuer.rstrip("/")
        and settings.client_id in audience
        and (len(audience) == 1 or found.get("azp") == settings.client_id)
        and isinstance(expiry, int | float)
        and now < expiry + LEEWAY_S
        and secrets.compare_digest(str(found.get("nonce", "")).encode(), nonce.encode())
        and bool(found.get("sub"))
    )
    if not good:
        raise SignInRefused("the provider's ID token is not for this sign-in")
    verified = found.get("email_verified") is True and bool(found.get("email"))
    name = found["email"] if verified else found.get("preferred_username") or found["sub"]
    values = found.get(settings.role_claim, ())
    groups: Sequence[Any] = [values] if isinstance(values, str) else values if isinstance(values, list) else ()
    subject = f"{settings.issuer.rstrip('/')} {found['sub']}"
    return Person(subject, str(name).lower(), tuple(str(value) for value in groups), verified)
