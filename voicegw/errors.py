"""Every error voicegw raises on purpose, as one tree; the type carries the verdict.

::

    VoicegwError
    ├── SetupError            the person at the terminal can mend it: one line, exit code 2
    │   ├── SettingsError         unknown or wrong settings
    │   ├── DocumentError         a file that does not parse or check; all its problems at once
    │   │   ├── DialplanError         a dialplan
    │   │   └── ScenarioError         a scenario of `voicegw qa`
    │   ├── ModelMissing          a model file that was never pulled
    │   ├── PackageMissing        an optional package (an extra) that is not installed
    │   ├── PortBusy              somebody else listens there
    │   ├── ServerAway            database, Redis or LLM cannot be reached (retryable)
    │   └── AudioFormatError      a WAV of the wrong kind
    ├── EngineError           an engine failed in the middle of a call (retryable)
    ├── WireError             the other side of a socket does not speak our protocol
    └── CallRefused           a call is turned away; carries the SIP status
        ├── UnknownNumber         404
        ├── NoCommonCodec         488
        └── NoFreeWorker          503 with Retry-After
"""

from dataclasses import dataclass


class VoicegwError(Exception):
    """Base of all. ``retryable``: trying again later, unchanged, may work."""

    retryable = False
    exit_code = 1


class SetupError(VoicegwError):
    """Something a person must mend before it can work. The message says what to do."""

    exit_code = 2


class SettingsError(SetupError):
    """Unknown or wrong settings; the message lists all of them, each with a hint."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a file a person wrote."""

    file: str
    line: int
    """1-based."""
    column: int
    """1-based."""
    message: str
    hint: str = ""
    """What to write instead."""
    severity: str = "error"
    """``error`` or ``warning``."""

    def __str__(self) -> str:
        text = f"{self.file}:{self.line}:{self.column}: {self.severity}: {self.message}"
        return f"{text} ({self.hint})" if self.hint else text


class DocumentError(SetupError):
    """A file that does not parse or check; ``problems`` holds all of them at once."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class DialplanError(DocumentError):
    """Of a dialplan."""


class ScenarioError(DocumentError):
    """Of a scenario."""


class ModelMissing(SetupError):
    """A model file is not on this machine: run ``voicegw models pull NAME``."""

    def __init__(self, name: str) -> None:
        super().__init__(f"model {name!r} is not on this machine: run `voicegw models pull {name}`")
        self.name = name


class PackageMissing(SetupError):
    """An optional package is not installed: ``pip install 'voicegw[EXTRA]'``."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed: run `pip install 'voicegw[{extra}]'` (or `make all`)")
        self.package = package
        self.extra = extra


class PortBusy(SetupError):
    """A port we must listen on is taken."""


class ServerAway(SetupError):
    """A server we need does not answer; the message names its URL (without password) and the setting."""

    retryable = True


class AudioFormatError(SetupError):
    """A WAV file that is not 16-bit PCM mono or stereo."""


class EngineError(VoicegwError):
    """An engine failed in the middle of its work; another try or another engine may succeed."""

    retryable = True


class WireError(VoicegwError):
    """Bytes that are not a message of our protocol, or of another version of it."""


class CallRefused(VoicegwError):
    """A call that is turned away before answer."""

    sip_status = 500
    retry_after_s: int | None = None


class UnknownNumber(CallRefused):
    """No dialplan answers this number (RFC 3261 §21.4.5)."""

    sip_status = 404


class NoCommonCodec(CallRefused):
    """Nothing in the offer that we can play (RFC 3261 §21.4.26)."""

    sip_status = 488


class NoFreeWorker(CallRefused):
    """All workers are taken (RFC 3261 §21.5.4)."""

    sip_status = 503

    def __init__(self, reason: str, retry_after_s: int = 5) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s
