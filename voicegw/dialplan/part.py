"""What every part of a dialplan is made of."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from voicegw.dialplan.conditions import Condition, ConditionError
from voicegw.dialplan.conditions import parse as parse_condition
from voicegw.dialplan.templates import Template, TemplateError
from voicegw.dialplan.templates import parse as parse_template
from voicegw.documents.part import Name, Part, Sentences, one_or_more

__all__ = ["Name", "Part", "Sentences", "Spoken", "When", "Wordings"]


def _template(value: Any) -> Template:
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "must be text")
    try:
        return parse_template(value)
    except TemplateError as error:
        raise PydanticCustomError("bad_template", "{why}", {"why": str(error), "hint": error.hint}) from None


def _condition(value: Any) -> Condition:
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "must be text")
    try:
        return parse_condition(value)
    except ConditionError as error:
        raise PydanticCustomError("bad_condition", "{why}", {"why": str(error), "hint": error.hint}) from None


Spoken = Annotated[Template, PlainValidator(_template), WithJsonSchema({"type": "string"})]
"""Text that is said; ``{order_id|digits}`` puts a value in, spoken as its format says."""

When = Annotated[Condition, PlainValidator(_condition), WithJsonSchema({"type": "string"})]
"""A condition on what is known: ``state is shipped and amount > 50``."""

Wordings = Annotated[
    tuple[Spoken, ...],
    BeforeValidator(one_or_more, json_schema_input_type=str | list[str]),
    Field(min_length=1),
]
"""One wording, or several that are used in turn."""
