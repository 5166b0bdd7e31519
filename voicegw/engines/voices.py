"""The voices of dialplans: one for each language and name, made when it is first wanted."""

from voicegw.config import Settings
from voicegw.engines import registry
from voicegw.engines.cache import CachedSpeech


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
