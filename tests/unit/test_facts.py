"""Facts as stream entries and back."""

import json
from typing import get_args

import pytest

from voicegw.errors import WireError
from voicegw.outcomes.record import (
    CallClosed,
    CallConcluded,
    CallOpened,
    CallPickedUp,
    Fact,
    SlotFilled,
    ToolAnswered,
    TransferTried,
    TurnTaken,
    Waterfall,
    WorkerReplaced,
    decode,
    encode,
)

SAMPLES: list[Fact] = [
    CallOpened("c1", 1.5, "+15551234567", "100", "acme-orders", 3, 1),
    CallPickedUp("c1", 2.0, 31.25, "PCMU"),
    TurnTaken("c1", 1, 3.0, "naïve — 주문", "Yes.", "order_status", "order_number", confidence=0.9,
              speculated=True, waterfall=Waterfall(900.0, 1080.0, None, 1110.5)),
    CallConcluded("c1", 4.0, "completed", "order_status", {"order_number": "4567"}),
    WorkerReplaced("c1", 4.5, hung=True),
    SlotFilled("c1", 3.5, "order_id", "4567"),
    ToolAnswered("c1", 3.7, "a1", "orders_db.order_status", "reads", "found", 12.5),
    TransferTried("c1", 3.8, 1, "sip:support@pbx.example", "the caller asked for a person", 486),
    CallClosed("c1", 5.0, "caller", 200, "OK", {"rtp_sent": 250.0}),
]  # fmt: skip


def test_every_kind_of_fact_has_a_sample() -> None:
    assert {type(sample) for sample in SAMPLES} == set(get_args(Fact))


@pytest.mark.parametrize("fact", SAMPLES, ids=lambda fact: type(fact).__name__)
def test_a_fact_comes_back_as_it_went(fact: Fact) -> None:
    entry = encode(fact)
    assert all(isinstance(value, str) for value in entry.values())
    assert decode(entry) == fact


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"kind": "CallOpened"},
        {"kind": "CallLevitated", "fact": "{}"},
        {"kind": "CallOpened", "fact": "{"},
        {"kind": "CallOpened", "fact": "[]"},
        {"kind": "WorkerReplaced", "fact": '{"call_id": "c1"}'},
    ],
)
def test_what_is_no_fact_is_refused(entry: dict[str, str]) -> None:
    with pytest.raises(WireError, match="not a fact"):
        decode(entry)


def test_a_field_of_a_newer_version_is_named() -> None:
    entry = encode(SAMPLES[4])
    entry["fact"] = json.dumps(json.loads(entry["fact"]) | {"mood": "bad"})
    with pytest.raises(WireError, match="WorkerReplaced has no mood"):
        decode(entry)


def test_a_value_of_the_wrong_type_is_refused() -> None:
    entry = encode(SAMPLES[2])
    entry["fact"] = json.dumps(json.loads(entry["fact"]) | {"index": "first"})
    with pytest.raises(WireError, match="index"):
        decode(entry)
