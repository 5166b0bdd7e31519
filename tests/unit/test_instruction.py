"""What leaves a call to be done for sure, and how it is kept on disk."""

from dataclasses import replace
from pathlib import Path

import pytest

from voicegw.actions import inbox
from voicegw.actions.instruction import decode, encode, instruction, key_of, notice
from voicegw.call.commands import ActionRequest, Consent, Effect, SendWhenDone
from voicegw.errors import WireError

CONSENT = Consent("Shall I?", "yes", {"amount": "18.00"}, {"identity_level": 1})
REQUEST = ActionRequest("refund-3", "orders.refund", {"order_id": "4567"}, Effect.WRITES, CONSENT)
INSTRUCTION = instruction("c1", "+15550111", REQUEST, 7.0)
NOTICE = notice("c1", SendWhenDone(REQUEST, "notify.send", "joe", "s", {"otherwise": "x"}, {"a": 1}), 8.0)


@pytest.mark.parametrize("item", [INSTRUCTION, NOTICE], ids=["instruction", "notice"])
def test_what_is_written_is_read_again(item) -> None:  # type: ignore[no-untyped-def]
    assert decode(encode(item)) == item


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b'{"kind": "instruction"}', b'{"kind": "wish", "key": "k"}', b"\xff"]
)
def test_what_is_something_else_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        decode(data)


def test_a_key_is_of_call_yes_and_arguments() -> None:
    assert key_of("c1", REQUEST) == INSTRUCTION.key == NOTICE.key
    others = [
        key_of("c2", REQUEST),
        key_of("c1", replace(REQUEST, id="refund-4")),
        key_of("c1", replace(REQUEST, arguments={"order_id": "4568"})),
        key_of("c1", replace(REQUEST, tool="orders.cancel")),
    ]
    assert len({*others, INSTRUCTION.key}) == 5


def test_the_same_asked_for_again_in_a_task_has_another_key_and_is_the_same() -> None:
    again = instruction("c1", "+15550111", replace(REQUEST, id="refund-9"), 9.0)
    assert again.key != INSTRUCTION.key
    assert again.sameness == INSTRUCTION.sameness


def test_an_inbox_gives_in_order_what_was_put_in_until_it_is_done(tmp_path: Path) -> None:
    for item in (INSTRUCTION, NOTICE):
        inbox.put(tmp_path / "inbox", item)
    found = list(inbox.entries(tmp_path / "inbox"))
    assert [entry.item for entry in found] == [INSTRUCTION, NOTICE]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "inbox").iterdir()} == {0o600}
    found[0].done()
    assert [entry.item for entry in inbox.entries(tmp_path / "inbox")] == [NOTICE]
