"""Settings of HTTP APIs and their operations, from ``[integration.rest]``."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from . import pointers, templates


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _pointer(text: str) -> str:
    pointers.parse(text)
    return text


def _in_full(value: Any) -> Any:
    return {"at": value} if isinstance(value, str) else value


Pointer = Annotated[str, AfterValidator(_pointer)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Kind = Literal["text", "digits", "number", "money", "date", "time", "datetime", "yes_no"]


class NoAuth(_Part):
    """Open to all who reach it."""

    kind: Literal["none"] = "none"


class HeaderAuth(_Part):
    """A key in a header."""

    kind: Literal["header"]
    name: str = Field("X-API-Key", description="Name of the header.")
    value: SecretStr = Field(description="The key.")


class BearerAuth(_Part):
    """A token that does not expire."""

    kind: Literal["bearer"]
    token: SecretStr = Field(description="The token.")


class OAuth2Auth(_Part):
    """OAuth 2.0 client credentials (RFC 6749 §4.4): tokens are fetched, kept, and fetched anew."""

    kind: Literal["oauth2"]
    token_url: str = Field(description="Token endpoint.")
    client_id: str = Field(description="Who we are.")
    client_secret: SecretStr = Field(description="What proves it.")
    scope: str = Field("", description="Scopes, separated by spaces.")
    credentials_in: Literal["header", "body"] = Field("header", description="How we prove who we are (§2.3.1).")


class ApiSettings(_Part):
    """One server."""

    url: str = Field(pattern=r"^https?://", description="Base URL, such as https://crm.example/api/v2.")
    auth: Annotated[NoAuth | HeaderAuth | BearerAuth | OAuth2Auth, Field(discriminator="kind")] = NoAuth()
    headers: dict[str, str] = Field({}, description="Sent with every request.")
    health: str = Field(
        "", description="A path that answers 2xx to GET when all is well; empty: the URL itself is tried."
    )
    certificates: Path | None = Field(None, description="PEM file of authorities, for a server of your own.")


class Value(_Part):
    """A value that the dialplan gets."""

    at: Pointer = Field(description="JSON pointer into the answer.")
    optional: bool = Field(False, description="It may be missing.")


class Told(_Part):
    """The answer's own word decides what the result is."""

    at: Pointer = Field(description="JSON pointer to the word.")
    means: dict[str, Name] = Field(description="The API's word to the dialplan's: {declined = 'refused'}.")


class OperationSettings(_Part):
    """One tool."""

    api: str = Field(description="Name under apis.")
    effect: Literal["reads", "writes"] = Field("reads", description="Whether it changes anything.")
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: str = Field(pattern="^/", description="After the API's URL; /orders/{order_id} puts in an argument.")
    query: dict[str, str] = Field({}, description="Query parameters; an argument that is not given leaves its own out.")
    headers: dict[str, str] = Field({}, description="Headers of this operation.")
    body: dict[str, Any] | None = Field(None, description="JSON to send; '{name}' alone keeps the argument's type.")
    takes: dict[Name, str] = Field(
        {}, description="Arguments: text, digits, number, money, date, …; 'text?' may be missing."
    )
    gives: dict[Name, Annotated[Value, BeforeValidator(_in_full)]] = Field({}, description="Values, by JSON pointer.")
    results: dict[Name, tuple[int, ...]] = Field({}, description="HTTP statuses that are results: {not_found = [404]}.")
    told: Told | None = Field(None, description="A word in the answer that is the result.")
    missing: Name | None = Field(
        None, description="Result if a value is missing, such as not_found; else it has failed."
    )
    reason: Pointer | None = Field(None, description="Where a refusal's reason stands in the answer.")
    idempotency_header: str = Field("", description="Gets the key of a write, the same at every try.")
    repeatable: bool = Field(False, description="A write that may be sent twice without harm, even without a key.")
    time_limit_s: float = Field(5.0, gt=0, description="After this the caller hears that it takes too long.")
    summary: str = Field("", description="What it does, for people.")

    @model_validator(mode="after")
    def _fits(self) -> "OperationSettings":
        for name, kind in self.takes.items():
            if kind.removesuffix("?") not in get_args(Kind):
                raise ValueError(f"takes.{name}: {kind!r} is none of {', '.join(get_args(Kind))}")
        used = templates.names([self.path, self.query, self.headers, self.body])
        if unknown := sorted(used - {*self.takes, templates.KEY}):
            raise ValueError(f"{{{unknown[0]}}} is used, but not under takes")
        optional_in_path = [name for name in templates.names(self.path) if self.takes.get(name, "").endswith("?")]
        if optional_in_path:
            raise ValueError(f"{{{optional_in_path[0]}}} stands in the path: it cannot be optional")
        knows_repeats = self.idempotency_header or templates.KEY in used or self.repeatable
        if self.effect == "writes" and not knows_repeats:
            raise ValueError(
                "a write may be sent twice after a failure, so say how the API knows it again: idempotency_header, "
                f"{{{templates.KEY}}} in path or body, or repeatable = true if twice is no harm"
            )
        return self


class RestSettings(_Part):
    """APIs, and what is done with them."""

    data_dir: Path = Field(Path(), description="The service's data folder; not used.")
    apis: dict[str, ApiSettings] = Field(description="Servers, by name.")
    operations: dict[Name, OperationSettings] = Field(description="Tools, by name.")

    @model_validator(mode="after")
    def _apis_exist(self) -> "RestSettings":
        for name, operation in self.operations.items():
            if operation.api not in self.apis:
                raise ValueError(f"operations.{name}.api: no API is called {operation.api!r}")
        return self


def secret_free(url: str) -> str:
    """The URL without name and password, for messages."""
    return re.sub(r"//[^/@]*@", "//", url)
