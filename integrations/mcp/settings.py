"""Settings of MCP servers, from ``[integration.mcp]``."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ToolSettings(_Part):
    """What we know better than the server's hints."""

    effect: Literal["reads", "writes"] | None = Field(
        None, description="Empty: reads if the server's readOnlyHint says so, else writes."
    )
    results: tuple[Name, ...] = Field((), description="Words that the answer's field `status` may have, as results.")
    errors: Literal["failed", "refused"] = Field(
        "failed", description="What an error of the tool is; refused: its text is a reason that callers may hear."
    )
    gives: tuple[Name, ...] = Field((), description="Values of the answer, for a tool that does not declare them.")
    key_argument: str = Field("", description="Argument that gets the key of a write, the same at every try.")
    repeatable: bool = Field(False, description="A write that may be sent twice without harm, even without a key.")
    time_limit_s: float = Field(8.0, gt=0, description="After this the caller hears that it takes too long.")


class ServerSettings(_Part):
    """A program to start, or a URL."""

    command: str = Field("", description="Program that speaks MCP over its standard input and output.")
    args: tuple[str, ...] = ()
    env: dict[str, str] = Field({}, description="Its environment, besides the usual.", repr=False)
    cwd: Path | None = None
    url: str = Field("", pattern=r"^(https?://.*)?$", description="Of a server that speaks streamable HTTP.")
    headers: dict[str, str] = Field({}, description="Sent with every request.", repr=False)
    token: SecretStr = Field(SecretStr(""), description="Sent as bearer token.")
    handshake: Literal["auto", "legacy"] = Field(
        "auto", description="legacy: for servers of before 2026 that take a newer client's first request badly."
    )
    only: tuple[str, ...] = Field((), description="Tools to use, by the server's names; empty: all.")
    tools: dict[str, ToolSettings] = Field({}, description="What we know better, by the server's names.")

    @model_validator(mode="after")
    def _one_way(self) -> "ServerSettings":
        if bool(self.command) == bool(self.url):
            raise ValueError("give either command or url")
        return self


class McpSettings(_Part):
    """Servers, by name."""

    servers: dict[Name, ServerSettings] = Field(min_length=1, description="A tool is called mcp.SERVER_TOOL.")
    data_dir: Path = Field(Path(), description="The service's data folder; lists of tools are kept there.")
    list_kept_s: float = Field(300.0, ge=0, description="A list of tools is not asked for again for so long.")
