"""Questions in callers' words, over real files, by words alone and by real vectors too."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from voicegw.actions.registry import Toolbox
from voicegw.call.commands import ActionRequest
from voicegw.config import Settings, from_values
from voicegw.engines import registry
from voicegw.errors import ModelMissing, SettingsError

INTEGRATIONS = Path(__file__).parents[2]
KB = Path(__file__).parent / "kb"


def toolbox(folder: Path, data_dir: Path, **more: Any) -> Toolbox:
    tables = {"prices.csv": "The {product} costs {price}."}
    own = {"folders": [str(folder)], "tables": tables, "values": ["price", "stock"], **more}
    values = {"integrations": INTEGRATIONS, "data_dir": data_dir, "integration": {"knowledge_files": own}}
    return Toolbox.load(from_values(values), ["knowledge_files"])


async def search(box: Toolbox, question: str):
    return await box.run(ActionRequest("1", "knowledge_files.search", {"question": question}))


async def test_words_alone_find_a_row_with_its_values(tmp_path):
    box = toolbox(KB, tmp_path)
    result = await search(box, "how much is the coffee machine")
    assert (result.status, result.values["answer"]) == ("found", "The Coffee machine costs $129.90.")
    assert (result.values["price"], result.values["stock"]) == ("$129.90", "3")
    assert result.values["source"] == "prices.csv:3"


async def test_what_is_not_there_is_not_found(tmp_path):
    result = await search(toolbox(KB, tmp_path), "do you sell bicycles")
    assert (result.status, result.values["answer"]) == ("not_found", "")


async def test_a_changed_file_is_read_anew(tmp_path, monkeypatch):
    shutil.copytree(KB, tmp_path / "kb")
    box = toolbox(tmp_path / "kb", tmp_path)
    monkeypatch.setattr(sys.modules["voicegw_integration_knowledge_files.library"], "LOOK_EVERY_S", -1.0)
    assert (await search(box, "gift cards")).status == "not_found"
    (tmp_path / "kb" / "more.md").write_text("# Gift cards\nWe have gift cards from ten dollars.\n")
    assert (await search(box, "gift cards")).values["answer"] == "We have gift cards from ten dollars."
    os.remove(tmp_path / "kb" / "more.md")
    assert (await search(box, "gift cards")).status == "not_found"


async def test_a_folder_that_is_not_there_is_said(tmp_path):
    box = toolbox(tmp_path / "nothing", tmp_path)
    assert (await search(box, "x")).status == "failed"
    assert "there is no folder" in (await box.health())["knowledge_files"]
    (tmp_path / "nothing").mkdir()
    assert "put .md or .csv files there" in (await box.health())["knowledge_files"]
    assert (await toolbox(KB, tmp_path).health())["knowledge_files"] == ""


def test_folders_are_needed():
    with pytest.raises(SettingsError, match=r"integration\.knowledge_files\.folders"):
        Toolbox.load(from_values({"integrations": INTEGRATIONS}), ["knowledge_files"])


ASKED = {
    "when does my package arrive": "How long does delivery take?",
    "do you deliver to an island": "Shipping to islands",
    "can I have it by tomorrow if I pay more": "Express delivery",
    "the thing arrived broken": "Damaged on arrival",
    "I changed my mind, I don't want it any more, can I give it back": "Sending something back",
    "what does the lamp cost": "Desk lamp",
    "how expensive is the kettle": "Kettle",
    "something to sit on outside": "Garden chair",
    "how long do I have to return it": "Sending something back",
}
NOT_THERE = [
    "do you sell bicycles",
    "what's the weather like",
    "who is your boss",
    "can I pay by invoice",
    "tell me a joke",
]


@pytest.mark.servers
async def test_callers_words_find_what_they_mean_and_nothing_else(tmp_path):
    try:
        embedder = registry.sentence_embedder(Settings())
    except ModelMissing as error:
        pytest.skip(str(error))
    box = toolbox(KB, tmp_path)
    await box.open(embedder.embed)
    found = {question: await search(box, question) for question in ASKED}
    assert {question: result.values["title"] for question, result in found.items()} == ASKED
    nothing = {question: await search(box, question) for question in NOT_THERE}
    assert {result.status for result in nothing.values()} == {"not_found"}
