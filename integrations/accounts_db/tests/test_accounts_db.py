"""The account desk, on a real database."""

import asyncio
import itertools
import re
import sqlite3
from pathlib import Path

import pytest

from voicegw.actions.registry import Toolbox
from voicegw.call.commands import ActionRequest, Effect
from voicegw.config import from_values

INTEGRATIONS = Path(__file__).parents[2]
NUMBERS = itertools.count(1)
"""Of requests."""
WRITES = ("send_code", "reset_password", "unlock")
ANN, JOE = "204118", "204225"


def toolbox(data_dir: Path, **settings) -> Toolbox:
    values = {"integrations": INTEGRATIONS, "data_dir": data_dir, "integration": {"accounts_db": settings}}
    return Toolbox.load(from_values(values), ["accounts_db"])


@pytest.fixture
async def desk(tmp_path):
    box = toolbox(tmp_path)
    yield box
    await box.close()


async def ask(desk: Toolbox, tool: str, key: str = "", **arguments):
    effect = Effect.WRITES if tool in WRITES else Effect.READS
    return await desk.run(ActionRequest(f"{next(NUMBERS)}", f"accounts_db.{tool}", arguments, effect), key)


def messages(tmp_path: Path) -> list[str]:
    with sqlite3.connect(tmp_path / "accounts.sqlite") as database:
        return [text for (text,) in database.execute("select text from messages order by id")]


def last_code(tmp_path: Path) -> str:
    return re.search(r"\d{6}", messages(tmp_path)[-1])[0]


async def prove(desk: Toolbox, user_id: str = ANN, birth_date: str = "1986-04-09", badge: str = "7731") -> str:
    found = await ask(desk, "check_facts", user_id=user_id, birth_date=birth_date, badge=badge)
    assert found.status == "verified"
    return str(found.values["proof"])


async def test_an_account_tells_strangers_only_where_codes_go(desk):
    found = await ask(desk, "account", user_id=ANN)
    assert dict(found.values) == {"status": "found", "reason": "", "phone_ending": "42"}
    assert (await ask(desk, "account", user_id="999999")).status == "not_found"


async def test_the_code_that_was_sent_identifies_and_resets(desk, tmp_path):
    assert (await ask(desk, "send_code", user_id=ANN)).values["phone_ending"] == "42"
    found = await ask(desk, "check_code", user_id=ANN, code=last_code(tmp_path))
    assert found.status == "verified"
    done = await ask(desk, "reset_password", user_id=ANN, proof=found.values["proof"])
    assert (done.status, done.values["phone_ending"]) == ("done", "42")
    assert "https://account.example/reset" in messages(tmp_path)[-1]


async def test_only_the_last_code_counts(desk, tmp_path):
    await ask(desk, "send_code", user_id=ANN)
    first = last_code(tmp_path)
    await ask(desk, "send_code", user_id=ANN)
    if first != last_code(tmp_path):
        assert (await ask(desk, "check_code", user_id=ANN, code=first)).status == "wrong"


async def test_a_code_grows_old(tmp_path):
    desk = toolbox(tmp_path, code_minutes=0.000001)
    await ask(desk, "send_code", user_id=ANN)
    assert (await ask(desk, "check_code", user_id=ANN, code=last_code(tmp_path))).status == "expired"
    await desk.close()


async def test_without_a_code_sent_none_is_right(desk):
    assert (await ask(desk, "check_code", user_id=ANN, code="000000")).status == "expired"


async def test_only_so_many_codes_are_sent(desk):
    sent = [(await ask(desk, "send_code", user_id=ANN)).status for _ in range(4)]
    assert sent == ["done", "done", "done", "refused"]


async def test_different_wrong_answers_lock_the_account_for_everything(desk):
    answers = [f"100{n}" for n in range(4)]
    found = [await ask(desk, "check_facts", user_id=ANN, birth_date="1986-04-09", badge=badge) for badge in answers]
    assert [(each.status, each.values["left"]) for each in found] == [
        ("wrong", 3), ("wrong", 2), ("wrong", 1), ("locked", 0),
    ]  # fmt: skip
    right = await ask(desk, "check_facts", user_id=ANN, birth_date="1986-04-09", badge="7731")
    assert (right.status, right.values["proof"]) == ("locked", "")
    assert (await ask(desk, "account", user_id=ANN)).status == "locked"
    assert (await ask(desk, "send_code", user_id=ANN)).status == "locked"
    assert (await ask(desk, "account", user_id=JOE)).status == "found", "others are not"


async def test_the_same_wrong_answer_counts_once(desk):
    found = [await ask(desk, "check_facts", user_id=ANN, birth_date="1986-04-09", badge="1111") for _ in range(9)]
    assert {each.values["left"] for each in found} == {3}


async def test_a_lock_ends(tmp_path):
    desk = toolbox(tmp_path, most_failures=1, lock_minutes=0.0001)
    await ask(desk, "check_facts", user_id=ANN, birth_date="1986-04-09", badge="1111")
    await asyncio.sleep(0.1)
    await prove(desk)
    await desk.close()


async def test_nothing_is_changed_without_a_proof_of_this_account(desk, tmp_path):
    anns = await prove(desk)
    assert (await ask(desk, "reset_password", user_id=JOE, proof=anns)).status == "refused"
    assert (await ask(desk, "unlock", user_id=JOE, proof=anns)).status == "refused"
    assert (await ask(desk, "reset_password", user_id=ANN, proof="made up")).status == "refused"
    assert messages(tmp_path) == []


async def test_a_proof_grows_old(tmp_path):
    desk = toolbox(tmp_path, proof_minutes=0.000001)
    assert (await ask(desk, "reset_password", user_id=ANN, proof=await prove(desk))).status == "refused"
    await desk.close()


async def test_asking_twice_does_it_once(desk, tmp_path):
    proof = await prove(desk, JOE, "1979-11-30", "1064")
    for tool in ("reset_password", "unlock"):
        assert [(await ask(desk, tool, user_id=JOE, proof=proof)).status for _ in range(2)] == ["done", "done"]
    assert len(messages(tmp_path)) == 2


async def test_an_account_that_can_sign_in_needs_no_unlocking(desk):
    assert (await ask(desk, "unlock", user_id=ANN, proof=await prove(desk))).status == "already"


async def test_no_secret_is_kept_in_the_clear(desk, tmp_path):
    proof = await prove(desk)
    await ask(desk, "send_code", user_id=ANN)
    code = last_code(tmp_path)
    with sqlite3.connect(tmp_path / "accounts.sqlite") as database:
        database.execute("delete from messages")
        rows = [
            str(row) for table in ("codes", "proofs", "failures") for row in database.execute(f"select * from {table}")
        ]
    assert not any(secret in row for row in rows for secret in (proof, code))
    assert all("7731" not in row for row in rows)


async def test_a_database_that_is_away_is_a_failure_not_a_crash(tmp_path):
    desk = toolbox(tmp_path, url="postgresql+asyncpg://nobody@127.0.0.1:1/none")
    assert (await ask(desk, "account", user_id=ANN)).status == "failed"
    assert "integration.accounts_db.url" in (await desk.health())["accounts_db"]


async def test_a_request_that_is_tried_again_sends_no_second_code(desk, tmp_path):
    assert [(await ask(desk, "send_code", "call-1:send", user_id=ANN)).status for _ in range(5)] == ["done"] * 5
    assert len(messages(tmp_path)) == 1
