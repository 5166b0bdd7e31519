"""Tools made from settings: arguments in, a request, an answer, values and a result out."""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, create_model
from pydantic_core import to_jsonable_python

from voicegw.actions.requests import Effect, Tool, ToolFailed, ToolResult, idempotency_key

from . import pointers, templates
from .api import Answer, Api
from .settings import OperationSettings


def _amount(value: Any) -> Any:
    """Money as a dialplan's slot has it: ``{"amount": "12.50", "currency": "EUR"}``."""
    return value.get("amount") if isinstance(value, Mapping) else value


KINDS: dict[str, Any] = {
    "text": str,
    "digits": Annotated[str, Field(pattern=r"^[0-9]+$")],
    "number": int | float,
    "money": Annotated[Decimal, BeforeValidator(_amount)],
    "date": date,
    "time": time,
    "datetime": datetime,
    "yes_no": bool,
}


def tool(name: str, settings: OperationSettings, api: Api) -> Tool:
    """The tool ``rest.NAME``."""
    effect = Effect(settings.effect)
    usual = "found" if effect is Effect.READS else "done"
    takes, gives = _takes(name, settings), _gives(name, settings, usual)

    async def run(arguments: BaseModel) -> ToolResult:
        given = {**to_jsonable_python(arguments), templates.KEY: idempotency_key()}
        answer = await _send(api, settings, given)
        status = _status(settings, answer, usual)
        if status is None:
            raise ToolFailed(f"rest.{name}: HTTP {answer.http}", retryable=answer.http >= 500 or answer.http == 408)
        values = {value: _at(answer, place.at) for value, place in settings.gives.items()}
        if status != usual:
            return gives.model_validate({**values, "status": status, "reason": _reason(settings, answer)})
        if missing := [
            value for value, place in settings.gives.items() if values[value] is None and not place.optional
        ]:
            if settings.missing is None:
                raise ToolFailed(f"rest.{name}: the answer has nothing at {settings.gives[missing[0]].at}")
            return gives.model_validate({"status": settings.missing})
        return gives.model_validate({**values, "status": usual})

    return Tool(f"rest.{name}", effect, takes, gives, run, settings.time_limit_s, settings.summary)


async def _send(api: Api, settings: OperationSettings, values: dict[str, Any]) -> Answer:
    headers = {name: str(value) for name, value in templates.fill(settings.headers, values).items()}
    if settings.idempotency_header and values[templates.KEY]:
        headers[settings.idempotency_header] = values[templates.KEY]
    try:
        path = templates.path(settings.path, values)
    except ValueError as error:
        raise ToolFailed(str(error)) from None
    query, body = templates.fill(settings.query, values), templates.fill(settings.body, values)
    return await api.send(settings.method, path, query, headers, body)


def _takes(name: str, settings: OperationSettings) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for argument, kind in settings.takes.items():
        annotation = KINDS[kind.removesuffix("?")]
        fields[argument] = (annotation | None, None) if kind.endswith("?") else (annotation, ...)
    return create_model(f"{name}_takes", **fields)


def _gives(name: str, settings: OperationSettings, usual: str) -> type[ToolResult]:
    told = settings.told.means.values() if settings.told else ()
    statuses = dict.fromkeys([usual, *settings.results, *told, *([settings.missing] if settings.missing else [])])
    fields: dict[str, Any] = dict.fromkeys(settings.gives, (Any, None))
    fields["status"] = (Literal[tuple(statuses)], usual)
    return create_model(f"{name}_gives", __base__=ToolResult, **fields)


def _status(settings: OperationSettings, answer: Answer, usual: str) -> str | None:
    """The result; None: it is none, but a failure."""
    for status, codes in settings.results.items():
        if answer.http in codes:
            return status
    if not 200 <= answer.http < 300:
        return None
    if settings.told:
        word = _at(answer, settings.told.at)
        return settings.told.means.get(str(word), usual)
    return usual


def _reason(settings: OperationSettings, answer: Answer) -> str:
    reason = _at(answer, settings.reason) if settings.reason is not None else None
    return str(reason).strip().rstrip(".") if isinstance(reason, str) else ""


def _at(answer: Answer, pointer: str) -> Any:
    """None where there is nothing, or null."""
    try:
        return pointers.look_up(answer.document, pointers.parse(pointer))
    except pointers.NothingThere:
        return None
