"""Do words that were said hold what a test wants in them?"""

import re


def matches(expected: str, said: str) -> bool:
    """``/…/`` is a regular expression; other text must be in what was said. Case does not matter."""
    return place_of(expected, said) is not None


def place_of(expected: str, said: str) -> tuple[int, int] | None:
    """Where it is in what was said, begin and end; None if it is not."""
    if len(expected) > 2 and expected.startswith("/") and expected.endswith("/"):
        found = re.search(expected[1:-1], said, re.IGNORECASE)
        return found.span() if found else None
    plain = " ".join(expected.casefold().split())
    begin = said.casefold().find(plain)
    return None if begin < 0 else (begin, begin + len(plain))
