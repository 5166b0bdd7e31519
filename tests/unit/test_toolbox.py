"""Integrations are loaded by name, and their tools never break a call."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from voicegw.actions import registry as actions_registry
from voicegw.actions.registry import Toolbox
from voicegw.actions.requests import Embed, Integration
from voicegw.call.commands import ActionRequest, Effect
from voicegw.config import from_values
from voicegw.errors import SettingsError

SHOP = '''
"""A shop."""

import asyncio
from typing import Any, Literal

from pydantic import BaseModel

from voicegw.actions.requests import Effect, Integration, Tool, ToolFailed, ToolResult, idempotency_key

from .answers import ANSWER


class Question(BaseModel):
    """What is asked."""

    how: str
    why: str = ""


class Answer(ToolResult):
    """What is answered."""

    status: Literal["found", "not_found"] = "found"
    text: str = ""
    key: str = ""


async def ask(question: Question) -> Answer:
    """Behaves as told."""
    match question.how:
        case "slow":
            await asyncio.sleep(60)
        case "fails":
            raise ToolFailed("no", retryable=True)
        case "breaks":
            raise KeyError("oh")
    return Answer(text=ANSWER, key=idempotency_key())


def integration(settings: dict[str, Any]) -> Integration:
    """The shop."""
    return Integration(
        "shop",
        (
            Tool("shop.ask", Effect.READS, Question, Answer, ask, 0.3),
            Tool("shop.change", Effect.WRITES, Question, Answer, ask, 0.3),
        ),
    )
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text(SHOP)
    (tmp_path / "shop" / "answers.py").write_text('ANSWER = "yes"\n')
    return tmp_path


@pytest.fixture
def tools(folder: Path) -> Toolbox:
    return Toolbox.load(from_values({"integrations": folder}))


def request(how: str, tool: str = "shop.ask", effect: Effect = Effect.READS) -> ActionRequest:
    return ActionRequest("a1", tool, {"how": how}, effect)


def test_dialplans_can_be_checked_against_what_tools_take_and_give(tools):
    facts = tools.facts()["shop.ask"]
    assert facts.takes == {"how": True, "why": False}
    assert facts.gives == {"status", "reason", "text", "key"}
    assert facts.statuses == ("found", "not_found")
    assert (facts.writes, tools.facts()["shop.change"].writes) == (False, True)


async def test_a_tool_answers_with_its_values(tools):
    result = await tools.run(request("well"))
    assert (result.id, result.status, result.values["text"]) == ("a1", "found", "yes")
    assert result.took_ms > 0


@pytest.mark.parametrize(
    ("how", "status"), [("slow", "too_slow"), ("fails", "failed"), ("breaks", "failed")]
)  # fmt: skip
async def test_a_tool_that_goes_wrong_is_a_result(tools, how, status):
    assert (await tools.run(request(how))).status == status


async def test_wrong_arguments_are_a_failure(tools):
    assert (await tools.run(ActionRequest("a1", "shop.ask", {"what": "x"}))).status == "failed"


async def test_an_unknown_tool_is_a_failure(tools):
    assert (await tools.run(request("well", "shop.nothing"))).status == "failed"


async def test_a_write_that_nobody_confirmed_never_runs(tools):
    assert (await tools.run(request("well", "shop.change"))).status == "failed"
    assert (await tools.run(request("well", "shop.change", Effect.WRITES))).status == "found"


async def test_a_write_is_told_the_key_of_its_request(tools):
    told = await tools.run(request("well", "shop.change", Effect.WRITES), "call-1 refund")
    assert told.values["key"] == "call-1 refund/run"
    assert (await tools.run(request("well"))).values["key"] == ""
    others = [(await tools.run(request("well", "shop.change", Effect.WRITES))).values["key"] for _ in range(2)]
    assert others[0] != others[1], "two calls number their requests alike"


async def test_an_integration_that_cannot_even_say_how_it_is_hides_no_other():
    async def well() -> str:
        return ""

    async def broken() -> str:
        raise KeyError("url")

    health = await Toolbox([Integration("a", (), health=broken), Integration("b", (), health=well)]).health()
    assert health == {"a": "its look at itself broke: KeyError: 'url'", "b": ""}


async def test_what_cannot_be_opened_ahead_of_calls_hinders_no_other():
    opened = []

    async def broken(embed: Embed | None) -> None:
        raise OSError("no route")

    async def well(embed: Embed | None) -> None:
        opened.append(embed)

    await Toolbox([Integration("a", (), open=broken), Integration("b", (), open=well)]).open(len)
    assert opened == [len]


async def test_only_what_a_call_may_use_is_opened_and_what_does_not_close_is_left(monkeypatch):
    monkeypatch.setattr(actions_registry, "_CLOSE_LIMIT_S", 0.01)
    opened, closed = [], []

    def integration(name: str, close: Callable[[], Awaitable[None]]) -> Integration:
        async def open_it(embed: Embed | None) -> None:
            opened.append(name)

        return Integration(name, (), open=open_it, close=close)

    async def never() -> None:
        await asyncio.Event().wait()

    async def well() -> None:
        closed.append("b")

    tools = Toolbox([integration("a", never), integration("b", well), integration("c", well)])
    await tools.open(len, ["a.find", "b.change", "b.find"])
    assert opened == ["a", "b"]
    await tools.close()
    assert closed == ["b", "b"]


async def test_the_work_of_integrations_goes_on_after_a_fault(monkeypatch):
    monkeypatch.setattr(actions_registry, "_REST_AFTER_FAULT_S", 0.0)
    tries = []

    async def deliver() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OSError("no disk")

    async with asyncio.timeout(5):
        await Toolbox([Integration("post", (), work=deliver), Integration("idle", ())]).work()
    assert len(tries) == 3


def test_an_integration_that_needs_settings_is_loaded_when_it_has_some(folder):
    (folder / "shop" / "settings.example.toml").write_text("[integration.shop]\n")
    assert Toolbox.load(from_values({"integrations": folder})).names == ()
    assert Toolbox.load(from_values({"integrations": folder, "integration": {"shop": {}}})).names == ("shop",)
    assert Toolbox.load(from_values({"integrations": folder}), ["shop"]).names == ("shop",)


def test_an_integration_is_read_once_for_a_process_and_those_forked_from_it(folder):
    Toolbox.load(from_values({"integrations": folder}))
    read = sys.modules["voicegw_integration_shop"]
    Toolbox.load(from_values({"integrations": folder}))
    assert sys.modules["voicegw_integration_shop"] is read


def test_another_folder_is_read_anew(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (other / "shop").mkdir()
    (other / "shop" / "__init__.py").write_text(SHOP)
    (other / "shop" / "answers.py").write_text('ANSWER = "no"\n')
    Toolbox.load(from_values({"integrations": folder}))
    assert Toolbox.load(from_values({"integrations": other})).facts().keys() == {"shop.ask", "shop.change"}


def test_an_integration_that_is_not_there_is_named(folder):
    with pytest.raises(SettingsError, match="no such integration"):
        Toolbox.load(from_values({"integrations": folder}), ["shpo"])


def test_an_integration_that_misses_a_package_says_so(folder):
    (folder / "shop" / "answers.py").write_text("import nothing_like_this\n")
    with pytest.raises(SettingsError, match="nothing_like_this"):
        Toolbox.load(from_values({"integrations": folder}))


def test_a_package_that_an_extra_brings_is_named_with_the_extra(folder, monkeypatch):
    (folder / "shop" / "answers.py").write_text("import xllamacpp\n")
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(SettingsError, match=r"integration shop: .*xllamacpp.* run `pip install 'voicegw\[llm\]'`"):
        Toolbox.load(from_values({"integrations": folder}))


def test_a_folder_without_the_function_is_named(folder):
    (folder / "shop" / "__init__.py").write_text("")
    with pytest.raises(SettingsError, match="no function"):
        Toolbox.load(from_values({"integrations": folder}))
