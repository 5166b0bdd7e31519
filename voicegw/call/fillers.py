"""Words that fill a wait, so that the line never seems dead."""


class Fillers:
    """Takes turns among ``texts``: never the same twice in a row.

    :param texts: usual words; at least one.
    """

    def __init__(self, texts: tuple[str, ...]) -> None:
        self._texts = texts
        self._next = 0
        self._last = ""

    def next(self, wanted: str = "") -> str:
        """What to say now; empty if there is only what was said last time.

        :param wanted: the dialplan's own words for this wait.
        """
        self._last = wanted if wanted not in ("", self._last) else self._turn()
        return self._last

    def _turn(self) -> str:
        """The next of the usual words that was not said last."""
        for _ in self._texts:
            text = self._texts[self._next % len(self._texts)]
            self._next += 1
            if text != self._last:
                return text
        return ""
