"""Dialplans on disk, and which of them answers a number."""

from pathlib import Path

import pytest

from voicegw.dialplan import files
from voicegw.errors import DialplanError

ACME = (Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml").read_text()


def message(path: Path) -> str:
    with pytest.raises(DialplanError) as raised:
        files.load(path)
    return str(raised.value)


def test_a_folder_is_loaded_in_order(tmp_path):
    (tmp_path / "b.yaml").write_text(ACME.replace("name: acme-orders", "name: b").replace("5000", "6000", 1)
                                     .replace("+15550100", "7000"))  # fmt: skip
    (tmp_path / "a.yml").write_text(ACME)
    (tmp_path / "notes.txt").write_text("nothing")
    assert [plan.name for plan in files.load(tmp_path)] == ["acme-orders", "b"]


def test_problems_of_all_files_are_told_at_once(tmp_path):
    (tmp_path / "a.yaml").write_text(ACME.replace("greeting:", "greting:"))
    (tmp_path / "b.yaml").write_text("- x")
    assert f"{tmp_path}/a.yaml:" in message(tmp_path)
    assert f"{tmp_path}/b.yaml:1:1: error: not a dialplan" in message(tmp_path)


def test_a_number_that_two_dialplans_claim_is_an_error(tmp_path):
    (tmp_path / "a.yaml").write_text(ACME)
    (tmp_path / "b.yaml").write_text(ACME.replace("name: acme-orders", "name: b"))
    assert "number 5000 is claimed by two dialplans: acme-orders and b" in message(tmp_path)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.mkdir(), "no dialplan here"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "save the file as UTF-8"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, make, expected):
    path = tmp_path / "plan"
    make(path)
    assert expected in message(path)
