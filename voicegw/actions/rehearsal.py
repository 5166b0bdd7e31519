"""A rehearsal: what a caller confirms is judged as on a call, and answered as if it were done; nothing is sent."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from voicegw import log
from voicegw.actions.judging import refusal, refused
from voicegw.actions.registry import Toolbox
from voicegw.actions.requests import Tool
from voicegw.call.commands import ActionRequest, SendWhenDone
from voicegw.call.events import ActionResult
from voicegw.dialplan.policy import Policy

logger = log.get_logger()


class Rehearsal:
    """In the place of the action runner.

    :param policies: of the settings, by tool.
    """

    def __init__(self, tools: Toolbox, policies: Mapping[str, Policy]) -> None:
        self._tools = tools
        self._policies = policies

    async def run(self, request: ActionRequest) -> ActionResult:
        """What the tool says when all goes well, with what is known of it; or why it may not be done."""
        began = time.monotonic()
        status, values = self._answer(request)
        return ActionResult(request.id, request.tool, status, values, (time.monotonic() - began) * 1000)

    def promise(self, wanted: SendWhenDone) -> None:
        """No message is sent either."""

    def _answer(self, request: ActionRequest) -> tuple[str, dict[str, object]]:
        tool = self._tools.tool(request.tool)
        if tool is None or request.consent is None:
            logger.error("rehearsal.not_possible", tool=request.tool)
            return "failed", {}
        of_settings = self._policies.get(request.tool)
        reason = refusal(request.consent, request.arguments, of_settings, datetime.now(UTC))
        if reason:
            return "refused", refused(reason)
        try:
            tool.takes.model_validate(dict(request.arguments))
        except ValidationError as error:
            logger.warning("tool.wrong_arguments", tool=tool.name, pii_error=str(error.errors(include_input=False)))
            return "failed", {}
        return _as_if_done(tool, {**request.consent.values, **request.arguments})


def _as_if_done(tool: Tool, known: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    """The first status that changes something. Fields that it gives have what is known by their names, or their
    defaults: an amount that was read out before is the one that is told after."""
    status = next((word for word in tool.statuses() if word not in tool.unchanged), "done")
    fields = {name: known[name] for name in tool.gives.model_fields if name in known and name != "status"}
    for given in (fields, {}):
        try:
            return status, _dumped(tool.gives.model_validate({**given, "status": status}))
        except ValidationError:  # of another type than the field, or a field that must be there is not
            continue
    return status, {"status": status, **fields}


def _dumped(result: BaseModel) -> dict[str, Any]:
    return result.model_dump(mode="json")
