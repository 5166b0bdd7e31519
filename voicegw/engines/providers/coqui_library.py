"""What we use of Coqui TTS, imported so that it also works where torch has no CUDA.

Coqui imports ``torchaudio`` for training only. PyPI's build of it is linked to CUDA and fails to load beside a CPU
build of torch; without its native part it imports, and Coqui never calls that part when it speaks.
"""

import importlib
import logging
import sys
import types


def _import_torchaudio() -> None:
    try:
        importlib.import_module("torchaudio")
    except OSError:  # ctypes' error for a library that cannot be loaded
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchaudio"]:
            del sys.modules[name]
        without_native = types.ModuleType("torchaudio._extension")
        without_native.fail_if_no_align = lambda function: function  # type: ignore[attr-defined]
        without_native._IS_TORCHAUDIO_EXT_AVAILABLE = False  # type: ignore[attr-defined]
        sys.modules["torchaudio._extension"] = without_native
        importlib.import_module("torchaudio")


_import_torchaudio()
logging.getLogger("TTS").setLevel(logging.ERROR)  # its warnings quote the text, which may name the caller

from TTS.config import load_config  # noqa: E402
from TTS.config.shared_configs import BaseAudioConfig  # noqa: E402
from TTS.tts.configs.vits_config import VitsArgs, VitsConfig  # noqa: E402
from TTS.tts.models import setup_model  # noqa: E402
from TTS.tts.models.vits import Vits  # noqa: E402
from TTS.tts.utils.text.characters import BaseVocabulary  # noqa: E402
from TTS.tts.utils.text.tokenizer import TTSTokenizer  # noqa: E402

__all__ = [
    "BaseAudioConfig",
    "BaseVocabulary",
    "TTSTokenizer",
    "Vits",
    "VitsArgs",
    "VitsConfig",
    "load_config",
    "setup_model",
]
