"""``voicegw models``, as typed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from voicegw.commands.models import command
from voicegw.errors import SetupError
from voicegw.models import catalogue, folder
from voicegw.models.folder import Verified


@pytest.fixture
def models_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that holds one model."""
    monkeypatch.setenv("VOICEGW_CACHE_DIR", str(tmp_path))
    place = tmp_path / "models" / "smart-turn"
    place.mkdir(parents=True)
    (file,) = catalogue.find("smart-turn").files
    with (place / file.path).open("wb") as sparse:
        sparse.truncate(file.size)
    folder.write_manifest(place, Verified({file.path: file.sha256}, {file.path: file.size}))
    return tmp_path / "models"


def test_the_list_says_what_is_here(models_dir: Path) -> None:
    result = CliRunner().invoke(command, ["list", "--json"])
    rows = {row["name"]: row for row in json.loads(result.output)}
    assert rows["smart-turn"]["state"] == "here"
    assert rows["minilm"]["state"] == "missing"
    assert rows["minilm"]["folder"] == str(models_dir / "minilm")
    assert set(rows) == {model.name for model in catalogue.MODELS}


def test_the_list_is_readable(models_dir: Path) -> None:
    result = CliRunner().invoke(command, ["list"], env={"COLUMNS": "120"})
    assert "smart-turn" in result.output
    assert "BSD-2-Clause" in result.output


def test_what_is_here_is_not_pulled_again(models_dir: Path) -> None:
    result = CliRunner().invoke(command, ["pull", "smart-turn"])
    assert result.exit_code == 0
    assert "already here" in result.output


@pytest.mark.parametrize(("typed", "said"), [(["smart-torn"], "did you mean smart-turn"), ([], "name a model")])
def test_bad_names_are_one_clear_line(models_dir: Path, typed: list[str], said: str) -> None:
    result = CliRunner().invoke(command, ["pull", *typed])
    assert isinstance(result.exception, SetupError)
    assert said in str(result.exception)


def test_an_unknown_use_lists_those_there_are(models_dir: Path) -> None:
    result = CliRunner().invoke(command, ["pull", "--for", "fun"])
    assert result.exit_code == 2
    assert "demo" in result.output
