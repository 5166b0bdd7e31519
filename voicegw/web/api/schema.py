"""The API described: for programs as OpenAPI, for people as a page."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from voicegw.accounts.record import Role, Who
from voicegw.web.access import needs
from voicegw.web.rendering import render

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Who, Depends(needs(Role.VIEWER))]


@router.get("/openapi.json")
async def openapi(request: Request, _: Viewer) -> dict[str, Any]:
    """OpenAPI 3.1."""
    described: dict[str, Any] = request.app.openapi()
    return described


@router.get("/")
async def page(request: Request, who: Viewer) -> Response:
    """The same for people."""
    described = request.app.openapi()
    routes = [
        {
            "method": method.upper(),
            "path": path,
            "summary": operation.get("description") or operation["summary"],
            "parameters": [_parameter(each) for each in operation.get("parameters", ())],
            "role": operation.get("x-role", ""),
        }
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
    ]
    return render(request, "api.html", {"routes": routes}, who=who)


def _parameter(described: dict[str, Any]) -> dict[str, str]:
    place = "in the path" if described["in"] == "path" else ""
    return {"name": described["name"], "text": described.get("description", place)}
