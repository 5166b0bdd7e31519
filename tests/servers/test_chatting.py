"""Chats with drafts by text: the console's process for them, with real sentence vectors and the shop's real orders."""

import asyncio
from pathlib import Path

import pytest

from voicegw.actions.inbox import entries
from voicegw.config import LlmSettings, Settings
from voicegw.errors import ModelMissing
from voicegw.models import catalogue
from voicegw.publishing.record import Bundle, Draft
from voicegw.web.chatting import ChatFailed, Chatting, Trial

pytestmark = pytest.mark.servers
ROOT = Path(__file__).parents[2]
ANN = Trial("ann")
ACME = (ROOT / "dialplans" / "acme-orders.yaml").read_text()


def draft(revision: int, source: str = ACME) -> Draft:
    return Draft("acme-orders", revision, 0.0, "ann", Bundle(source))


@pytest.fixture
async def chatting(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    try:
        catalogue.path(Settings().models_dir, "minilm")
    except ModelMissing as error:
        pytest.skip(str(error))
    made = Chatting(Settings(data_dir=tmp_path, llm=LlmSettings(provider="none")))
    yield made
    await made.close()


async def test_a_draft_answers_says_why_and_begins_anew_when_it_changes(chatting):
    first = await chatting.take(draft(1), "where is my order 4567", ANN)
    assert first.opening.said[0].startswith("Hi, this is Acme.")
    assert "Order 4 5 6 7 has shipped." in " ".join(first.turn.said)
    assert first.turn.why[0].startswith("reflex, sure: task.order_status")
    assert [(each["tool"], each["arguments"]) for each in first.turn.actions] == [
        ("orders_db.order_status", {"order_id": "4567"})
    ]
    silent = await chatting.take(draft(1), "", ANN)
    assert silent.opening is None
    assert "Are you still there?" in silent.turn.said
    other = await chatting.take(draft(1), None, Trial("joe"))
    assert (other.opening is not None, other.turn) == (True, None)
    changed = await chatting.take(draft(2, ACME.replace("How can I help?", "What is it?")), "goodbye", ANN)
    assert changed.opening.said == ("Hi, this is Acme. What is it?",)
    assert changed.turn.ended == "completed"
    assert (await chatting.take(draft(2, ACME), "hello", ANN)).opening is not None


async def test_a_draft_with_errors_and_a_process_that_died_say_so_and_the_next_chat_works(chatting):
    with pytest.raises(ChatFailed, match="greetin"):
        await chatting.take(draft(1, ACME.replace("greeting:", "greetin:")), "hello", ANN)
    await chatting.close()
    again = await chatting.take(draft(2), None, ANN)
    assert again.opening.said[0].startswith("Hi, this is Acme.")


async def test_what_is_confirmed_is_only_said_to_be_done_unless_that_is_wanted(chatting, tmp_path):
    for line in ("I want a refund for order 4567", "yes"):
        rehearsed = await chatting.take(draft(1), line, ANN)
    assert [(each["tool"], each["status"], each["writes"]) for each in rehearsed.turn.actions] == [
        ("orders_db.refund", "done", True)
    ]
    assert "129" in " ".join(rehearsed.turn.said), "the amount that was read out is the one that is told"
    assert not list((tmp_path / "actions").glob("inbox/*"))
    for_real = Trial("ann", for_real=True)
    assert (await chatting.take(draft(1), "I want a refund for order 4567", for_real)).opening is not None
    asked = asyncio.create_task(chatting.take(draft(1), "yes", for_real))
    inbox = tmp_path / "actions" / "inbox"
    async with asyncio.timeout(20):
        while not list(inbox.glob("*")):
            await asyncio.sleep(0.05)
    (item,) = [entry.item for entry in entries(inbox)]
    assert (item.tool, item.caller, item.arguments) == ("orders_db.refund", "ann", {"order_id": "4567"})
    asked.cancel()
