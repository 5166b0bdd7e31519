"""Ears that are made before a fork: in memory once, and they hear in the children."""

import json
import subprocess
import sys

import pytest

from voicegw import config
from voicegw.engines import registry
from voicegw.errors import ModelMissing
from voicegw.models import catalogue

pytestmark = pytest.mark.servers

MOST_OWN_MB = 120
FORKING = """
import gc, json, os, sys
import numpy as np, psutil
from voicegw import config
from voicegw.engines.listeners import Listeners
ears = Listeners(config.load(None))
ears.make_before_a_fork("ko")
threads = psutil.Process().num_threads()
gc.collect(); gc.freeze()
reading, writing = os.pipe()
if os.fork() == 0:
    recognizer = ears.of("ko").recognizer(8000)
    recognizer.feed(np.random.default_rng(1).normal(0, 300, 4000).astype(np.int16))
    recognizer.decode(final=True)
    own_mb = psutil.Process().memory_full_info().uss / 1e6
    os.write(writing, json.dumps({"threads": threads, "own_mb": own_mb}).encode())
    os._exit(0)
os.wait()
sys.stdout.write(os.read(reading, 1000).decode())
"""


@pytest.fixture
def vosk_ko():
    settings = config.load(None)
    try:
        catalogue.path(settings.models_dir, registry.VOSK_MODELS["ko"])
    except ModelMissing:
        pytest.skip("the Korean model is not on this machine (voicegw models pull vosk-ko)")
    return settings


def test_the_korean_model_is_in_memory_once_for_all_workers(vosk_ko):
    said = subprocess.run(
        [sys.executable, "-c", FORKING],
        env=config.environment_for_children(),
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    measured = json.loads(said.stdout)
    assert measured["threads"] == 1, "threads do not survive a fork"
    assert measured["own_mb"] < MOST_OWN_MB


def test_whisper_is_made_after_the_fork_since_it_starts_threads():
    assert not registry.heard_before_a_fork(config.from_values({"stt": {"provider": "whisper"}}), "en")
