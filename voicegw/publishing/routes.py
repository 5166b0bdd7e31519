"""Which dialplan, and which version of it, answers a call."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from voicegw.dialplan.model import Dialplan
from voicegw.publishing.record import EVERYBODY, InForce

ANY_NUMBER = "*"


@dataclass(frozen=True)
class Served:
    """A dialplan that takes calls, with the text of all its versions that do."""

    in_force: InForce
    plan: Dialplan
    """Of the version in force: the numbers it names are the dialplan's."""
    trial: Dialplan | None = None


class Routes:
    """A dialled number and a caller to a dialplan's name and version; the same again for the same caller."""

    def __init__(self, served: Iterable[Served]) -> None:
        """:param served: where two claim a number, the first has it."""
        self.served = tuple(served)
        self._by_number: dict[str, Served] = {}
        for one in self.served:
            for number in one.plan.numbers:
                self._by_number.setdefault(number, one)

    def find(self, number: str, caller: str, call_id: str) -> tuple[str, int] | None:
        """None: nobody answers this number.

        :param caller: decides who gets a trial; withheld: each call is decided by its own id.
        """
        one = self._by_number.get(number) or self._by_number.get(ANY_NUMBER)
        if one is None:
            return None
        in_force = one.in_force
        tried = one.trial is not None and {number, ANY_NUMBER} & set(one.trial.numbers)
        if tried and in_force.trial is not None and gets_trial(in_force, caller or call_id):
            return in_force.name, in_force.trial
        return in_force.name, in_force.version


def gets_trial(in_force: InForce, caller: str) -> bool:
    """Whether this caller is among the ``percent`` of a hundred.

    Decided by a hash of dialplan, trial and caller: whoever is in at 10% is in at 50% too, and the next trial meets
    other callers.
    """
    key = f"{in_force.name}\0{in_force.trial}\0{caller.removeprefix('+')}".encode()
    place = int.from_bytes(hashlib.sha256(key).digest()[:8], "big") % EVERYBODY
    return place < in_force.percent
