"""The voices of dialplans: one for each language and name, made when it is first wanted."""

from voicegw import log
from voicegw.config import Settings
from voicegw.engines import registry
from voicegw.engines.cache import CachedSpeech
from voicegw.errors import EngineError

logger = log.get_logger()


class Voices:
    """May be made before a fork, with the voices that are wanted by then, and used after it."""

    def __init__(self, settings: Settings, rate_hz: int) -> None:
        self._settings = settings
        self._rate_hz = rate_hz
        self._made: dict[tuple[str, str], CachedSpeech] = {}

    def of(self, language: str, name: str = "") -> CachedSpeech:
        """
        :param name: of the voice; empty: the settings' own.
        :raises SetupError: it cannot be made here.
        """
        if (language, name) not in self._made:
            voice = registry.text_to_speech(self._settings, language, name)
            voice.warm_up()
            self._made[language, name] = CachedSpeech(voice, self._settings.cache_dir / "speech", self._rate_hz)
        return self._made[language, name]

    def practise(self) -> None:
        """Have each that was made by now say a sentence to nobody. After a fork, in the thread that will speak: memory
        is kept by threads, and the first sentence of a call came a quarter of a second later for it."""
        for speech in self._made.values():
            try:
                speech.practise()
            except EngineError as error:
                logger.warning("speech.practice_failed", error=str(error))
