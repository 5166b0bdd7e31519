"""What a completion is going to say, as soon as it cannot say anything else.

A grammar holds the language model to a few choices. ``{"choice": "task.re`` can only go on one way if one choice
begins like this, and the rest need not be waited for: each token takes some 40 ms.
"""

import json
import re
from collections.abc import Mapping

_STRING = r'"((?:[^"\\]|\\.)*)'


def settled(schema: Mapping[str, object], text: str) -> dict[str, object] | None:
    """The object that ``text`` will become; None while more than one could.

    :param schema: JSON Schema that holds the completion to it. One with more than a single property, or whose
        property is no ``enum`` of strings, is settled only by its last brace.
    :param text: the completion so far.
    """
    single = _single_choice(schema)
    if single is None:
        return _whole(text)
    name, choices = single
    begun = re.match(rf"\s*\{{\s*{re.escape(json.dumps(name))}\s*:\s*{_STRING}(\"?)", text)
    if begun is None:
        return None
    closed = bool(begun[2])
    fitting = [choice for choice in choices if (choice == begun[1] if closed else choice.startswith(begun[1]))]
    return {name: fitting[0]} if len(fitting) == 1 else None


def _single_choice(schema: Mapping[str, object]) -> tuple[str, list[str]] | None:
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or len(properties) != 1:
        return None
    name, form = next(iter(properties.items()))
    choices = form.get("enum") if isinstance(form, Mapping) else None
    if not isinstance(choices, list) or not all(isinstance(choice, str) for choice in choices):
        return None
    return str(name), choices


def _whole(text: str) -> dict[str, object] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
