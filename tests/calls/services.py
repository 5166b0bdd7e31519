"""Services for tests of calls."""

from pathlib import Path
from typing import Any

from voicegw.config import merged

ACME = Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml"


def light(data_dir: Path, **own: Any) -> dict[str, Any]:
    """Settings of a service that starts in half the processor time: one dialplan, no language model.

    :param own: what a test sets besides, nested.
    """
    values = {
        "data_dir": str(data_dir),
        "dialplans": str(ACME),
        "llm": {"provider": "none"},
        "sip": {"host": "127.0.0.1", "port": 0},
    }
    return merged(values, own)
