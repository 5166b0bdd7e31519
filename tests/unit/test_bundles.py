"""Published dialplans on disk."""

from pathlib import Path

import pytest

from voicegw.dialplan import files
from voicegw.errors import SetupError
from voicegw.publishing.bundles import read_bundle, unpack, unpublishable
from voicegw.publishing.record import Bundle

ACME = (Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml").read_text()


def write(folder: Path, *names: str) -> Path:
    file = folder / "acme.yaml"
    listed = "".join(f"\n    - {name}" for name in names)
    file.write_text(ACME.replace("knowledge:\n", f"knowledge:\n  files:{listed}\n", 1))
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("# Can I pay in instalments?\n\nYes, in three.\n")
    return file


def test_a_bundle_reads_the_same_where_it_is_unpacked(tmp_path):
    file = write(tmp_path, "faq.md", "more/pay.md")
    plan, _ = files.read(file)
    unpacked = unpack(read_bundle(file, plan), tmp_path / "service" / "1")
    again, problems = files.read(unpacked)
    assert again == plan
    assert read_bundle(unpacked, again).digest == read_bundle(file, plan).digest
    assert not [problem for problem in problems if problem.severity == "error"]


def test_unpacking_again_leaves_what_is_there(tmp_path):
    first = unpack(Bundle("one"), tmp_path / "1")
    assert unpack(Bundle("one"), tmp_path / "1") == first
    assert [file.name for file in tmp_path.iterdir()] == ["1"]


def test_files_outside_the_folder_are_not_published(tmp_path):
    (tmp_path / "plans").mkdir()
    file = write(tmp_path / "plans", "../secret.md")
    plan, _ = files.read(file)
    assert "../secret.md lies outside" in str(unpublishable(file, plan)[0])


@pytest.mark.parametrize("name", ["../evil.md", "/etc/evil.md", "a/../../evil.md", "dialplan.yaml"])
def test_a_bundle_that_would_write_elsewhere_is_refused(tmp_path, name):
    with pytest.raises(SetupError, match="outside its folder"):
        unpack(Bundle("text", {name: "evil"}), tmp_path / "plans" / "1")
    assert not list(tmp_path.iterdir())
