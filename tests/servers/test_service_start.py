"""The service as a process: what it says when it cannot start."""

import pytest

from voicegw.errors import SettingsError, SetupError
from voicegw.qa.service import start_service

pytestmark = pytest.mark.servers


async def test_a_service_that_does_not_start_says_why(tmp_path):
    settings = {"data_dir": str(tmp_path), "dialplans": str(tmp_path / "nowhere.yaml"), "sip": {"port": 0}}
    with pytest.raises(SetupError, match=r"nowhere\.yaml"):
        await start_service(settings)
    assert "nowhere.yaml" in (tmp_path / "serve.log").read_text()


async def test_unknown_settings_are_named_before_anything_is_started(tmp_path):
    with pytest.raises(SettingsError, match=r"sip\.prot"):
        await start_service({"data_dir": str(tmp_path), "sip": {"prot": 0}})
