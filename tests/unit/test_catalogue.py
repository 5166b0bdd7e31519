"""The catalogue is complete and unambiguous, and path() believes only what a pull has verified."""

import hashlib
from pathlib import Path

import pytest

from voicegw.errors import ModelMissing, SetupError
from voicegw.models import catalogue, folder
from voicegw.models.folder import State, Verified
from voicegw.models.model import File, Joined, Model

SHORT = File("short.bin", 5, hashlib.sha256(b"hello").hexdigest(), ())
MODEL = Model("short", "tests", "MIT", (SHORT,), frozenset())


def _verified(place: Path) -> None:
    place.mkdir(parents=True)
    (place / "short.bin").write_bytes(b"hello")
    folder.write_manifest(place, Verified({"short.bin": SHORT.sha256}, {"short.bin": 5}))


def test_names_are_unique() -> None:
    assert len({model.name for model in catalogue.MODELS}) == len(catalogue.MODELS)


@pytest.mark.parametrize("model", catalogue.MODELS, ids=lambda model: model.name)
def test_every_file_is_pinned_and_has_a_source(model: Model) -> None:
    assert model.licence
    for file in model.files:
        assert len(bytes.fromhex(file.sha256)) == 32
        assert file.sources
        assert not Path(file.path).is_absolute()
        assert ".." not in Path(file.path).parts


@pytest.mark.parametrize("model", catalogue.MODELS, ids=lambda model: model.name)
def test_joined_parts_add_up_to_the_file(model: Model) -> None:
    for file in model.files:
        for source in file.sources:
            if isinstance(source, Joined):
                assert sum(part.size for part in source.parts) == file.size


def test_each_setup_includes_what_the_smaller_one_needs() -> None:
    demo, serve, test = (set(catalogue.wanted(use)) for use in ("demo", "serve", "test"))
    assert demo < serve < test


def test_an_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(SetupError, match=r"did you mean whisper-tiny\.en\?"):
        catalogue.find("whisper-tiny")


def test_an_absent_model_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="run `voicegw models pull minilm`"):
        catalogue.path(tmp_path, "minilm")


def test_verified_files_are_here(tmp_path: Path) -> None:
    _verified(tmp_path / "short")
    assert folder.state(tmp_path / "short", MODEL) is State.HERE


def test_files_nobody_verified_are_not_believed(tmp_path: Path) -> None:
    (tmp_path / "short.bin").write_bytes(b"hello")
    assert folder.state(tmp_path, MODEL) is State.PARTIAL


def test_a_file_that_changed_its_size_or_went_away_is_noticed(tmp_path: Path) -> None:
    place = tmp_path / "short"
    _verified(place)
    (place / "short.bin").write_bytes(b"hello there")
    assert folder.state(place, MODEL) is State.PARTIAL
    (place / "short.bin").unlink()
    assert folder.state(place, MODEL) is State.PARTIAL


def test_a_manifest_of_another_edition_of_the_model_does_not_count(tmp_path: Path) -> None:
    place = tmp_path / "short"
    _verified(place)
    newer = Model("short", "tests", "MIT", (File("short.bin", 5, "0" * 64, ()),), frozenset())
    assert folder.state(place, newer) is State.PARTIAL


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"hashes": 1, "sizes": 2}', "\x00"])
def test_a_damaged_manifest_is_no_manifest(tmp_path: Path, text: str) -> None:
    place = tmp_path / "short"
    _verified(place)
    (place / folder.MANIFEST).write_text(text, encoding="utf-8")
    assert folder.state(place, MODEL) is State.PARTIAL
