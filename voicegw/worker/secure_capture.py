"""Between the ears and the dialog: secret digits go to the vault, the dialog gets a token."""

from collections.abc import Callable
from datetime import datetime

from voicegw.call.events import Event, SecretBegun, SecretGiven
from voicegw.call.masking import MASK
from voicegw.call.secure import HIDDEN, MOST_DIGITS, Screened, is_plausible, is_whole, screen, secure_slot
from voicegw.dialplan.model import Dialplan


class SecureCapture:
    """Secrets of one call. Belongs to the worker's event loop.

    :param put: gives a token for digits.
    """

    def __init__(self, plan: Dialplan, put: Callable[[str], str]) -> None:
        self._plan = plan
        self._put = put
        self._so_far = ""
        self._before_turn = ""
        """What was so far before the last turn, which the caller may go on with."""
        self._question = ""

    def asks(self, question: str) -> bool:
        """Whether what is asked for is secret."""
        if question != self._question:
            self._question, self._so_far = question, ""
        return secure_slot(self._plan, question) is not None

    def screened(self, question: str, text: str) -> Screened:
        """The words without the secret in them."""
        return screen(self._plan, question, text, datetime.now())

    def words(self, question: str, text: str, *, continues: bool) -> tuple[str, Event | None]:
        """A turn's words, as they may be kept, and the secret that was in them.

        :param continues: these are the last turn's words and more.
        """
        is_asked = self.asks(question)
        found = self.screened(question, text)
        if not found.is_secret:
            return text, None
        if not is_asked:
            return found.text, SecretGiven(found.slot, self._put(found.digits), plausible=True)
        self._before_turn = self._before_turn if continues else self._so_far
        self._so_far = (self._before_turn + found.digits)[:MOST_DIGITS]
        if self._is_part():
            return found.text, SecretBegun(spoken=True)
        return found.text, self._given()

    def key(self, digit: str) -> Event | None:
        """A key that answers the open question, for which a secret is asked. None: nothing to do about it."""
        if digit == "*":
            self._so_far = ""
            return SecretBegun()
        if digit == "#":
            return self._given() if self._so_far else None
        self._so_far = (self._so_far + digit)[:MOST_DIGITS]
        slot = secure_slot(self._plan, self._question)
        return self._given() if slot is not None and is_whole(slot, self._so_far) else SecretBegun()

    def kept_key(self, question: str, digit: str) -> str:
        """What is kept of a key: nothing of a secret, nor of a value that is personal, digit by digit."""
        slot = self._plan.slots.get(question)
        if secure_slot(self._plan, question) is not None:
            return HIDDEN
        return MASK if slot is not None and slot.personal else digit

    def silence(self) -> Event | None:
        """No further key came: what was pressed or said is all."""
        return self._given() if self._so_far else None

    def _is_part(self) -> bool:
        slot = secure_slot(self._plan, self._question)
        return slot is not None and slot.length is not None and 0 < len(self._so_far) < slot.length[0]

    def _given(self) -> SecretGiven:
        digits, self._so_far = self._so_far, ""
        slot = secure_slot(self._plan, self._question)
        plausible = slot is not None and is_plausible(slot, digits)
        return SecretGiven(self._question, self._put(digits) if plausible else "", plausible)
