"""Speaking by Coqui TTS: a Piper voice in its own VITS through ONNX, or any checkpoint made with it.

An extra: torch weighs gigabytes, and a process that imports it half a gigabyte of memory.
"""

from collections.abc import Iterator
from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import torch

from voicegw.engines.providers import espeak
from voicegw.engines.providers.coqui_library import (
    BaseAudioConfig,
    BaseVocabulary,
    TTSTokenizer,
    Vits,
    VitsArgs,
    VitsConfig,
    load_config,
    setup_model,
)
from voicegw.engines.providers.onnx import LOAD_ERRORS, ONNX_ERRORS, session
from voicegw.engines.providers.piper_tts import BEGIN, BETWEEN, END, PiperConfig
from voicegw.engines.tts import TtsCapabilities
from voicegw.errors import EngineError, SetupError

FIRST_FRAMES = 48
"""Of the latent that are made to sound first: half a second."""
NEXT_FRAMES = 160
CONTEXT_FRAMES = 12
"""The decoder looks so far to both sides: with them a seam differs by 1e-5."""
UNREADABLE = (OSError, EOFError, RuntimeError, ValueError, LookupError, TypeError, AttributeError, UnpicklingError)
"""What torch and Coqui raise for files that are not theirs."""


class CoquiOnnxVoice:
    """A Piper voice, spoken by Coqui's ``Vits``. May be made before a fork and used after it.

    :param folder: with ``NAME.onnx`` and ``NAME.onnx.json``.
    """

    def __init__(self, folder: Path) -> None:
        """
        :raises SetupError: no voice in the folder, or espeak-ng is not installed.
        """
        espeak.check_installed()
        torch.set_num_threads(1)
        models = sorted(folder.glob("*.onnx"))
        if not models:
            raise SetupError(f"{folder}: no Piper voice (NAME.onnx with NAME.onnx.json) in it")
        self._name = models[0].stem
        self._voice = PiperConfig.read(models[0].with_suffix(".onnx.json"))
        self._model = Vits(_vits_config(self._voice))
        self._model.tokenizer = _tokenizer(self._voice)
        try:
            self._model.onnx_sess = session(models[0])  # load_onnx would take all threads
        except LOAD_ERRORS as error:
            raise SetupError(f"{models[0]}: not a Piper voice: {error}") from None

    @property
    def capabilities(self) -> TtsCapabilities:
        """The voice's one language, at its own rate."""
        return TtsCapabilities(frozenset({self._voice.language}), self._voice.rate_hz, (self._name,))

    @property
    def key(self) -> str:
        """The voice's name."""
        return f"coqui-onnx-{self._name}"

    def speak(self, text: str, *, speed: float = 1.0) -> Iterator[np.ndarray]:
        """One piece.

        :raises EngineError: espeak-ng or the model failed.
        """
        phonemes = espeak.phonemes(text, self._voice.espeak_voice)
        if not phonemes:
            return
        ids = self._model.tokenizer.text_to_ids(phonemes)
        self._model.length_scale = self._voice.length / speed
        try:
            sound = self._model.inference_onnx(np.array([ids], np.int64))
        except ONNX_ERRORS as error:
            raise EngineError(f"Coqui could not say a text of {len(text)} characters: {error}") from error
        yield _int16(sound.squeeze())

    def warm_up(self) -> None:
        """Lets onnxruntime lay out its memory."""
        for _ in self.speak("Hello there."):
            pass


class CoquiCheckpoint:
    """Any end-to-end model of Coqui TTS, by its file. May be made before a fork: it has one thread.

    :param checkpoint: ``model.pth``, with its ``config.json`` beside it.
    """

    def __init__(self, checkpoint: Path) -> None:
        """
        :raises SetupError: no such file, or not a checkpoint of Coqui TTS.
        """
        torch.set_num_threads(1)  # with more, a fork would hang
        config = checkpoint.with_name("config.json")
        for file in (checkpoint, config):
            if not file.is_file():
                raise SetupError(f"tts.voice: {file}: no such file (a checkpoint has its config.json beside it)")
        self._name = f"{checkpoint.parent.name}-{checkpoint.stem}"
        self._written_at = int(checkpoint.stat().st_mtime)
        try:
            self._config = load_config(config)
            self._model = setup_model(self._config)
            self._model.load_checkpoint(self._config, checkpoint, eval=True)
        except UNREADABLE as error:
            raise SetupError(f"tts.voice: {checkpoint}: not a checkpoint of Coqui TTS: {error}") from error

    @property
    def capabilities(self) -> TtsCapabilities:
        """As its configuration says."""
        language = (getattr(self._config, "phoneme_language", None) or "en").partition("-")[0]
        rate_hz = int(self._config.audio.sample_rate)
        return TtsCapabilities(frozenset({language}), rate_hz, (self._name,))

    @property
    def key(self) -> str:
        """Folder and file, and when it was written: a newer training sounds different."""
        return f"coqui-{self._name}-{self._written_at}"

    def speak(self, text: str, *, speed: float = 1.0) -> Iterator[np.ndarray]:
        """VITS: half a second first, then more; other models: one piece.

        :raises EngineError: the model failed.
        """
        if not text.strip():
            return
        try:
            if isinstance(self._model, Vits):
                yield from _speak_by_chunks(self._model, text, speed)
            else:
                yield _int16(self._model.synthesize(text)["wav"])
        except (RuntimeError, ValueError, IndexError, KeyError, TypeError) as error:
            raise EngineError(f"Coqui could not say a text of {len(text)} characters: {error}") from error

    def warm_up(self) -> None:
        """The first inference plans its kernels."""
        for _ in self.speak("Hello there."):
            pass


@torch.inference_mode()
def _latent(model: Vits, text: str, speed: float) -> torch.Tensor:
    """``[1, channels, frames]``: the sound before it is decoded, which is what takes the time."""
    ids = model.tokenizer.text_to_ids(text)
    model.length_scale = model.args.length_scale / speed
    model.max_inference_len = 1  # decode one frame only: we decode it ourselves, piece by piece
    outputs = model.inference(torch.as_tensor(ids, dtype=torch.long).unsqueeze(0))
    latent: torch.Tensor = outputs["z"] * outputs["y_mask"]
    return latent


def _speak_by_chunks(model: Vits, text: str, speed: float) -> Iterator[np.ndarray]:
    latent = _latent(model, text, speed)
    frames = latent.shape[2]
    start, size = 0, FIRST_FRAMES
    while start < frames:
        end = min(start + size, frames)
        left, right = max(start - CONTEXT_FRAMES, 0), min(end + CONTEXT_FRAMES, frames)
        with torch.inference_mode():
            sound = model.waveform_decoder(latent[:, :, left:right]).squeeze().numpy()
        hop = len(sound) // (right - left)
        yield _int16(sound[(start - left) * hop : (end - left) * hop])
        start, size = end, NEXT_FRAMES


def _int16(sound: np.ndarray) -> np.ndarray:
    return (np.clip(sound, -1.0, 1.0) * 32767).astype(np.int16)


def _vits_config(voice: PiperConfig) -> VitsConfig:
    """Piper's "medium" size of VITS; only what speaking by ONNX reads matters."""
    return VitsConfig(
        model_args=VitsArgs(
            init_discriminator=False,
            inference_noise_scale=voice.noise,
            inference_noise_scale_dp=voice.noise_width,
            length_scale=voice.length,
            resblock_type_decoder="2",
            resblock_kernel_sizes_decoder=[3, 5, 7],
            resblock_dilation_sizes_decoder=[[1, 2], [2, 6], [3, 12]],
            upsample_rates_decoder=[8, 8, 4],
            upsample_initial_channel_decoder=256,
            upsample_kernel_sizes_decoder=[16, 16, 8],
        ),
        audio=BaseAudioConfig(sample_rate=voice.rate_hz, hop_length=256),
        add_blank=True,
        enable_eos_bos_chars=True,
    )


def _tokenizer(voice: PiperConfig) -> TTSTokenizer:
    """Gives the ids that Piper gives. Phonemes come ready from our own espeak: one process per text, not per phrase."""
    vocabulary = [""] * (max(ids[0] for ids in voice.ids.values()) + 1)
    for phoneme, ids in voice.ids.items():
        vocabulary[ids[0]] = phoneme
    characters = BaseVocabulary(vocabulary, pad=BETWEEN, blank=BETWEEN, bos=BEGIN, eos=END)
    return TTSTokenizer(use_phonemes=False, characters=characters, add_blank=True, use_eos_bos=True)
