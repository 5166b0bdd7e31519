"""Whether what a caller said yes to may be done: by the dialplan's policy, and by that of the settings."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import ValidationError

from voicegw.call.commands import Consent
from voicegw.config import Settings
from voicegw.dialplan.policy import Policy, Reason
from voicegw.errors import SettingsError


def policies(settings: Settings) -> dict[str, Policy]:
    """Of the settings, by tool.

    :raises SettingsError: a policy is none.
    """
    found = {}
    for tool, values in settings.actions.policy.items():
        try:
            found[tool] = Policy.model_validate(values)
        except ValidationError as error:
            lines = [f"actions.policy.{tool}.{'.'.join(map(str, at['loc']))}: {at['msg']}" for at in error.errors()]
            raise SettingsError("\n".join(lines)) from None
    return found


def refusal(
    consent: Consent,
    arguments: Mapping[str, object],
    of_settings: Policy | None,
    now: datetime,
    earlier_s: Sequence[float] = (),
) -> Reason | None:
    """Why it may not be done; None: it may. Other parameters as of ``Policy.refusal``."""
    of_dialplan = Policy.model_validate(consent.policy) if consent.policy else None
    values = {**consent.values, **arguments}
    asked = (policy for policy in (of_dialplan, of_settings) if policy)
    return next(filter(None, (policy.refusal(values, now, earlier_s) for policy in asked)), None)


def refused(reason: Reason) -> dict[str, object]:
    """What a write gives that may not be done."""
    return {"status": "refused", "refused_for": reason}
