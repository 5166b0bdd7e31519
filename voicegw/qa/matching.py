"""Do words that were said hold what a test wants in them?"""

import re


def matches(expected: str, said: str) -> bool:
    """``/…/`` is a regular expression; other text must be in what was said. Case does not matter."""
    if len(expected) > 2 and expected.startswith("/") and expected.endswith("/"):
        return re.search(expected[1:-1], said, re.IGNORECASE) is not None
    return " ".join(expected.casefold().split()) in said.casefold()
