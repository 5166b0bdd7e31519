"""Hides what is personal in words that are kept."""

import re
from collections.abc import Iterable

MASK = "***"


def mask(text: str, personal: Iterable[str]) -> str:
    """``text`` with every occurrence of the words in ``personal`` hidden, however they are spaced or capitalised."""
    for words in sorted({each.strip() for each in personal}, key=len, reverse=True):
        pieces = re.findall(r"\w+", words)
        if pieces:
            pattern = r"(?<!\w)" + r"\W+".join(map(re.escape, pieces)) + r"(?!\w)"
            text = re.sub(pattern, MASK, text, flags=re.IGNORECASE)
    return text
