"""Backchannels: words that say "I am listening" and ask for nothing (Yngve 1970)."""

import re

from voicegw.nlu.expecting import Expecting

_SOUNDS = r"m+|mm-?h+m+|m-?h+m+|u+h-?hu+h|a+h|oh|hm+|uh|um|er"
_WORDS = r"right|okay|ok|yeah|yes|yep|yup|sure|i see|got it|alright|all right|good|great|cool|fine|really|wow"
_AFTER_YES = r"thanks|thank you|please(?: do)?|go ahead|go for it|do (?:it|that)|(?:that's )?(?:right|correct)|exactly"
"""What is left of an answer that was taken already: "Yes. [pause] Please.", "Yes. [pause] Go ahead."."""
_FAREWELLS = r"bye|goodbye|thank you(?: very much)?|thanks a lot|you too|see you|have a (?:nice|good) (?:day|one)"
_ANSWERS = re.compile(
    r"\b(?:right|okay|ok|yeah|yes|yep|yup|sure|good|great|fine|alright|all right|please|go ahead|go for it|do it"
    r"|do that|correct|exactly)\b"
)
_BACKCHANNEL = re.compile(rf"(?:(?:{_SOUNDS}|{_WORDS}|{_AFTER_YES})(?:[\s,.!?-]+|$))+")
_CLOSING = re.compile(rf"(?:(?:{_SOUNDS}|{_WORDS}|{_AFTER_YES}|{_FAREWELLS})(?:[\s,.!?-]+|$))+")


def is_backchannel(text: str, expecting: Expecting, *, closing: bool = False) -> bool:
    """Whether ``text`` is only a backchannel, given what the agent has asked.

    A "yes" is an answer where yes or no was asked for, and "right" may be a choice.

    :param closing: the agent is saying goodbye; so may the caller, without wanting anything more.
    """
    words = text.lower().strip(" .,!?-…")
    if not words or not (_CLOSING if closing else _BACKCHANNEL).fullmatch(words):
        return False
    return not (expecting.kind in ("yes_no", "choice") and _ANSWERS.search(words))
