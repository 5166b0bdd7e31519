"""What machines ask of a service that lives: ``/ready`` and ``/metrics``."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from voicegw.config import WebSettings
from voicegw.observe.metrics import CONTENT_TYPE
from voicegw.web.desk import Report, ServiceSilent

_LOOPBACK = ("127.0.0.1", "::1")
_PROXIES = ("forwarded", "x-forwarded-for", "x-real-ip")


def router(settings: WebSettings, report: Callable[[], Awaitable[Report]]) -> APIRouter:
    """Readiness for anybody, metrics for this machine, or for whoever has ``web.metrics_token``.

    :param report: asks the service.
    """
    routes = APIRouter(include_in_schema=False)

    @routes.get("/ready")
    async def ready(response: Response) -> dict[str, Any]:
        try:
            told = await report()
        except ServiceSilent:
            response.status_code = 503
            return {"ready": False, "free_slots": 0, "reasons": ["the service does not answer"]}
        response.status_code = 503 if told.not_ready_for else 200
        return {"ready": not told.not_ready_for, "free_slots": told.free_slots, "reasons": list(told.not_ready_for)}

    @routes.get("/metrics")
    async def metrics(request: Request) -> Response:
        if not _may_read(request, settings.metrics_token):
            raise HTTPException(401, "from other machines: send web.metrics_token as bearer token", _BEARER)
        try:
            return Response((await report()).metrics, media_type=CONTENT_TYPE)
        except ServiceSilent:
            raise HTTPException(503, "the service does not answer") from None

    return routes


_BEARER = {"WWW-Authenticate": "Bearer"}


def _may_read(request: Request, token: str) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if token and scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode()):
        return True
    # A proxy on this machine is no sign that whoever asks is on it.
    from_here = request.client is not None and request.client.host in _LOOPBACK
    return from_here and not any(name in request.headers for name in _PROXIES)
