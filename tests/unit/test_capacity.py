"""How much this machine holds: measured once, kept, overridden."""

from pathlib import Path

from voicegw import config
from voicegw.config import Settings
from voicegw.gateway.capacity import Capacity, conversations, engines_of, keep, kept


def settings(folder: Path, **workers: int) -> Settings:
    return config.from_values({"data_dir": folder, "workers": workers})


def test_what_was_measured_is_kept_and_gone_by(tmp_path: Path) -> None:
    own = settings(tmp_path)
    assert conversations(own) == 0, "nobody has measured"
    found = Capacity(11, 1200.0, "a machine", engines_of(own))
    keep(tmp_path, found)
    assert kept(tmp_path) == found
    assert conversations(own) == 11
    assert conversations(settings(tmp_path, capacity=4)) == 4


def test_what_was_measured_with_other_engines_says_nothing(tmp_path: Path) -> None:
    keep(tmp_path, Capacity(80, 1200.0, "a machine", "stub stub stub none"))
    assert conversations(settings(tmp_path)) == 0


def test_a_file_that_is_not_ours_is_as_none(tmp_path: Path) -> None:
    (tmp_path / "capacity.json").write_text("{}")
    assert kept(tmp_path) is None
