"""Conditions: ``when: state is shipped and amount > 50``. Parsed at load, evaluated on what the call knows.

::

    condition  = all { "or" all }
    all        = test { "and" test }
    test       = NAME "is" ["not"] ( "known" | "yes" | "no" | VALUE )
               | NAME ( ">" | ">=" | "<" | "<=" ) NUMBER
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

_TOKEN = re.compile(r"\s*(>=|<=|>|<|\"[^\"]*\"|'[^']*'|[^\s<>]+)")
_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
HINT = 'write it like "state is shipped", "email is known" or "amount > 50", joined by "and" or "or"'


class ConditionError(ValueError):
    """Not a condition."""

    hint = HINT


@dataclass(frozen=True)
class Test:
    """One comparison."""

    name: str
    relation: str
    """``is``, ``is not``, ``>``, ``>=``, ``<`` or ``<=``."""
    value: str
    """``known`` has its own meaning; ``yes`` and ``no`` are true and false."""

    def holds(self, values: Mapping[str, object]) -> bool:
        """Whether it is so; a value that is not known makes everything false but ``is not``."""
        actual = values.get(self.name)
        if self.relation in _COMPARE:
            return _number(actual) is not None and _COMPARE[self.relation](
                _number(actual) or Decimal(0), Decimal(self.value)
            )
        if self.value == "known":
            same = actual not in (None, "")
        elif self.value in ("yes", "no") and isinstance(actual, bool):
            same = actual is (self.value == "yes")
        else:
            same = actual is not None and str(actual).casefold() == self.value.casefold()
        return same if self.relation == "is" else not same


@dataclass(frozen=True)
class Condition:
    """Alternatives, each of which is tests that must all hold."""

    text: str
    alternatives: tuple[tuple[Test, ...], ...]

    def holds(self, values: Mapping[str, object]) -> bool:
        """Whether it is so, given what the call knows."""
        return any(all(test.holds(values) for test in tests) for tests in self.alternatives)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the values it looks at."""
        return tuple(test.name for tests in self.alternatives for test in tests)


def parse(text: str) -> Condition:
    """The condition that ``text`` writes.

    :raises ConditionError: it writes none.
    """
    words = _TOKEN.findall(text)
    if not words:
        raise ConditionError("a condition cannot be empty")
    alternatives = [_split(part, "and") for part in _split(words, "or")]
    tests = tuple(tuple(_test(words) for words in part) for part in alternatives)
    return Condition(text, tests)


def _split(words: list[str], at: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word == at:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _test(words: list[str]) -> Test:
    match words:
        case [name, ("<" | "<=" | ">" | ">=") as relation, value] if _number(value) is not None:
            return Test(name, relation, value)
        case [name, "is", "not", *value] if value:
            return Test(name, "is not", _plain(value))
        case [name, "is", *value] if value:
            return Test(name, "is", _plain(value))
    raise ConditionError(f"{' '.join(words) or 'nothing'!r} is not a condition")


def _plain(words: list[str]) -> str:
    return " ".join(words).strip("\"'")


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
