"""Integrations are loaded by name, and their tools never break a call."""

from pathlib import Path

import pytest

from voicegw.actions.registry import Toolbox
from voicegw.call.commands import ActionRequest, Effect
from voicegw.config import from_values
from voicegw.errors import SettingsError

SHOP = '''
"""A shop."""

import asyncio
from typing import Any, Literal

from pydantic import BaseModel

from voicegw.actions.requests import Effect, Integration, Tool, ToolFailed, ToolResult

from .answers import ANSWER


class Question(BaseModel):
    """What is asked."""

    how: str
    why: str = ""


class Answer(ToolResult):
    """What is answered."""

    status: Literal["found", "not_found"] = "found"
    text: str = ""


async def ask(question: Question) -> Answer:
    """Behaves as told."""
    match question.how:
        case "slow":
            await asyncio.sleep(60)
        case "fails":
            raise ToolFailed("no", retryable=True)
        case "breaks":
            raise KeyError("oh")
    return Answer(text=ANSWER)


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
    assert facts.gives == {"status", "text"}
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


def test_a_folder_is_read_anew_not_remembered(folder, tmp_path_factory):
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


def test_a_folder_without_the_function_is_named(folder):
    (folder / "shop" / "__init__.py").write_text("")
    with pytest.raises(SettingsError, match="no function"):
        Toolbox.load(from_values({"integrations": folder}))
