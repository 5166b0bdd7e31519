"""Does the caller ask for a person? In the usual wordings, whatever the dialplan's examples are.

Sentence vectors alone miss the short ones ("um, agent") and those that name what it is about ("can I talk to somebody
about my bill"). Telling of a person ("I talked to an agent yesterday") and wanting somebody to come are not asking.
"""

import re

from voicegw.nlu.en import denials

_PERSON = (
    r"(?:human being|human|person|agent|operator|representative|rep|advis[oe]r|supervisor|manager|receptionist|"
    r"colleague|staff member|member of (?:the |your )?staff|employee|customer (?:service|care|support|relations)|"
    r"boss|human (?:assistance|help))s?"
)
_KIND = (
    r"(?:real|live|actual|living|human|proper|different|other|another|customer|service|support|care|sales|phone|"
    r"call cent(?:er|re)|senior|available|next|free|flesh and blood)"
)
_A = r"(?:a|an|the|your|some|any|one of your|another)"
_SOMEBODY = rf"(?:some|any)(?:body|one)(?: (?:real|else|human|there|here|alive|with a pulse|in charge|from {_A} \w+))*"
_ONE = rf"(?:(?:{_A} )?(?:{_KIND} )*{_PERSON}|{_SOMEBODY})"
_TEAM = (
    r"(?:(?:the |your |a )?(?!my |our )(?:\w+ )?(?:team|department|desk|help ?desk|office|staff|reception|sales|"
    r"billing|accounts|accounting|support|concierge|restaurant|kitchen|shop|store|workshop|branch|room service|people))"
)
_MACHINE = (
    r"(?:(?:a|an|the|this|that|your|you|some|any) )?(?:stupid |damn |dumb |bloody )?(?:machine|robot|bot|computer|"
    r"recording|ai|automat\w+(?: \w+)?|voice ?bot|chat ?bot|program)s?"
)
_LEAD = (
    r"(?:(?:um+|uh+|er+|hm+|well|so|okay|ok|yes|yeah|yep|no|nope|nah|oh|hi|hello|hey|hey there|please|just|look|listen|"
    r"sorry|actually|right|alright|all right|now|i said|enough|stop|and|but|then|maybe|sir|madam|ma'am|thanks) )*"
)
_TAIL = (
    r"(?: (?:please|now|right now|right away|instead|thanks|thank you|today|then|for (?:this|that|me)|"
    r"on the (?:phone|line)))*"
)
_END = rf"{_TAIL}(?: not {_MACHINE})?(?: to (?:talk|speak|help)\b.*)?$"
_THEM = rf"(?:{_ONE}|{_TEAM})"
_PERSON_NOW = rf"(?:{_A} )?(?:{_KIND} )*{_PERSON}"
_CALL = r"(?:me|us|my call|the call|this call)"

_ASKS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^{_LEAD}(?:not {_MACHINE} )?{_LEAD}{_PERSON_NOW}{_END}",
        rf"^{_LEAD}{_SOMEBODY} (?:please|real){_END}",
        rf"^{_LEAD}(?:the )?\w+ (?:team|department) please{_END}",
        rf"\b(?:talk|speak|chat)(?: directly)?(?: to| with)? {_THEM}(?![\w'])(?! (?:said|told))",
        rf"\b(?:prefer|rather be|mind) (?:talking|speaking) (?:to|with) {_THEM}(?![\w'])",
        rf"\b{_ONE}(?: (?:else|here|there|that|who|whom))* (?:(?:i|we) (?:can|could|may|might) |to )(?:talk|speak) "
        r"(?:to|with)\b",
        rf"\b(?:connect|transfer|put|pass|switch|hand|patch|forward|redirect|send) {_CALL}"
        rf"(?: (?:through|over|on|back))?(?: on)?(?: to| with| onto)? {_THEM}(?![\w'])",
        rf"\b(?:put|pass|patch) {_CALL} through{_TAIL}$",
        rf"\b(?:transfer|connect|redirect) {_CALL}{_TAIL}$",
        rf"\b(?:be|get) (?:transferred|connected|put through)(?:{_TAIL}$| (?:to|with) {_THEM}(?![\w']))",
        rf"\b(?:get|give|find|bring) (?:me|us) {_ONE}{_END}",
        rf"\b(?:get|put) {_ONE} on(?: the (?:phone|line))?{_TAIL}$",
        rf"\b(?:get|reach|have) (?:hold of )?{_ONE} on the (?:phone|line)\b",
        rf"\b(?:get (?:a )?hold of|reach|get through to) {_THEM}{_END}",
        rf"\b(?:need|want|prefer|like|have|get) {_ONE}{_END}",
        rf"\b(?:is|are) there {_PERSON_NOW}(?: (?:there|here|around|available|free|at all))*{_END}",
        rf"\b(?:can|could|may) {_PERSON_NOW} (?:help|talk|speak|take|deal|handle|assist)\b",
        r"\b(?:hate|stop|tired of|sick of|done|refuse to|not|don't|do not|won't|don't want to|want to) (?:like )?"
        rf"(?:talk|speak|talking|speaking|deal|dealing)(?: to| with) {_MACHINE}\b",
    )
)
_TOLD = re.compile(
    r"\b(?:(?:was|were|been|just) (?:speak|talk)ing|(?:did|didn't|did not|already|had to) (?:speak|talk))\b"
)
_UNWANTED_MACHINE = re.compile(rf"^(?:to )?(?:talk|speak|deal)(?:ing)?(?: to| with) {_MACHINE}$|^{_MACHINE}$")


def asks_for_person(text: str) -> bool:
    """Whether these are words of somebody who wants to talk to a person."""
    refusal = denials.split(text)
    if refusal is None:
        return _asks(_plain(text))
    return bool(_UNWANTED_MACHINE.match(_plain(refusal.refused))) or _asks(_plain(refusal.wanted))


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s']", " ", text.casefold().replace("’", "'")).split())


def _asks(plain: str) -> bool:
    return not _TOLD.search(plain) and any(pattern.search(plain) for pattern in _ASKS)
