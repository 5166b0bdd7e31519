"""Snapshots as JSON and back."""

import pytest

from voicegw.errors import WireError
from voicegw.session.record import Snapshot, decode, encode

SNAPSHOT = Snapshot("c1", "acme-orders", 3, {"task": "order_status", "slots": {"order_number": "4567"}}, 2, 12.5)


def test_a_snapshot_comes_back_as_it_went() -> None:
    assert decode(encode(SNAPSHOT)) == SNAPSHOT


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"call_id": "c1", "state": 3}'])
def test_what_is_no_snapshot_is_refused(text: str) -> None:
    with pytest.raises(WireError, match="not a snapshot"):
        decode(text)
