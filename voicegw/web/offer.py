"""What a browser sends to begin a call."""

from pydantic import BaseModel, Field


class Offer(BaseModel):
    """An SDP offer, its addresses included."""

    sdp: str = Field(max_length=100_000)
