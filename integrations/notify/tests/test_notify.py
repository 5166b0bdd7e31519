"""Messages go out by real SMTP and HTTP, each once, also through outages and restarts."""

import asyncio
import contextlib
import json
import time
from pathlib import Path
from typing import Any

import pytest

from voicegw.actions.registry import Toolbox
from voicegw.call.commands import ActionRequest, Effect
from voicegw.config import from_values
from voicegw.errors import SettingsError

from . import hook_server, mail_server
from .hook_server import SECRET, Receiver
from .mail_server import PASSWORD, USER, Mailbox, free_port, make_certificate

pytestmark = pytest.mark.servers
INTEGRATIONS = Path(__file__).parents[2]
MESSAGE = {"to": "joe@example.com", "subject": "Your order", "body": "We have refunded 12 €.\n.\nBye"}


@pytest.fixture
def mailbox():
    with mail_server.serving(Mailbox()) as mailbox:
        yield mailbox


@pytest.fixture
def receiver():
    with hook_server.serving() as receiver:
        yield receiver


def toolbox(
    data_dir: Path, smtp: dict[str, Any] | None = None, receiver: Receiver | None = None, **more: Any
) -> Toolbox:
    own: dict[str, Any] = {"first_retry_s": 0.05, **more}
    if smtp:
        own["smtp"] = {"host": "127.0.0.1", "security": "none", "sender": "shop@acme.example", **smtp}
    if receiver:
        own["webhooks"] = {"crm": {"url": receiver.url, "secret": SECRET}}
    values = {"integrations": INTEGRATIONS, "data_dir": data_dir, "integration": {"notify": own}}
    return Toolbox.load(from_values(values), ["notify"])


async def send(box: Toolbox, key: str = "call-1/notice", **message: str):
    return await box.run(ActionRequest("1", "notify.send", {**MESSAGE, **message}, Effect.WRITES), key)


@contextlib.asynccontextmanager
async def working(box: Toolbox):
    """The integration's work goes on meanwhile, as in a service."""
    work = asyncio.create_task(box.work())
    yield
    work.cancel()
    await box.close()


async def eventually(happened) -> None:
    give_up_at = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < give_up_at, "it did not happen"
        await asyncio.sleep(0.02)


async def test_an_e_mail_arrives_as_it_was_written(mailbox, tmp_path):
    box = toolbox(tmp_path, {"port": mailbox.port, "sender_name": "Acme, Inc."})
    result = await send(box)
    (mail,) = mailbox.arrived
    assert result.status == "done"
    assert (mail["To"], mail["From"], mail["Subject"]) == (
        "joe@example.com", '"Acme, Inc." <shop@acme.example>', "Your order"
    )  # fmt: skip
    assert mail.get_content().splitlines() == MESSAGE["body"].splitlines()
    assert mail["Message-ID"] == f"<{result.values['event_id']}@acme.example>"
    await box.close()


async def test_the_same_request_again_is_the_same_message(mailbox, tmp_path):
    box, other = (toolbox(tmp_path, {"port": mailbox.port}) for _ in range(2))
    results = await asyncio.gather(*(send(each) for each in (box, other) * 3))
    assert {result.status for result in results} <= {"done", "queued"}
    await eventually(lambda: mailbox.arrived)
    assert (await send(box)).status == "done"
    assert len(mailbox.arrived) == 1
    assert (await send(box, "call-2/notice")).status == "done"
    assert len({mail["Message-ID"] for mail in mailbox.arrived}) == 2
    for each in (box, other):
        await each.close()


async def test_starttls_and_a_password(tmp_path):
    certificate = make_certificate(tmp_path / "server.pem")
    with mail_server.serving(Mailbox(), certificate) as mailbox:
        smtp = {"port": mailbox.port, "security": "starttls", "certificates": certificate, "username": USER}
        good, wrong, stranger = (
            toolbox(tmp_path / str(number), smtp | more)
            for number, more in enumerate(
                [{"password": PASSWORD}, {"password": "wrong"}, {"password": PASSWORD, "certificates": None}]
            )
        )
        assert (await send(good)).status == "done"
        assert (await good.health())["notify"] == ""
        assert (await send(wrong)).status == "queued", "whoever mends the password gets it sent"
        assert "Authentication" in (await wrong.health())["notify"]
        assert (await send(stranger)).status == "queued"
        assert "certificate" in (await stranger.health())["notify"]
        assert len(mailbox.arrived) == 1
    for box in (good, wrong, stranger):
        await box.close()


async def test_an_address_that_does_not_exist_is_refused_and_not_tried_again(mailbox, tmp_path):
    box = toolbox(tmp_path, {"port": mailbox.port})
    results = [await send(box, to="nobody@example.com") for _ in range(2)]
    assert [result.status for result in results] == ["refused", "refused"]
    assert results[0].values["reason"] == "that address does not exist"
    await box.close()


@pytest.mark.parametrize("answers", [["451 later", "421 closing"], ["452 full"]])
async def test_what_the_server_takes_only_later_is_sent_later(mailbox, tmp_path, answers):
    mailbox.answers = answers
    box = toolbox(tmp_path, {"port": mailbox.port})
    async with working(box):
        assert (await send(box)).status == "queued"
        await eventually(lambda: mailbox.arrived)
        assert (await send(box)).status == "done"
    assert len(mailbox.arrived) == 1


async def test_a_message_whose_answer_was_lost_comes_again_under_the_same_id(mailbox, tmp_path):
    mailbox.loses_answers = 1
    box = toolbox(tmp_path, {"port": mailbox.port})
    async with working(box):
        assert (await send(box)).status == "queued", "nobody knows"
        await eventually(lambda: len(mailbox.arrived) == 2)
    first, second = mailbox.arrived
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]


async def test_what_waits_survives_a_restart(tmp_path):
    port = free_port()
    before = toolbox(tmp_path, {"port": port})
    assert (await send(before)).status == "queued"
    assert "1 messages could not be sent yet" in (await before.health())["notify"]
    await before.close()
    with mail_server.serving(Mailbox(port)) as mailbox:
        async with working(toolbox(tmp_path, {"port": port})):
            await eventually(lambda: mailbox.arrived)
    assert [mail["Subject"] for mail in mailbox.arrived] == ["Your order"]


async def test_a_webhook_is_signed_and_tried_again_with_the_same_id(receiver, tmp_path):
    receiver.answers = [500, 429, 302]
    box = toolbox(tmp_path, receiver=receiver)
    async with working(box):
        result = await send(box, to="crm")
        assert result.status == "queued"
        await eventually(lambda: len(receiver.events) == 4)
    assert {event for event, _ in receiver.events} == {result.values["event_id"]}
    assert receiver.forged == 0
    document = json.loads(receiver.events[-1][1])
    assert document["data"] == {**MESSAGE, "to": "crm"}
    assert document["id"] == result.values["event_id"]


async def test_a_message_to_a_phone_goes_to_the_webhook_for_phones(receiver, tmp_path):
    box = toolbox(tmp_path, receiver=receiver, phones="crm")
    assert (await send(box, to="+1 555 0111")).status == "done"
    assert json.loads(receiver.events[0][1])["data"]["to"] == "+1 555 0111"
    await box.close()


async def test_a_receiver_that_is_gone_refuses(receiver, tmp_path):
    receiver.answers = [410]
    box = toolbox(tmp_path, receiver=receiver)
    assert (await send(box, to="crm")).status == "refused"
    await box.close()


async def test_what_could_not_be_sent_for_too_long_is_given_up(tmp_path):
    box = toolbox(tmp_path, {"port": 9}, give_up_after_h=0.00001)
    async with working(box):
        await send(box)
        give_up_at = time.monotonic() + 20
        while (await send(box)).status != "failed":
            assert time.monotonic() < give_up_at
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("joe@example.com\nBcc: all@example.com", "not an address"),
        ("a@b.example, c@d.example", "not an address"),
        ("cmr", "not an address"),
        ("+15550111", "phones"),
    ],
)
async def test_where_nothing_can_be_sent_is_refused(mailbox, tmp_path, to, reason):
    box = toolbox(tmp_path, {"port": mailbox.port})
    result = await send(box, to=to)
    assert (result.status, reason in result.values["reason"]) == ("refused", True)
    await box.close()


async def test_a_subject_cannot_bring_another_header(mailbox, tmp_path):
    box = toolbox(tmp_path, {"port": mailbox.port})
    assert (await send(box, subject="Hi\r\nBcc: all@example.com")).status == "done"
    assert (mailbox.arrived[0]["Subject"], mailbox.arrived[0]["Bcc"]) == ("Hi Bcc: all@example.com", None)
    await box.close()


@pytest.mark.parametrize(
    ("own", "complaint"),
    [
        ({}, "neither smtp nor webhooks"),
        ({"smtp": {"host": "mail.example", "sender": "nobody"}}, "is no e-mail address"),
        (
            {"smtp": {"host": "mail.example", "sender": "a@b.example", "security": "none", "username": "a"}},
            "in the clear",
        ),
        ({"webhooks": {"crm": {"url": "http://x", "secret": "secret"}}}, "openssl rand -base64 32"),
        ({"phones": "sms", "webhooks": {"crm": {"url": "http://x", "secret": SECRET}}}, "no webhook is called 'sms'"),
    ],
)
def test_settings_that_cannot_work_are_named(tmp_path, own, complaint):
    with pytest.raises(SettingsError, match=r"integration\.notify") as error:
        Toolbox.load(from_values({"integrations": INTEGRATIONS, "integration": {"notify": own}}), ["notify"])
    assert complaint in str(error.value)
