"""What every part of a file that people write is made of."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


class Part(BaseModel):
    """A piece of a file: unknown keys are errors, nothing changes after load."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def one_or_more(value: Any) -> Any:
    """One text needs no list."""
    return [value] if isinstance(value, str) else value


def _name(text: str) -> str:
    if not NAME.match(text):
        raise PydanticCustomError("bad_name", "{text} is not a name", {
            "text": repr(text),
            "hint": "small letters, digits and underscores, beginning with a letter: order_status",
        })  # fmt: skip
    return text


Name = Annotated[str, AfterValidator(_name)]
"""Name of a task, slot or answer."""

Sentences = Annotated[tuple[str, ...], BeforeValidator(one_or_more, json_schema_input_type=str | list[str])]
"""Plain sentences."""
