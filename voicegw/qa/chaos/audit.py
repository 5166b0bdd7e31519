"""The audit after chaos: what was done, against what was confirmed, told and promised. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from voicegw.outcomes.action import CHANGED, REPEAT, UNCHANGED, ActionRow
from voicegw.outcomes.rows import CallStory
from voicegw.qa.chaos.world import Effect

BOOK = "world.book"
TOLD_DONE = "it is booked"
PROMISED = "you will get a message"
NOTICE_SUFFIX = "/notice/run"
"""What a message's key has behind its action's."""
YES = frozenset({"yes", "yes please", "1"})


@dataclass(frozen=True)
class Caller:
    """What a caller did."""

    name: str
    """Sent as the caller's number."""
    item: str
    agrees: bool
    """Says yes if asked."""
    answered: bool
    """The call was answered."""


@dataclass(frozen=True)
class Evidence:
    """All that is left of a run."""

    callers: Sequence[Caller]
    effects: Sequence[Effect]
    actions: Sequence[ActionRow]
    calls: Sequence[CallStory]


def violations(evidence: Evidence) -> list[str]:
    """What must never be, in words; empty when all is well."""
    rules = (_actions_are_as_told, _nothing_unconfirmed, _yes_is_kept, _words_are_true, _promises, _calls)
    return [found for rule in rules for found in rule(evidence)]


def _actions_are_as_told(evidence: Evidence) -> Iterator[str]:
    """Every confirmed write happened exactly once, or not at all if it says so."""
    counts = Counter((effect.what, effect.item) for effect in evidence.effects)
    for row in evidence.actions:
        item = str(row.arguments.get("item"))
        booked, paid, unbooked = (counts[what, item] for what in ("book", "pay", "unbook"))
        if row.state == CHANGED and (booked - unbooked, paid) != (1, 1):
            yield f"{row.key} is done, but {item} was booked {booked - unbooked} and paid {paid} times"
        elif row.state == UNCHANGED and not _standing(evidence, item) and (booked != unbooked or paid):
            yield f"{row.key} changed nothing, but {item} was booked {booked - unbooked} and paid {paid} times"
        elif row.state not in (CHANGED, UNCHANGED, REPEAT):
            yield f"{row.key} was left {row.state}"


def _standing(evidence: Evidence, item: str) -> bool:
    return any(row.state == CHANGED and row.arguments.get("item") == item for row in evidence.actions)


def _nothing_unconfirmed(evidence: Evidence) -> Iterator[str]:
    """Nothing happened that was not confirmed."""
    agreed = {caller.item for caller in evidence.callers if caller.agrees}
    known = {str(row.arguments.get("item")) for row in evidence.actions}
    for item in sorted({effect.item for effect in evidence.effects}):
        if item not in agreed:
            yield f"{item} was changed, and no caller had agreed"
        if item not in known:
            yield f"{item} was changed, and no action is recorded"


def _yes_is_kept(evidence: Evidence) -> Iterator[str]:
    """A yes that the agent heard is an action."""
    acting = {row.call_id for row in evidence.actions}
    for story in evidence.calls:
        question = ""
        for turn in story.turns:
            said = "".join(letter for letter in turn.caller_text.casefold() if letter.isalnum() or letter == " ")
            taken = question == BOOK and said.strip() in YES and turn.question != BOOK
            if taken and story.call.call_id not in acting:
                yield f"the yes of {story.call.call_id} was lost"
            question = turn.question


def _words_are_true(evidence: Evidence) -> Iterator[str]:
    """What the agent said is done is done."""
    done = {row.call_id for row in evidence.actions if row.state in (CHANGED, REPEAT)}
    for story in evidence.calls:
        spoken = " ".join(turn.agent_text.casefold() for turn in story.turns)
        if TOLD_DONE in spoken and story.call.call_id not in done:
            yield f"{story.call.call_id} heard that it is booked, and it is not"


def _promises(evidence: Evidence) -> Iterator[str]:
    """Every promised message went out once, with what came of it."""
    sent: dict[str, list[str]] = defaultdict(list)
    for effect in evidence.effects:
        if effect.what == "send":
            sent[effect.key.removesuffix(NOTICE_SUFFIX)].append(effect.text)
    promised = {row.call_id: row for row in evidence.actions if row.notice_status}
    for row in promised.values():
        item = str(row.arguments["item"])
        text = f"{'booked' if _standing(evidence, item) else 'not booked'} {item}"
        if sent[row.key] != [text]:
            yield f"{row.key} promised the message {text!r}: {sent[row.key]} went out"
    for story in evidence.calls:
        spoken = " ".join(turn.agent_text.casefold() for turn in story.turns)
        if PROMISED in spoken and story.call.call_id not in promised:
            yield f"{story.call.call_id} was promised a message that nobody knows of"


def _calls(evidence: Evidence) -> Iterator[str]:
    """Every call has one row, and it is closed."""
    rows = Counter(_name(story) for story in evidence.calls)
    for caller in evidence.callers:
        if caller.answered and rows[caller.name] != 1:
            yield f"the call of {caller.name} has {rows[caller.name]} rows"
    for story in evidence.calls:
        if story.call.disposition is None:
            yield f"{story.call.call_id} was never closed"


def _name(story: CallStory) -> str:
    return (story.call.caller or "").removeprefix("sip:").partition("@")[0]
