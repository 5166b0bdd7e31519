"""Things callers asked that nothing answered, put together by the words they share; pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from voicegw.outcomes.insights import Asked

ALIKE = 0.5
"""Words in common, of all words of both, from which two sentences ask the same (Jaccard)."""
_EMPTY = frozenset(
    "a an and are at be can could did do does for from have hello hey hi i i'd i'm if in is it it's like me my of on "
    "or please so that the there this to um uh want was what what's when where which who with would yes no you your "
    "".split()
)
"""Words that say nothing of what is asked."""


@dataclass(frozen=True)
class Question:
    """What several callers asked."""

    text: str
    """As most briefly said."""
    asked: tuple[Asked, ...]
    """Newest first."""


def questions(asked: Sequence[Asked], most: int = 30) -> list[Question]:
    """Groups, the largest first; each sentence joins the group whose first one it resembles most."""
    groups: list[tuple[frozenset[str], list[Asked]]] = []
    for each in asked:
        words = content(each.text)
        if not words:
            continue
        best = max(groups, key=lambda group: _likeness(group[0], words), default=None)
        if best is not None and _likeness(best[0], words) >= ALIKE:
            best[1].append(each)
        else:
            groups.append((words, [each]))
    made = [Question(min((one.text for one in members), key=len), tuple(members)) for _, members in groups]
    return sorted(made, key=lambda question: -len(question.asked))[:most]


def content(text: str) -> frozenset[str]:
    """Words that say what is asked, without their plural."""
    words = re.findall(r"[\w']+", text.lower())
    return frozenset(word.removesuffix("s") if len(word) > 3 else word for word in words if word not in _EMPTY)


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)
