"""Words that fill a wait, so that the line never seems dead."""

DEFAULT = {
    "en": ("Let me check that.", "One moment.", "Just a second, please.", "I'm looking that up."),
    "ko": ("잠시만요.", "확인해 보겠습니다.", "조금만 기다려 주세요."),
}
"""By language, ISO 639-1."""


class Fillers:
    """Takes turns among ``texts``: never the same twice in a row."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self._texts = texts
        self._next = 0

    @classmethod
    def of_language(cls, language: str) -> "Fillers":
        """The usual ones; English where there are none."""
        return cls(DEFAULT.get(language, DEFAULT["en"]))

    def next(self) -> str:
        """What to say now."""
        text = self._texts[self._next % len(self._texts)]
        self._next += 1
        return text
