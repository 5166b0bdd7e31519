"""The API, a module for each noun; ``ROUTERS`` is all of them, each under ``/api``.

Routes take ``who: Annotated[Who, Depends(needs(Role.…))]`` as pages do, and answer pydantic models or dataclasses.
"""

from fastapi import APIRouter

from voicegw.web.api import calls, dialplans, schema

ROUTERS: tuple[APIRouter, ...] = (calls.router, dialplans.router, schema.router)
