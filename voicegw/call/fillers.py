"""Words that fill a wait, so that the line never seems dead."""


class Fillers:
    """Takes turns among ``texts``: never the same twice in a row."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self._texts = texts
        self._next = 0

    def next(self) -> str:
        """What to say now."""
        text = self._texts[self._next % len(self._texts)]
        self._next += 1
        return text
