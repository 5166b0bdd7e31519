"""Structured logs: one JSON line per event, or coloured lines on a terminal.

Log events are static and keyed: ``log.info("transcript.final", call_id=…, pii_text=…)``. Personal data only
ever stands under a key that begins with ``pii_``; such keys are dropped unless settings ask for them.
"""

import contextlib
import io
import logging
import sys
from typing import Any, TextIO, cast

import structlog

from voicegw.config import LogSettings

PII_PREFIX = "pii_"


class _Stderr(io.TextIOBase):
    """Standard error; whoever reads it may be gone, as after the service was killed, and that must not end a call."""

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.flush()


def _mask_personal_data(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for key in event:
        if key.startswith(PII_PREFIX):
            event[key] = "***"
    return event


def configure(*, level: str = "info", json: bool | None = None, personal_data: bool = False) -> None:
    """Send logs to stderr.

    :param level: ``debug``, ``info``, ``warning`` or ``error``.
    :param json: one JSON object per line; by default unless stderr is a terminal.
    :param personal_data: keep the values of ``pii_`` keys instead of masking them.
    """
    as_json = not sys.stderr.isatty() if json is None else json
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    if not personal_data:
        processors.append(_mask_personal_data)
    if as_json:
        processors += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        processors.append(structlog.dev.ConsoleRenderer(pad_event_to=28))
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        # One write per line: every process of the service writes to the same stderr.
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _Stderr())),
        cache_logger_on_first_use=True,
    )


def configure_from(settings: LogSettings) -> None:
    """``configure`` by the settings."""
    as_json = {"json": True, "pretty": False}.get(settings.format)
    configure(level=settings.level, json=as_json, personal_data=settings.personal_data)


def get_logger(**values: object) -> structlog.typing.FilteringBoundLogger:
    """A logger with ``values`` on every line."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(**values)
    return logger
