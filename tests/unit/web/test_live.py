"""Who may see calls in progress, and who may act on them."""

import pytest

from voicegw.accounts.record import Role
from voicegw.web.access import CSRF_HEADER


async def test_whoever_may_see_calls_sees_them_live_and_only_a_publisher_can_act(signed_in):
    viewer = await signed_in(Role.VIEWER)
    assert (await viewer.get("/live")).status_code == 200
    one = await viewer.get("/live/c1")
    assert one.status_code == 200
    assert "Hang up" not in one.text
    assert "Hang up" in (await (await signed_in(Role.PUBLISHER)).get("/live/c1")).text


@pytest.mark.parametrize("deed", ["hang-up", "hand-over"])
async def test_nobody_else_acts_on_a_call(signed_in, nobody, deed):
    for role in (Role.VIEWER, Role.QA, Role.EDITOR):
        assert (await (await signed_in(role)).post(f"/live/c1/{deed}")).status_code == 403
    publisher = await signed_in(Role.PUBLISHER)
    publisher.headers.pop(CSRF_HEADER)
    assert (await publisher.post(f"/live/c1/{deed}")).status_code == 403
    assert (await nobody.post(f"/live/c1/{deed}")).status_code in (303, 401)


async def test_a_look_at_a_call_and_what_is_done_to_it_stand_in_the_audit_log(signed_in, console):
    await (await signed_in(Role.QA)).get("/live/c1")
    (line,) = await console.audit.lines()
    assert (line.who, line.action, line.subject) == ("qa", "call.watched", "c1")


async def test_a_call_id_is_text_wherever_it_stands(signed_in):
    page = await (await signed_in(Role.VIEWER)).get("/live/%3Cb%3Ex")
    assert "<b>x" not in page.text


async def test_only_those_who_hear_recordings_listen_in_and_it_is_noted_first(signed_in, console):
    for role in (Role.VIEWER, Role.EDITOR, Role.PUBLISHER):
        browser = await signed_in(role)
        assert (await browser.post("/live/c1/listen", json={"sdp": "v=0"})).status_code == 403
        assert "Listen in" not in (await browser.get("/live/c1")).text
    qa = await signed_in(Role.QA)
    assert "Listen in" in (await qa.get("/live/c1")).text
    assert (await qa.post("/live/c1/listen", json={"sdp": "v=0"})).status_code == 409
    assert ("qa", "call.listened_to", "c1") in {
        (line.who, line.action, line.subject) for line in await console.audit.lines()
    }
