"""The application: pages, the API, static files, and what stands between them and the world."""

from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from voicegw import __version__
from voicegw.errors import ServerAway, SetupError
from voicegw.web import handoffs, rendering
from voicegw.web.access import NotSignedIn, role_of
from voicegw.web.api import ROUTERS
from voicegw.web.console import Console
from voicegw.web.headers import Guarded
from voicegw.web.pages import PAGES


class Problem(BaseModel):
    """What the API answers when it does not do what was asked."""

    detail: str


PROBLEMS: dict[int | str, dict[str, Any]] = {status: {"model": Problem} for status in (401, 403, 404, 409, 422, 503)}
_A_YEAR = "public, max-age=31536000, immutable"


def make(console: Console) -> FastAPI:
    """The application on these stores."""
    app = FastAPI(title="voicegw", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.console = console
    app.state.pages = PAGES
    app.include_router(handoffs.router, responses=PROBLEMS)
    for page in PAGES:
        app.include_router(page.router, include_in_schema=False)
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and (role := role_of(route)):
                route.openapi_extra = {"x-role": role, "security": [{"token": []}]}
        app.include_router(router, prefix="/api", responses=PROBLEMS)
    # Files alone: a page that is compressed tells by its length what a token in it begins with (BREACH).
    app.mount("/static", GZipMiddleware(_Static(directory=rendering.STATIC)))
    app.add_middleware(Guarded)
    app.add_exception_handler(NotSignedIn, _sign_in_first)
    app.add_exception_handler(ServerAway, _away)
    app.add_exception_handler(SetupError, _refused)
    app.add_exception_handler(HTTPException, _failed)
    app.add_exception_handler(RequestValidationError, _invalid)

    @app.get("/health", include_in_schema=False)
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


class _Static(StaticFiles):
    """Files that a browser keeps, since other content has another address (``rendering.static_url``)."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if b"v=" in scope["query_string"]:
            answer.headers["Cache-Control"] = _A_YEAR
        return answer


def _is_page(request: Request) -> bool:
    """Whether a person waits for the answer."""
    return not request.url.path.startswith("/api/") and "Authorization" not in request.headers


async def _sign_in_first(request: Request, _: Exception) -> Response:
    if not _is_page(request):
        return JSONResponse({"detail": "send a token of the API"}, 401, {"WWW-Authenticate": "Bearer"})
    if "HX-Request" in request.headers:  # a part of a page: the whole of it must go
        return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = request.url_for("sign_in").include_query_params(next=target) if request.method == "GET" else "/sign-in"
    return RedirectResponse(str(back), 303)


async def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _told(request, error.status_code, str(error.detail), dict(error.headers or {}))


async def _away(request: Request, error: Exception) -> Response:
    return _told(request, 503, str(error), {"Retry-After": "2"})


async def _refused(request: Request, error: Exception) -> Response:
    return _told(request, 409, str(error), {})


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    places = "; ".join(f"{'.'.join(map(str, each['loc'][1:]))}: {each['msg']}" for each in error.errors())
    return _told(request, 422, places, {})


def _told(request: Request, status: int, message: str, headers: dict[str, str]) -> Response:
    if not _is_page(request):
        return JSONResponse({"detail": message}, status, headers)
    template = "problem_part.html" if "HX-Request" in request.headers else "problem.html"
    answer = rendering.render(request, template, {"status": status, "message": message}, status=status)
    answer.headers.update(headers)
    return answer
