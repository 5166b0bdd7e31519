"""What a browser sends to begin a call."""

from pydantic import BaseModel, Field


class Offer(BaseModel):
    """An SDP offer, its addresses included."""

    sdp: str = Field(max_length=100_000)


class TryOffer(Offer):
    """To talk to a draft."""

    for_real: bool = False
    """What is confirmed is done; else it is only said to be."""
