"""Pages from templates: Jinja2 with escaping, the frame around them, and static files by their content's hash."""

import functools
import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from voicegw.accounts.record import Who
from voicegw.web.access import COOKIE, csrf_token

STATIC = Path(__file__).parent / "static"


def render(
    request: Request, template: str, values: Mapping[str, Any], *, who: Who | None = None, status: int = 200
) -> HTMLResponse:
    """A page, or a part of one, from ``templates/``.

    Every template knows ``who``, ``nav`` (pages they may open), ``here`` (the path), ``csrf`` and ``nonce``; one
    that extends ``frame.html`` is a whole page, others are parts for htmx.
    """
    session = request.cookies.get(COOKIE, "")
    pages = request.app.state.pages
    common = {
        "who": who,
        "nav": [page.nav for page in pages if page.nav and who and who.may(page.nav.role)],
        "here": request.url.path,
        "csrf": csrf_token(session) if session else "",
        "nonce": getattr(request.state, "nonce", ""),
    }
    return HTMLResponse(_environment().get_template(template).render({**common, **values}), status)


@functools.cache
def static_url(name: str) -> str:
    """Where a browser finds a static file, and may keep it for ever: other content has another address."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("voicegw.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = static_url
    environment.filters |= {"moment": moment, "ms": milliseconds, "percent": percent, "lasting": lasting}
    return environment


def moment(at: float | None) -> str:
    """A Unix time as this machine's local time."""
    return "" if at is None else f"{datetime.fromtimestamp(at).astimezone():%Y-%m-%d %H:%M:%S}"


def milliseconds(value: float | None) -> str:
    """``840 ms``, ``1.24 s``."""
    if value is None:
        return "–"
    return f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.2f} s"


def percent(value: float | None) -> str:
    """Of a share from 0 to 1."""
    return "–" if value is None else f"{value:.0%}" if value in (0, 1) else f"{value:.1%}"


def lasting(seconds: float | None) -> str:
    """``0:42``, ``12:05``, ``1:02:10``."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
