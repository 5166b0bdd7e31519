"""What the account desk's tools take and give."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, Field

from voicegw.actions.requests import ToolResult


class Who(BaseModel):
    """Whose account."""

    user_id: str = Field(pattern=r"^[0-9]{4,10}$")


class CodeGiven(Who):
    """A one-time code as the caller read it out."""

    code: str = Field(pattern=r"^[0-9]{6}$")


class FactsGiven(Who):
    """What only the owner knows."""

    birth_date: dt.date
    badge: str = Field(pattern=r"^[0-9]{4}$")


class Proven(Who):
    """An account, and the proof that its owner is on the line."""

    proof: str = Field(min_length=1, max_length=100)


class Account(ToolResult):
    """What may be said of an account to somebody who is not identified yet."""

    status: Literal["found", "not_found", "locked"] = "found"
    phone_ending: str = ""
    """The last two digits of the phone that codes go to."""


class CodeSent(ToolResult):
    """What came of sending a code."""

    status: Literal["done", "refused", "locked", "not_found"] = "done"
    """``refused``: too many were sent."""
    phone_ending: str = ""


class Identified(ToolResult):
    """Whether the caller is who they say."""

    status: Literal["verified", "wrong", "expired", "locked", "not_found"] = "verified"
    proof: str = ""
    """For the tools that change something."""
    left: int = 0
    """Tries that are left."""


class Done(ToolResult):
    """What came of a change."""

    status: Literal["done", "already", "refused"] = "done"
    """``refused``: the proof is not of this account, or too old."""
    phone_ending: str = ""
