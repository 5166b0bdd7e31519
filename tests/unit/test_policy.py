"""What must hold besides the caller's yes."""

from datetime import UTC, datetime

import pytest

from voicegw.dialplan.policy import Policy

NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)
"""A Monday."""


def refusal(values: dict[str, object] | None = None, earlier_s: tuple[float, ...] = (), **policy: object) -> str | None:
    return Policy.model_validate(policy).refusal(values or {}, NOW, earlier_s)


def test_an_empty_policy_allows_everything() -> None:
    assert refusal() is None


@pytest.mark.parametrize(
    ("amount", "reason"),
    [("199.99", None), (200, None), ("200.01", "amount"), (None, "amount"), ("lots", "amount"), ("NaN", "amount")],
)
def test_an_amount_has_a_limit_and_must_be_known(amount: object, reason: str | None) -> None:
    assert refusal({"price": amount}, amount={"value": "price", "most": 200}) == reason


@pytest.mark.parametrize(("level", "reason"), [(2, None), (1, None), (0, "identity"), (None, "identity")])
def test_the_caller_must_be_known_well_enough(level: object, reason: str | None) -> None:
    assert refusal({"identity_level": level}, identity_level=1) == reason


@pytest.mark.parametrize(
    ("week", "zone", "reason"),
    [
        ({"monday": "09:00-17:00"}, "UTC", None),
        ({"monday": "09:00-12:00"}, "UTC", "hours"),
        ({"tuesday": "09:00-17:00"}, "UTC", "hours"),
        ({"monday": "20:00-22:00"}, "Asia/Seoul", None),
    ],
)
def test_only_at_some_times(week: dict[str, str], zone: str, reason: str | None) -> None:
    assert refusal(hours={"week": week, "timezone": zone}) == reason


def test_only_so_often_in_the_time_just_past() -> None:
    now_s, hour_s = NOW.timestamp(), 3600.0
    limit = {"most": 2, "within_hours": 1}
    assert refusal({}, (now_s - 1, now_s - 2 * hour_s), per_caller=limit) is None
    assert refusal({}, (now_s - 1, now_s - hour_s + 1), per_caller=limit) == "rate"
