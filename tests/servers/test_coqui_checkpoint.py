"""A checkpoint made with Coqui TTS speaks: here a tiny one with random weights, made on the spot."""

import importlib
import importlib.util
import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from voicegw import config
from voicegw.engines import registry
from voicegw.errors import PackageMissing, SetupError

pytestmark = pytest.mark.servers

INSTALLED = importlib.util.find_spec("TTS") is not None
needs_coqui = pytest.mark.skipif(not INSTALLED, reason="coqui-tts is not installed (pip install 'voicegw[coqui]')")
RATE_HZ = 16_000
LONG = "this is a long sentence that takes some time to say and has no comma in it"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = importlib.import_module("voicegw.engines.providers.coqui_library")
    torch = importlib.import_module("torch")
    torch.manual_seed(1)
    small = library.VitsArgs(
        init_discriminator=False,
        hidden_channels=16,
        hidden_channels_ffn_text_encoder=16,
        num_heads_text_encoder=1,
        num_layers_text_encoder=1,
        num_layers_flow=1,
        num_layers_posterior_encoder=1,
        upsample_initial_channel_decoder=16,
        upsample_rates_decoder=[8, 8, 4],
        upsample_kernel_sizes_decoder=[16, 16, 8],
        use_sdp=False,
        # Random weights would make each sound a frame long; noise then says how long the text takes.
        length_scale=6,
    )
    made = library.VitsConfig(
        model_args=small,
        audio=library.BaseAudioConfig(sample_rate=RATE_HZ, hop_length=256),
        text_cleaner="basic_cleaners",
    )
    model = library.setup_model(made)
    folder = tmp_path_factory.mktemp("tiny")
    torch.save({"model": model.state_dict()}, folder / "model.pth")
    made.save_json(folder / "config.json")
    return folder / "model.pth"


def settings_for(voice: str) -> config.Settings:
    return config.from_values({"tts": {"provider": "coqui", "voice": voice}})


@needs_coqui
def test_a_checkpoint_is_spoken_at_its_own_rate(checkpoint: Path) -> None:
    coqui = importlib.import_module("voicegw.engines.providers.coqui_tts")
    voice = coqui.CoquiCheckpoint(checkpoint)
    assert voice.capabilities.rate_hz == RATE_HZ
    pcm = np.concatenate(list(voice.speak("good morning")))
    assert pcm.dtype == np.int16
    assert len(pcm) > RATE_HZ // 10


@needs_coqui
def test_the_first_half_second_leaves_before_the_rest_is_decoded(checkpoint: Path) -> None:
    coqui = importlib.import_module("voicegw.engines.providers.coqui_tts")
    voice = coqui.CoquiCheckpoint(checkpoint)
    pieces = list(voice.speak(LONG))
    assert len(pieces) > 1
    assert len(pieces[0]) == coqui.FIRST_FRAMES * 256


@needs_coqui
def test_pieces_are_joined_as_if_decoded_at_once(checkpoint: Path) -> None:
    coqui = importlib.import_module("voicegw.engines.providers.coqui_tts")
    torch = importlib.import_module("torch")
    model = coqui.CoquiCheckpoint(checkpoint)._model
    torch.manual_seed(7)
    latent = coqui._latent(model, LONG, 1.0)
    with torch.inference_mode():
        whole = coqui._int16(model.waveform_decoder(latent).squeeze().numpy())
    torch.manual_seed(7)
    pieces = np.concatenate(list(coqui._speak_by_chunks(model, LONG, 1.0)))
    assert len(pieces) == len(whole)
    assert np.abs(pieces.astype(int) - whole.astype(int)).max() <= 2


@needs_coqui
def test_a_newer_training_has_another_key(checkpoint: Path) -> None:
    coqui = importlib.import_module("voicegw.engines.providers.coqui_tts")
    before = coqui.CoquiCheckpoint(checkpoint).key
    os.utime(checkpoint, (time.time() + 60, time.time() + 60))
    assert coqui.CoquiCheckpoint(checkpoint).key != before


@needs_coqui
def test_a_file_that_is_no_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no such file"):
        registry.text_to_speech(settings_for(str(tmp_path / "model.pth")))
    (tmp_path / "model.pth").write_bytes(b"something else")
    (tmp_path / "config.json").write_text('{"model": "vits"}')
    with pytest.raises(SetupError, match="not a checkpoint"):
        registry.text_to_speech(settings_for(str(tmp_path / "model.pth")))


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)  # what an import of a package that is not there finds
    monkeypatch.delitem(sys.modules, "voicegw.engines.providers.coqui_tts", raising=False)
    with pytest.raises(PackageMissing, match=r"torch .*pip install 'voicegw\[coqui\]'"):
        registry.text_to_speech(settings_for("model.pth"))
