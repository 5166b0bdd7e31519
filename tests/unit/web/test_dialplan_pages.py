"""Dialplans in the console: drafts are kept, checked, compared and put in force, by those who may."""

from pathlib import Path

import pytest

from voicegw.accounts.record import Role
from voicegw.dialplan.parse import parse
from voicegw.publishing.record import Bundle
from voicegw.publishing.store import Author

NAME = "acme-orders"
ACME = (Path(__file__).parents[3] / "dialplans" / "acme-orders.yaml").read_text()
CHANGED = ACME.replace("How can I help?", "What can I do for you?")


@pytest.fixture
async def published(console) -> None:
    await console.versions.publish(parse(ACME), Bundle(ACME), Author("ann", "the first"))


@pytest.fixture
async def editor(signed_in, published):
    return await signed_in(Role.EDITOR)


async def test_the_list_and_a_dialplan_show_what_takes_calls(editor):
    assert "v1" in (await editor.get("/dialplans")).text
    page = (await editor.get(f"/dialplans/{NAME}")).text
    assert "the first" in page
    assert "Go back" not in page
    assert (await editor.get("/dialplans/nobody/edit")).status_code == 404


async def test_problems_come_with_line_and_column_and_a_good_text_with_its_picture(editor):
    told = (await editor.post(f"/dialplans/{NAME}/check", json={"text": ACME.replace("greeting:", "greetin:")})).json()
    line = ACME[: ACME.index("greeting:")].count("\n") + 1
    assert (line, 1) in {(each["line"], each["column"]) for each in told["problems"]}
    assert told["picture"] == ""
    told = (await editor.post(f"/dialplans/{NAME}/check", json={"text": ACME})).json()
    assert not [each for each in told["problems"] if each["severity"] == "error"]
    assert 'data-key="task.refund"' in told["picture"]


async def test_a_draft_is_kept_compared_and_thrown_away(editor, console):
    saved = await editor.post(f"/dialplans/{NAME}/draft", json={"text": CHANGED, "after": 0})
    assert saved.json() == {"revision": 1}
    assert "What can I do for you?" in (await editor.get(f"/dialplans/{NAME}/edit")).text
    changes = (await editor.post(f"/dialplans/{NAME}/diff", json={"text": CHANGED})).text
    assert "+greeting: Hi, this is Acme. What can I do for you?" in changes
    await editor.post(f"/dialplans/{NAME}/draft/drop")
    assert await console.drafts.find(NAME) is None
    again = await editor.post(f"/dialplans/{NAME}/draft", json={"text": CHANGED, "after": 0})
    assert again.json() == {"revision": 2}, "a revision never means two texts"


async def test_of_two_who_write_the_second_is_told_and_nothing_is_lost(editor, console):
    first = {"text": CHANGED, "after": 0}
    assert (await editor.post(f"/dialplans/{NAME}/draft", json=first)).status_code == 200
    late = await editor.post(f"/dialplans/{NAME}/draft", json={"text": ACME + "\n# mine", "after": 0})
    assert late.status_code == 409
    assert (await console.drafts.find(NAME)).bundle.source == CHANGED


async def test_only_publishers_put_something_in_force(editor, signed_in, console):
    for path, form in (("publish", {}), ("rollback", {"to": "1"}), ("share", {"percent": "5"})):
        assert (await editor.post(f"/dialplans/{NAME}/{path}", data=form)).status_code == 403
    await console.versions.publish(parse(CHANGED), Bundle(CHANGED), Author("ann", "another greeting"))
    publisher = await signed_in(Role.PUBLISHER)
    assert (await publisher.post(f"/dialplans/{NAME}/rollback", data={"to": "1"})).status_code == 303
    (now,) = await console.versions.in_force()
    assert now.version == 1


async def test_viewers_read_and_do_not_write(signed_in, published):
    viewer = await signed_in(Role.VIEWER)
    assert (await viewer.get(f"/dialplans/{NAME}")).status_code == 200
    assert (await viewer.get(f"/dialplans/{NAME}/edit")).status_code == 403
    assert (await viewer.post(f"/dialplans/{NAME}/draft", json={"text": ACME})).status_code == 403


async def test_without_a_service_there_is_nothing_to_talk_to_and_the_page_says_so(editor):
    answer = await editor.post(f"/dialplans/{NAME}/call", json={"sdp": "v=0"})
    assert answer.status_code == 503


async def test_a_new_dialplan_begins_as_a_copy_or_a_skeleton_and_takes_no_calls(editor, signed_in, console):
    form = {"name": "desk", "numbers": "5001, +15550101", "like": NAME}
    begun = await editor.post("/dialplans/new", data=form)
    assert (begun.status_code, begun.headers["location"]) == (303, "/dialplans/desk/edit")
    draft = await console.drafts.find("desk")
    assert (parse(draft.bundle.source).numbers, draft.by) == (("5001", "+15550101"), "editor")
    assert "takes no calls yet" in (await editor.get("/dialplans/desk")).text
    assert "+name: desk" in (await editor.post("/dialplans/desk/diff", json={"text": draft.bundle.source})).text
    again = await editor.post("/dialplans/new", data=form)
    assert (again.status_code, "there is a dialplan desk already" in again.text) == (422, True)
    assert (await editor.post("/dialplans/new", data={"name": "other", "numbers": "5002"})).status_code == 303
    assert (await editor.post("/dialplans/desk/draft/drop")).headers["location"] == "/dialplans"
    assert (await editor.get("/dialplans/desk")).status_code == 404
    assert (await (await signed_in(Role.VIEWER)).get("/dialplans/new")).status_code == 403


async def test_knowledge_files_are_written_checked_and_compared_with_the_dialplan(editor, console):
    named = ACME.replace("knowledge:\n", "knowledge:\n  files: [faq.md]\n")
    path = f"/dialplans/{NAME}"
    told = (await editor.post(f"{path}/check", json={"text": named})).json()
    assert told["files"] == ["faq.md"]
    assert [(each["file"], each["line"]) for each in told["problems"] if each["severity"] == "error"] == [("faq.md", 1)]
    files = {"faq.md": "## Do you ship to Canada?\n\nYes, within ten days.\n"}
    told = (await editor.post(f"{path}/check", json={"text": named, "files": files})).json()
    assert [each for each in told["problems"] if each["severity"] == "error"] == []
    await editor.post(f"{path}/draft", json={"text": named, "files": files, "after": 0})
    assert (await console.drafts.find(NAME)).bundle.files == files
    assert "Do you ship to Canada?" in (await editor.get(f"{path}/edit")).text
    assert "+Yes, within ten days." in (await editor.post(f"{path}/diff", json={"text": named})).text
    away = await editor.post(f"{path}/check", json={"text": named, "files": {"../faq.md": "x"}})
    assert away.status_code == 409
