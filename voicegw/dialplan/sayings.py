"""What an agent says in the same words on every call: its prompts, answers and phrases without values in them."""

from collections.abc import Iterable, Iterator, Mapping

from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.part import Part
from voicegw.dialplan.phrases import PHRASES
from voicegw.dialplan.templates import Template


def constant(plan: Dialplan) -> tuple[str, ...]:
    """Each once; those that are said first come first."""
    inbuilt = (template for name in PHRASES for template in plan.wordings(name))
    texts = [template.text for template in (*_templates(plan), *inbuilt) if template.constant]
    return tuple(dict.fromkeys(texts))


def _templates(value: object) -> Iterator[Template]:
    if isinstance(value, Template):
        yield value
    elif isinstance(value, Part):
        yield from _each(getattr(value, name) for name in type(value).model_fields)
    elif isinstance(value, Mapping):
        yield from _each(value.values())
    elif isinstance(value, tuple | list):
        yield from _each(value)


def _each(values: Iterable[object]) -> Iterator[Template]:
    for value in values:
        yield from _templates(value)
