"""The ears of a service's languages: one for each, made when it is first wanted."""

from pathlib import Path

from voicegw.config import Settings
from voicegw.engines import registry
from voicegw.engines.stt import SpeechToText


class Listeners:
    """May be made before a fork and used after it: what is made by then is in memory once, the rest in each child.

    :param door: the Unix socket of the machine's listener, if it has one.
    """

    def __init__(self, settings: Settings, door: Path | None = None) -> None:
        self._settings = settings
        self._door = door
        self._made: dict[str, SpeechToText] = {}

    def of(self, language: str) -> SpeechToText:
        """What hears ``language``, past its first decoding.

        :raises SetupError: it cannot be made here.
        """
        if language not in self._made:
            ear = self._make(language)
            ear.warm_up()
            self._made[language] = ear
        return self._made[language]

    def make_before_a_fork(self, language: str) -> None:
        """Make it now if it is of a kind that a forked process can use.

        :raises SetupError: it cannot be made here.
        """
        if registry.heard_before_a_fork(self._settings, language):
            self.of(language)

    def _make(self, language: str) -> SpeechToText:
        if self._door and registry.heard_together(self._settings, language):
            return registry.shared_speech_to_text(self._settings, language, self._door)
        return registry.speech_to_text(self._settings, language)
