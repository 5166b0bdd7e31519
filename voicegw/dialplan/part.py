"""What every part of a dialplan is made of."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from voicegw.dialplan.conditions import Condition, ConditionError
from voicegw.dialplan.conditions import parse as parse_condition
from voicegw.dialplan.templates import Template, TemplateError
from voicegw.dialplan.templates import parse as parse_template

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


class Part(BaseModel):
    """A piece of a dialplan: unknown keys are errors, nothing changes after load."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def _name(text: str) -> str:
    if not NAME.match(text):
        raise PydanticCustomError("bad_name", "{text} is not a name", {
            "text": repr(text),
            "hint": "small letters, digits and underscores, beginning with a letter: order_status",
        })  # fmt: skip
    return text


def _wordings(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


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


Name = Annotated[str, AfterValidator(_name)]
"""Name of a task, slot or answer."""

Spoken = Annotated[Template, PlainValidator(_template), WithJsonSchema({"type": "string"})]
"""Text that is said; ``{order_id|digits}`` puts a value in, spoken as its format says."""

When = Annotated[Condition, PlainValidator(_condition), WithJsonSchema({"type": "string"})]
"""A condition on what is known: ``state is shipped and amount > 50``."""

Wordings = Annotated[
    tuple[Spoken, ...],
    BeforeValidator(_wordings, json_schema_input_type=str | list[str]),
    Field(min_length=1),
]
"""One wording, or several that are used in turn."""

Sentences = Annotated[tuple[str, ...], BeforeValidator(_wordings, json_schema_input_type=str | list[str])]
"""Plain sentences."""
