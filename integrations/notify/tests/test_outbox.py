"""Messages that wait are nobody's twice at once, and outlive whoever had them."""

import asyncio
from dataclasses import replace

import pytest

from ..outbox import KEPT_S, LEASE_S, SENT, Letter, Outbox

LETTER = Letter("call-1/notice", "e1", "joe@example.com", "Hi", "words", next_at=100.0, created_at=100.0)


@pytest.fixture
async def outbox(tmp_path):
    outbox = Outbox(tmp_path / "notify.sqlite")
    yield outbox
    await outbox.close()


async def test_the_same_key_is_the_same_message(outbox):
    assert await outbox.accept(LETTER) == LETTER
    assert await outbox.accept(replace(LETTER, body="other words")) == LETTER


async def test_a_message_is_had_by_one_at_a_time_also_of_many_processes(outbox, tmp_path):
    others = [Outbox(tmp_path / "notify.sqlite") for _ in range(4)]
    for number in range(10):
        await outbox.accept(replace(LETTER, key=f"k{number}"))
    claimed = await asyncio.gather(*(other.claim(100.0) for other in others * 5))
    assert sorted(letter.key for letter in claimed if letter) == sorted(f"k{number}" for number in range(10))
    for other in others:
        await other.close()


async def test_a_message_whose_sender_died_is_due_again_after_a_while(outbox):
    await outbox.accept(LETTER)
    assert await outbox.claim(100.0)
    assert await outbox.claim(100.0 + LEASE_S - 1) is None
    again = await outbox.claim(100.0 + LEASE_S)
    assert again
    assert (again.body, again.tries) == ("words", 2)


async def test_what_is_not_due_is_left_alone(outbox):
    await outbox.accept(LETTER)
    assert await outbox.claim(99.0) is None
    await outbox.later(LETTER.key, 200.0, "away")
    assert await outbox.claim(199.0, LETTER.key) is None
    assert await outbox.claim(200.0, "another") is None
    assert await outbox.claim(200.0, LETTER.key)


async def test_words_are_forgotten_when_it_is_over_and_keys_after_a_month(outbox):
    await outbox.accept(LETTER)
    await outbox.end(LETTER.key, SENT, 300.0)
    found = await outbox.accept(LETTER)
    assert (found.state, found.subject, found.body) == (SENT, "", "")
    await outbox.forget_old(300.0 + KEPT_S)
    assert await outbox.find(LETTER.key)
    await outbox.forget_old(301.0 + KEPT_S)
    assert await outbox.find(LETTER.key) is None


async def test_a_look_makes_no_file(outbox, tmp_path):
    assert await outbox.health() == ""
    assert list(tmp_path.iterdir()) == []
