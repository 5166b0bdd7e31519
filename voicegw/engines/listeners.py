"""The ears of a service's languages: one for each, made when it is first wanted."""

from voicegw.config import Settings
from voicegw.engines import registry
from voicegw.engines.stt import SpeechToText


class Listeners:
    """May be made before a fork and used after it: what is made by then is in memory once, the rest in each child."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._made: dict[str, SpeechToText] = {}

    def of(self, language: str) -> SpeechToText:
        """What hears ``language``, past its first decoding.

        :raises SetupError: it cannot be made here.
        """
        if language not in self._made:
            ear = registry.speech_to_text(self._settings, language)
            ear.warm_up()
            self._made[language] = ear
        return self._made[language]

    def make_before_a_fork(self, language: str) -> None:
        """Make it now if it is of a kind that a forked process can use.

        :raises SetupError: it cannot be made here.
        """
        if registry.heard_before_a_fork(self._settings, language):
            self.of(language)
