"""Any HTTP API that speaks JSON, described in settings: no program needed."""

from typing import Any

from voicegw.actions.requests import Integration

from .api import Api
from .operations import tool
from .settings import RestSettings


def integration(settings: dict[str, Any]) -> Integration:
    """The integration, from its settings."""
    own = RestSettings.model_validate(settings)
    apis = {name: Api(name, api) for name, api in own.apis.items()}

    async def close() -> None:
        for api in apis.values():
            await api.close()

    async def health() -> str:
        return "; ".join([said for api in apis.values() if (said := await api.health())])

    tools = tuple(tool(name, operation, apis[operation.api]) for name, operation in own.operations.items())
    return Integration("rest", tools, close=close, health=health)
