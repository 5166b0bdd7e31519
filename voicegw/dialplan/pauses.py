"""How long a caller may pause: a name for it, or figures."""

from typing import Literal

from pydantic import Field

from voicegw.dialplan.part import Part


class Pauses(Part):
    """Milliseconds of silence that end the caller's turn. What is left out is as in ``normal``.

    Example::

        complete_ms: 250
        incomplete_ms: 3000
    """

    complete_ms: int | None = Field(None, ge=60, le=10_000, description="When all that was asked has been said.")
    could_go_on_ms: int | None = Field(None, ge=60, le=10_000, description="When it makes sense, and more may follow.")
    incomplete_ms: int | None = Field(None, ge=60, le=10_000, description="In the middle: half a number, after “and”.")


Patience = Literal["brisk", "normal", "patient"] | Pauses
"""``brisk``, ``normal`` or ``patient``, or figures."""
