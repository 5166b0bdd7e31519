"""How a turn was understood, in words, for whoever writes the dialplan."""

from collections.abc import Iterator

from voicegw.call.dialog import Decision


def reasons(decision: Decision) -> Iterator[str]:
    """What decided, what the words came close to, and the values that were found in them; a line each."""
    understanding = decision.understanding
    scores = ", ".join(
        f"{'not ' if intent.negated else ''}{intent.name} {intent.score:.2f}" for intent in understanding.intents[:3]
    )
    sure = "sure" if understanding.confident else "not sure"
    yield f"{decision.by}, {sure}: {scores or 'no intent'}"
    for slot in understanding.slots:
        yield f"{slot.kind} {slot.value!r} from {slot.text!r}{' (a correction)' if slot.corrected else ''}"
    if not decision.acted:
        yield "nothing in it could be acted on"
