"""Gives the caller to a person, when the agent has said that it will."""

from voicegw.call.commands import Transfer
from voicegw.dialplan.model import Handoff
from voicegw.wire.link import Link
from voicegw.wire.messages import TransferCall


class HandingOver:
    """The way to a person from one call. Belongs to the worker's event loop."""

    def __init__(self, link: Link, handoff: Handoff) -> None:
        self._link = link
        self._handoff = handoff

    def begin(self, transfer: Transfer) -> None:
        """Ask the cell for it; what comes of it, the cell tells."""
        self._link.send(TransferCall(transfer.target, ring_timeout_s=self._handoff.ring_s))
