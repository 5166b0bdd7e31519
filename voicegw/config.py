"""Settings: the only reader of the environment.

Sources, strongest first: command-line options, environment (``VOICEGW_SIP__PORT=5080``), a TOML file
(``--settings FILE``), defaults. With no settings at all the service runs on one machine by itself.
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voicegw.errors import SettingsError

ENV_PREFIX = "VOICEGW_"
Role = Literal["viewer", "qa", "editor", "publisher", "admin"]
"""Of the console's users; what each may do: ``accounts/record.py``."""
_LISTS = ("codecs", "trunks", "ice_servers", "to")
"""Settings that hold several values; in the environment they stand with commas between."""


def _home(variable: str, fallback: str) -> Path:
    base = os.environ.get(variable)
    return (Path(base) if base else Path.home() / fallback) / "voicegw"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RegistrationSettings(_Section):
    """A trunk that wants to be told where we are."""

    registrar: str = Field(pattern=r"^sip:[^\s<>@]+$", description="sip:HOST of the provider.")
    user: str = Field(min_length=1, description="Name of the account.")
    password: str = Field(description="Its password.", repr=False)


class SipSettings(_Section):
    """Where calls arrive."""

    host: str = Field("0.0.0.0", description="Address to listen on; 127.0.0.1 for this machine only.")
    port: int = Field(5060, ge=0, le=65535, description="UDP port of the first cell; 0 chooses a free one.")
    public_host: str = Field("", description="Address to advertise in SIP and SDP; empty: found by itself.")
    cells: int = Field(1, ge=1, le=64, description="SIP processes; each holds up to 4 calls (PyPI's pjsua2).")
    rtp_port: int = Field(0, ge=0, le=65000, description="First RTP port; 0 chooses a free range.")
    codecs: tuple[Literal["PCMU", "PCMA", "G722"], ...] = Field(
        ("PCMU", "PCMA", "G722"), description="Codecs offered and accepted, best first."
    )
    media_timeout_s: float = Field(15.0, gt=0, description="A call that never receives audio ends after this.")
    srtp: Literal["off", "optional", "required"] = Field(
        "off", description="Audio encrypted by keys in SDP (RFC 4568); send SIP by TLS then (edge.tls_port)."
    )
    users: dict[str, str] = Field(
        default_factory=dict,
        description="Who may call: passwords by user name, asked for by digest; [sip.users]. Empty: anybody.",
        repr=False,
    )
    registrations: tuple[RegistrationSettings, ...] = Field(
        (), description="Trunks to REGISTER with: [[sip.registrations]] with registrar, user and password."
    )


class EdgeSettings(_Section):
    """Kamailio in front of the cells: one address for all of them, and a door that is watched."""

    provider: Literal["auto", "none", "kamailio"] = Field(
        "auto", description="auto: with several cells, if Kamailio is installed."
    )
    trunks: tuple[str, ...] = Field(
        (), description="Addresses and networks that calls may come from; others get no answer. Empty: from anywhere."
    )
    calls_per_s: int = Field(30, ge=1, le=50, description="New calls a second over all cells; the next one gets 503.")
    requests_per_source: int = Field(
        60, ge=10, description="Requests in two seconds after which a source is banned, where there are no trunks."
    )
    ban_s: int = Field(60, ge=1, description="For so long.")
    tls_port: int = Field(0, ge=0, le=65535, description="TCP port for SIP over TLS; 0: none.")
    tls_certificate: Path | None = Field(None, description="PEM file, with the whole chain.")
    tls_key: Path | None = Field(None, description="PEM file.")


class WorkerSettings(_Section):
    """The pool of processes that talk."""

    warm: int = Field(2, ge=0, le=64, description="Workers kept ready ahead of calls.")
    most: int = Field(16, ge=1, le=512, description="Workers at once, ready and busy together.")
    capacity: int = Field(
        0,
        ge=0,
        le=512,
        description="Conversations that the machine keeps its promise with; beyond, callers get keys, then 503. "
        "0: what `voicegw bench capacity` has measured and kept in data_dir, if it was run.",
    )
    menu: bool = Field(
        True, description="Callers beyond the capacity get a menu of keys, as far as that goes; else 503 at once."
    )
    hang_s: float = Field(2.0, gt=0.2, description="A worker silent for this long is replaced.")
    nice: int = Field(5, ge=0, le=19, description="Niceness of workers: cells go first.")


class SttSettings(_Section):
    """Hearing."""

    provider: Literal["auto", "whisper", "vosk", "stub"] = Field(
        "auto",
        description="auto: English by whisper, or by vosk when its English model is here; Korean by vosk.",
    )
    model: str = Field("", description="Model name of the catalogue; empty: the provider's own choice.")
    threads: int = Field(1, ge=1, le=8, description="Threads that hear one utterance.")


class TtsSettings(_Section):
    """Speaking."""

    provider: Literal["hibari", "coqui", "piper", "espeak", "stub"] = Field(
        "hibari", description="Which engine speaks; other languages than English are espeak-ng's unless voice is set."
    )
    voice: str = Field(
        "", description="Name of the voice, or a Coqui checkpoint (FILE.pth); empty: the provider's default."
    )
    speed: float = Field(1.0, gt=0.4, lt=2.5, description="1.0 is the voice's own pace.")


class EmbedSettings(_Section):
    """What sentences mean."""

    provider: Literal["minilm", "stub"] = Field("minilm", description="Which engine compares sentences.")


class StubSettings(_Section):
    """Stand-ins for engines (provider stub): set delays instead of models, for load tests."""

    hears: str = Field("", description="What every caller says, utterance by utterance, with | between.")
    stt_ms: float = Field(120.0, ge=0, description="How long a decoding takes.")
    tts_ms: float = Field(60.0, ge=0, description="Until the first sound of a clause.")


class LlmSettings(_Section):
    """Deciding what the reflex is not sure of."""

    provider: Literal["auto", "none", "url", "xllamacpp", "llama_cpp"] = Field(
        "auto", description="auto: a local server if package and model are here, else none."
    )
    url: str = Field("", description="OpenAI-compatible base URL, for provider url.")
    model: str = Field("qwen2.5-coder-0.5b", description="Catalogue name, or the name the URL's server knows.")
    api_key: str = Field("", description="Sent as bearer token.", repr=False)
    threads: int = Field(
        1, ge=1, le=64, description="Threads of the local server; more than cores that calls leave idle slow it down."
    )
    slots: int = Field(4, ge=1, le=64, description="Completions the local server works on at once.")


class ActionSettings(_Section):
    """What callers may have changed."""

    policy: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description='What must hold before a tool changes anything, by tool: [actions.policy."TOOL"]; docs/actions.md.',
    )


class WebSettings(_Section):
    """What people and other programs read over HTTP: the console, its API, the context of callers handed over."""

    console: bool = Field(True, description="Serve the console and its API, to whoever signs in.")
    host: str = Field("127.0.0.1", description="Address to listen on; put a TLS proxy before anything wider.")
    port: int = Field(8088, ge=0, le=65535, description="TCP port; 0 chooses a free one.")
    token: str = Field("", description="Bearer token for callers' contexts alone; empty: none.", repr=False)
    metrics_token: str = Field(
        "", description="Bearer token of /metrics from other machines; empty: this machine alone.", repr=False
    )
    ice_servers: tuple[str, ...] = Field(
        (), description="URLs of STUN and TURN servers for calls from browsers; empty: this machine's own addresses."
    )
    link_minutes: int = Field(30, ge=1, le=1440, description="How long a signed link to a caller's context is good.")
    context_hours: int = Field(24, ge=1, le=720, description="How long a caller's context is kept for the person.")


class OidcSettings(_Section):
    """Signing in to the console by an OpenID provider, besides passwords."""

    issuer: str = Field("", description="Its https URL; empty: passwords alone.")
    client_id: str = Field("", description="The console's, as registered there.")
    client_secret: str = Field("", description="The console's.", repr=False)
    role_claim: str = Field("groups", description="Claim of the ID token that says what somebody may do.")
    roles: dict[str, Role] = Field(
        default_factory=dict, description='Role by value of that claim: [oidc.roles] "call-center" = "viewer".'
    )
    default_role: Role | None = Field(None, description="Of whoever has none of these; unset: they must be added.")


class AlertSettings(_Section):
    """When somebody should look, and who is told."""

    to: tuple[str, ...] = Field((), description="E-mail addresses and webhooks of integration notify that are told.")
    console_url: str = Field("", description="Where the console is reached from outside, for links.")
    roll_back: bool = Field(False, description="Go back by itself from a version that is clearly worse.")
    look_every_s: float = Field(60.0, gt=0, description="Between two looks.")
    usual_days: int = Field(7, ge=1, le=60, description="What is usual is seen over so many days.")
    least_calls: int = Field(20, ge=1, description="Fewer calls, or turns, say nothing.")
    least_tools: int = Field(5, ge=1, description="Fewer uses of a tool say nothing.")
    completion_margin: float = Field(0.15, gt=0, lt=1, description="Share of calls by which completion may fall.")
    version_margin: float = Field(0.1, gt=0, lt=1, description="Share of calls by which a new version may be worse.")
    latency_p95_ms: float = Field(1200.0, gt=0, description="Promise: caller's last voice to the agent's first packet.")
    no_match_share: float = Field(0.15, gt=0, lt=1, description="Share of turns that may be misunderstood.")
    tool_failures_share: float = Field(0.2, gt=0, lt=1, description="Share of a tool's uses that may fail.")
    spool_mb: float = Field(1.0, gt=0, description="Facts that may wait on disk for Redis.")


class TraceSettings(_Section):
    """Calls as OpenTelemetry traces."""

    otlp_url: str = Field("", description="OTLP/HTTP collector, as http://127.0.0.1:4318; empty: no traces.")


class PrivacySettings(_Section):
    """What callers tell in confidence."""

    key: str = Field(
        "",
        description="32 bytes in base64 (`openssl rand -base64 32`) that encrypt recordings and secrets; empty: "
        "nothing is recorded, and secrets outlive a worker but not the service.",
        repr=False,
    )
    lasting: bool = Field(True, description="Set by the service: false for a key that it has made for itself.")


class LogSettings(_Section):
    """Logs."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is logged.")
    format: Literal["auto", "json", "pretty"] = Field("auto", description="auto: pretty on a terminal, else JSON.")
    personal_data: bool = Field(False, description="Keep pii_ values; for debugging on your own calls only.")


class Settings(_Section):
    """Everything that can be set."""

    sip: SipSettings = SipSettings()
    edge: EdgeSettings = EdgeSettings()
    workers: WorkerSettings = WorkerSettings()
    stt: SttSettings = SttSettings()
    tts: TtsSettings = TtsSettings()
    embed: EmbedSettings = EmbedSettings()
    llm: LlmSettings = LlmSettings()
    actions: ActionSettings = ActionSettings()
    web: WebSettings = WebSettings()
    oidc: OidcSettings = OidcSettings()
    alerts: AlertSettings = AlertSettings()
    traces: TraceSettings = TraceSettings()
    privacy: PrivacySettings = PrivacySettings()
    stub: StubSettings = StubSettings()
    log: LogSettings = LogSettings()
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in data_dir.", repr=False)
    redis_url: str = Field("", description="redis:// or unix:// URL; empty: an embedded Valkey.", repr=False)
    pretend_now: datetime | None = Field(
        None, description="For tests: the local time at which every call begins, as 2026-03-16T12:00."
    )
    dialplans: Path = Field(Path("dialplans"), description="Folder of YAML files, or one file.")
    integrations: Path = Field(Path("integrations"), description="Folder of integrations.")
    integration: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Settings of integrations, by name: [integration.NAME]."
    )
    data_dir: Path = Field(
        default_factory=lambda: _home("XDG_DATA_HOME", ".local/share"),
        description="Records, the embedded servers' files, the spool.",
    )
    cache_dir: Path = Field(
        default_factory=lambda: _home("XDG_CACHE_HOME", ".cache"), description="Models, and speech that was made once."
    )

    @property
    def models_dir(self) -> Path:
        """Where pulled models lie."""
        return self.cache_dir / "models"

    @property
    def recordings_dir(self) -> Path:
        """Where recordings lie."""
        return self.data_dir / "recordings"

    @property
    def resolved_database_url(self) -> str:
        """The URL to use, the embedded default included."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'voicegw.sqlite'}"


ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


def environment_for_children() -> dict[str, str]:
    """Our environment with threads of numeric libraries bounded, since calls share the cores."""
    return {**ONE_THREAD, **os.environ}


def bound_threads() -> None:
    """The same for this process, before it imports a numeric library."""
    for name, value in ONE_THREAD.items():
        os.environ.setdefault(name, value)


def load(file: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Settings from defaults, ``file``, the environment and ``overrides`` (nested dicts), later ones winning.

    :raises SettingsError: naming every unknown or wrong setting at once.
    """
    values: dict[str, Any] = {}
    _merge(values, _read_toml(file) if file else {})
    _merge(values, _read_environment(os.environ))
    _merge(values, overrides or {})
    return from_values(values, str(file or "settings"))


def from_values(values: Mapping[str, Any], source: str = "settings") -> Settings:
    """Settings from nested values, checked.

    :raises SettingsError: naming every unknown or wrong setting at once.
    """
    try:
        return Settings.model_validate(dict(values))
    except ValidationError as error:
        lines = [_describe(details) for details in error.errors()]
        raise SettingsError("\n".join(f"{source}: {line}" for line in lines)) from None


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{file}: no such file (--settings)") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{file}: not readable as TOML: {error}") from None


def _read_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in environ.items():
        if not name.startswith(ENV_PREFIX):
            continue
        place = values
        *path, last = name.removeprefix(ENV_PREFIX).lower().split("__")
        for part in path:
            place = place.setdefault(part, {})
        place[last] = text.split(",") if last in _LISTS else text
    return values


def merged(values: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Nested values with ``other`` over them."""
    whole: dict[str, Any] = {}
    _merge(whole, values)
    _merge(whole, other)
    return whole


def _merge(into: dict[str, Any], other: Mapping[str, Any]) -> None:
    for key, value in other.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = dict(value) if isinstance(value, Mapping) else value


def _describe(details: Any) -> str:
    place = ".".join(str(part) for part in details["loc"])
    if details["type"] != "extra_forbidden":
        return f"{place} = {details['input']!r}: {details['msg']}"
    near = difflib.get_close_matches(place, _names(Settings), n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}?" if near else "see the settings reference in README.md"
    return f"unknown setting {place} ({hint})"


def _names(section: type[BaseModel], prefix: str = "") -> list[str]:
    names: list[str] = []
    for name, field in section.model_fields.items():
        names.append(prefix + name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            names += _names(field.annotation, f"{prefix}{name}.")
    return names
