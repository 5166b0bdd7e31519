"""Calls as traces, where the settings name a collector; OpenTelemetry is loaded only then."""

import importlib
from collections.abc import Callable
from contextlib import AsyncExitStack

from voicegw.errors import PackageMissing
from voicegw.outcomes.history import History

_MODULE, _EXTRA = "voicegw.observe.otlp", "otel"


def sender(otlp_url: str, machine: str, stack: AsyncExitStack) -> Callable[[History], None]:
    """Takes calls that are over; without a collector it does nothing.

    :raises PackageMissing: the extra ``otel`` is not installed.
    """
    if not otlp_url:
        return lambda history: None
    try:
        otlp = importlib.import_module(_MODULE)
    except ModuleNotFoundError as error:
        raise PackageMissing(str(error.name), _EXTRA) from None
    made = otlp.CallTraces(otlp_url, machine)
    stack.callback(made.close)
    send: Callable[[History], None] = made.send
    return send
