"""HTTP APIs described in settings, against a real server that is well, slow, failing, or says half."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from voicegw.actions.registry import Toolbox
from voicegw.call.commands import ActionRequest, Effect
from voicegw.config import from_values
from voicegw.errors import SettingsError

from .server import World, serving

INTEGRATIONS = Path(__file__).parents[2]
FIND = {
    "api": "crm",
    "path": "/customers",
    "query": {"phone": "{phone}", "plan": "{plan}"},
    "takes": {"phone": "text", "plan": "text?"},
    "gives": {
        "customer_id": "/customers/0/id",
        "odd": "/customers/0/a~1b/m~0n/1",
        "mail": {"at": "/customers/0/mail", "optional": True},
    },
    "missing": "not_found",
}
OPEN = {
    "api": "crm",
    "effect": "writes",
    "method": "POST",
    "path": "/tickets",
    "body": {"subject": "{subject}", "amount": "{amount}", "by": "phone of {subject}", "tags": ["call", "{tag}"]},
    "takes": {"subject": "text", "amount": "money?", "tag": "text?"},
    "gives": {"ticket": "/ticket"},
    "results": {"refused": [422]},
    "reason": "/error/message",
    "idempotency_header": "Idempotency-Key",
}


@pytest.fixture
def world():
    with serving() as world:
        yield world


def toolbox(world: World, operations: dict[str, Any], **api: Any) -> Toolbox:
    rest = {"apis": {"crm": {"url": world.url, **api}}, "operations": operations}
    return Toolbox.load(from_values({"integrations": INTEGRATIONS, "integration": {"rest": rest}}), ["rest"])


def get(path: str, **more: Any) -> dict[str, Any]:
    return {"api": "crm", "path": path, **more}


async def run(box: Toolbox, tool: str, key: str = "1", **arguments: Any):
    known = box.tool(f"rest.{tool}")
    effect = known.effect if known else Effect.READS
    return await box.run(ActionRequest("1", f"rest.{tool}", arguments, effect), key)


async def once(world: World, operation: dict[str, Any], **arguments: Any):
    """The result of one operation."""
    box = toolbox(world, {"do": operation})
    result = await run(box, "do", **arguments)
    await box.close()
    return result


async def test_an_answer_becomes_values_by_json_pointers(world):
    result = await once(world, FIND, phone="+15550111")
    assert (result.status, result.values["customer_id"], result.values["odd"]) == ("found", "c1", 2)
    assert result.values["mail"] is None
    assert world.paths() == ["/customers?phone=%2B15550111"], "an optional argument that is not given leaves no trace"


async def test_an_empty_list_and_a_404_are_results_if_settings_say_so(world):
    assert (await once(world, FIND, phone="+1000")).status == "not_found"
    assert (await once(world, FIND, phone="+1999")).status == "failed"
    assert (await once(world, {**FIND, "results": {"not_found": [404]}}, phone="+1999")).status == "not_found"


async def test_a_body_keeps_types_and_leaves_out_what_is_not_given(world):
    result = await once(world, OPEN, subject="router", amount={"amount": "12.50", "currency": "EUR"})
    assert (result.status, result.values["ticket"]) == ("done", 1)
    (_, _, headers, body) = world.requests[0]
    assert body == {"subject": "router", "amount": "12.50", "by": "phone of router", "tags": ["call"]}
    assert headers["Idempotency-Key"] == "1/run"


async def test_a_refusal_comes_with_the_words_of_the_api(world):
    result = await once(world, OPEN, subject="rude")
    assert (result.status, result.values["reason"]) == ("refused", "we do not take that")


async def test_a_write_whose_answer_was_cut_off_is_sent_again_and_happens_once(world):
    result = await once(world, OPEN, subject="cut")
    assert (result.status, result.values["ticket"]) == ("done", 1)
    assert len(world.requests) == 2
    assert world.tickets == {"1/run": 1}


async def test_a_key_in_the_path_will_do_too(world):
    box = toolbox(world, {"put": {**OPEN, "method": "PUT", "path": "/tickets/{idempotency_key}"}})
    assert (await run(box, "put", "call-1", subject="x")).status == "done"
    assert world.paths() == ["/tickets/call-1%2Frun"]
    await box.close()


async def test_a_word_in_the_answer_can_be_the_result(world):
    told = {"at": "/state", "means": {"declined": "refused", "open": "done"}}
    operation = {**OPEN, "told": told, "body": {"subject": "{subject}", "state": "declined"}}
    result = await once(world, operation, subject="x")
    assert (result.status, result.values["ticket"]) == ("refused", 1)
    assert (await once(world, {**operation, "body": {"subject": "x"}}, subject="x")).status == "done"


async def test_what_is_slow_is_too_slow_and_what_is_busy_is_tried_again(world):
    assert (await once(world, get("/slow", time_limit_s=0.1))).status == "too_slow"
    world.fail_next = 1
    assert (await once(world, FIND, phone="+15550111")).status == "found"


@pytest.mark.parametrize("path", ["/broken", "/half_an_answer", "/html", "/huge"])
async def test_what_cannot_be_read_has_failed(world, path):
    assert (await once(world, get(path, gives={"a": {"at": "/a", "optional": True}}))).status == "failed"


async def test_a_server_that_is_away_has_failed_and_the_doctor_says_where(world):
    box = toolbox(World(url="http://joe:secret@127.0.0.1:9"), {"find": FIND})
    assert (await run(box, "find", phone="1")).status == "failed"
    said = (await box.health())["rest"]
    assert "http://127.0.0.1:9" in said
    assert "integration.rest.apis.crm" in said
    assert "secret" not in said
    await box.close()


async def test_a_value_cannot_climb_out_of_its_place_in_the_path(world):
    operation = get("/customers/{who}/orders", takes={"who": "text"})
    for who in ("..", ".", ""):
        assert (await once(world, operation, who=who)).status == "failed"
    assert world.requests == []
    await once(world, operation, who="a/../b?x=1")
    assert world.paths() == ["/customers/a%2F..%2Fb%3Fx%3D1/orders"]


OAUTH = {"kind": "oauth2", "client_id": "us", "client_secret": "s3cret", "scope": "a b"}


async def test_a_token_is_fetched_once_for_many_and_anew_when_it_is_refused(world):
    box = toolbox(world, {"do": get("/secured")}, auth={**OAUTH, "token_url": f"{world.url}/token"})
    results = await asyncio.gather(*(run(box, "do") for _ in range(5)))
    assert ({result.status for result in results}, world.tokens_given) == ({"found"}, 1)
    world.good_token = "revoked by the server"
    results = await asyncio.gather(*(run(box, "do") for _ in range(5)))
    assert ({result.status for result in results}, world.tokens_given) == ({"found"}, 2)
    assert world.requests[0][3] == {"grant_type": ["client_credentials"], "scope": ["a b"]}
    assert world.requests[0][2]["Authorization"].startswith("Basic ")
    await box.close()


async def test_a_token_is_replaced_before_it_expires(world):
    world.token_life_s = 0
    auth = {**OAUTH, "token_url": f"{world.url}/token", "credentials_in": "body"}
    box = toolbox(world, {"do": get("/secured")}, auth=auth)
    assert [(await run(box, "do")).status for _ in range(2)] == ["found", "found"]
    assert world.tokens_given > 0
    await box.close()


@pytest.mark.parametrize(
    ("token_url", "said"),
    [
        ("http://127.0.0.1:9/token", "no token"),
        ("{url}/broken", "HTTP 500"),
        ("{url}/html", "HTTP 200"),
        ("{url}/slow", ""),
    ],
)
async def test_without_a_token_nothing_is_asked(world, token_url, said):
    auth = {**OAUTH, "token_url": token_url.format(url=world.url)}
    box = toolbox(world, {"do": get("/secured", time_limit_s=0.3)}, auth=auth)
    assert (await run(box, "do")).status in ("failed", "too_slow")
    assert "/secured" not in world.paths()
    assert said in (await box.health())["rest"]
    await box.close()


async def test_a_wrong_secret_has_failed_and_the_doctor_says_so(world):
    auth = {**OAUTH, "client_secret": "wrong", "credentials_in": "body", "token_url": f"{world.url}/token"}
    box = toolbox(world, {"do": get("/secured")}, auth=auth)
    assert (await run(box, "do")).status == "failed"
    assert "no token: HTTP 401" in (await box.health())["rest"]
    await box.close()


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"kind": "header", "value": "k"}, "X-API-Key", "k"),
        ({"kind": "bearer", "token": "t"}, "Authorization", "Bearer t"),
    ],
)
async def test_a_key_goes_into_its_header(world, auth, header, value):
    box = toolbox(world, {"find": FIND}, auth=auth)
    await run(box, "find", phone="+15550111")
    assert world.requests[0][2][header] == value
    await box.close()


@pytest.mark.parametrize(
    ("operation", "complaint"),
    [
        ({**OPEN, "idempotency_header": ""}, "how the API knows it again"),
        (get("/a/{b}"), "{b} is used, but not under takes"),
        (get("/a/{b}", takes={"b": "text?"}), "cannot be optional"),
        (get("/a", takes={"b": "txt"}), "'txt' is none of"),
        (get("/a", gives={"b": "c"}), "is not a JSON pointer"),
        ({**get("/a"), "api": "crn"}, "no API is called 'crn'"),
    ],
)
def test_settings_that_cannot_work_are_named(operation, complaint):
    with pytest.raises(SettingsError, match=r"integration\.rest") as error:
        toolbox(World(url="http://x"), {"do": operation})
    assert complaint in str(error.value)


def test_secrets_are_not_shown():
    with pytest.raises(SettingsError) as error:
        toolbox(World(url="ftp://x"), {"do": get("/")}, auth={**OAUTH, "token_url": "x"})
    assert "s3cret" not in str(error.value)
