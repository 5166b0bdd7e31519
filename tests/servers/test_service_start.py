"""The service as a process: what it says when it cannot start."""

import time

import pytest

from voicegw.errors import SettingsError, SetupError
from voicegw.gateway.service import WARM_TIMEOUT_S
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


async def test_a_missing_model_is_named_before_anything_is_started(tmp_path):
    settings = {"data_dir": str(tmp_path), "cache_dir": str(tmp_path / "empty"), "sip": {"port": 0}}
    with pytest.raises(SetupError, match=r"voicegw models pull (minilm|whisper-tiny\.en)"):
        await start_service(settings)
    assert not (tmp_path / "valkey").exists()


async def test_workers_that_cannot_be_made_end_the_start_at_once_and_say_why(tmp_path):
    settings = {"data_dir": str(tmp_path), "sip": {"host": "127.0.0.1", "port": 0}, "tts": {"voice": "nobody"}}
    began = time.monotonic()
    with pytest.raises(SetupError, match="'nobody': hibari has no such voice"):
        await start_service(settings)
    assert time.monotonic() - began < WARM_TIMEOUT_S
