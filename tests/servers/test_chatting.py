"""Chats with drafts by text: the console's process for them, with real sentence vectors and the shop's real orders."""

from pathlib import Path

import pytest

from voicegw.config import LlmSettings, Settings
from voicegw.errors import ModelMissing
from voicegw.models import catalogue
from voicegw.publishing.record import Bundle, Draft
from voicegw.web.chatting import ChatFailed, Chatting

pytestmark = pytest.mark.servers
ROOT = Path(__file__).parents[2]
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
    first = await chatting.take(draft(1), "ann", "where is my order 4567")
    assert first.opening.said[0].startswith("Hi, this is Acme.")
    assert "Order 4 5 6 7 has shipped." in " ".join(first.turn.said)
    assert first.turn.why[0].startswith("reflex, sure: task.order_status")
    assert [(each["tool"], each["arguments"]) for each in first.turn.actions] == [
        ("orders_db.order_status", {"order_id": "4567"})
    ]
    silent = await chatting.take(draft(1), "ann", "")
    assert silent.opening is None
    assert "Are you still there?" in silent.turn.said
    other = await chatting.take(draft(1), "joe", None)
    assert (other.opening is not None, other.turn) == (True, None)
    changed = await chatting.take(draft(2, ACME.replace("How can I help?", "What is it?")), "ann", "goodbye")
    assert changed.opening.said == ("Hi, this is Acme. What is it?",)
    assert changed.turn.ended == "completed"
    assert (await chatting.take(draft(2, ACME), "ann", "hello")).opening is not None


async def test_a_draft_with_errors_and_a_process_that_died_say_so_and_the_next_chat_works(chatting):
    with pytest.raises(ChatFailed, match="greetin"):
        await chatting.take(draft(1, ACME.replace("greeting:", "greetin:")), "ann", "hello")
    await chatting.close()
    again = await chatting.take(draft(2), "ann", None)
    assert again.opening.said[0].startswith("Hi, this is Acme.")
