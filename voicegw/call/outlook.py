"""What the dialog would make of the words so far tells more about the end of a turn than the words themselves.

"Thank you very much for that." is a whole sentence, and seldom all; "order 4567" is no sentence, and all that is
needed. Judged on a copy of the dialog that has run ahead.
"""

from collections.abc import Sequence
from dataclasses import replace

from voicegw.call.commands import Command, StartAction
from voicegw.call.dialog import Decision
from voicegw.call.dialog_intents import wanted
from voicegw.call.orders import Heard
from voicegw.dialplan import talk
from voicegw.nlu.understanding import Completeness

LEADS = frozenset({talk.HELLO, talk.THANKS})
"""What people say before they say what they want."""
NUMBERS = ("digits", "phone", "code")
MEANT = 5
"""So many words are no digits that were misheard."""


def judged(heard: Heard, decision: Decision | None, commands: Sequence[Command], *, asked: str) -> Heard:
    """``heard``, complete if the dialog has all it needs to look something up, and not if it could do nothing yet.
    "Hold on" is most likely followed by what the caller looks for, and needs no quick answer.

    :param decision: how the copy understood the words.
    :param commands: what it would do.
    :param asked: the kind of value that was asked for. Where it is ``any``, a value alone ("in a thousand pieces") says
        nothing yet; where it is a number, a few words that mean nothing are most likely the first of its digits,
        misheard, or "hold on".
    """
    if decision and talk.HOLD_ON in wanted(decision.understanding)[:1] and not decision.understanding.slots:
        return replace(heard, completeness=Completeness.INCOMPLETE)
    if heard.completeness is Completeness.COULD_GO_ON and any(isinstance(one, StartAction) for one in commands):
        return replace(heard, completeness=Completeness.COMPLETE)
    if decision and asked in NUMBERS and not decision.acted and len(heard.text.split()) < MEANT:
        return replace(heard, completeness=Completeness.INCOMPLETE)
    if heard.completeness is Completeness.COMPLETE and decision and _says_nothing_yet(decision, asked != "any"):
        return replace(heard, completeness=Completeness.COULD_GO_ON)
    return heard


def _says_nothing_yet(decision: Decision, asked: bool) -> bool:
    intents = wanted(decision.understanding)
    if not decision.acted or not (intents or asked):
        return True
    return bool(intents) and LEADS.issuperset(intents) and not decision.understanding.slots
