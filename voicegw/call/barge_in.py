"""What a voice over the agent means, or one that begins where the agent has something to say."""

from enum import Enum, auto

from voicegw.call.patience import TurnRules
from voicegw.call.utterance import Utterance


class Verdict(Enum):
    """On a voice for which the agent has paused."""

    OPEN = auto()
    """Not known yet."""
    WORDS = auto()
    """The caller takes the turn."""
    ASIDE = auto()
    """A backchannel, or words too unclear to stop for."""
    WORDLESS = auto()
    """It has ended without words."""
    NOISE = auto()
    """It goes on without words."""
    HARMLESS = auto()
    """No words in so much of it: the agent may speak, and it is listened to further."""


def verdict(utterance: Utterance, until_ms: int, rules: TurnRules) -> Verdict:
    """Words take the turn; silence without words, or a backchannel, gives it back.

    A voice that the agent waits for, having something to say, is given longer: nobody is interrupted yet. So is one
    that goes on with the turn: it was interrupted itself.

    :param until_ms: end of the last frame, on the media clock.
    """
    heard = utterance.heard
    if heard is None:
        return Verdict.OPEN
    silence_ms = until_ms - utterance.last_voice_ms
    lasting = utterance.last_voice_ms - utterance.from_ms >= rules.lasting_ms
    clear = heard.confidence >= rules.clear or lasting or not utterance.over_agent
    if utterance.has_words and clear and not heard.backchannel:
        return Verdict.WORDS
    nothing_asked = heard.backchannel or not utterance.has_words
    brief = nothing_asked and utterance.over_agent and not utterance.already_said and utterance.all_asked_heard
    if utterance.heard_to_end and silence_ms >= (rules.aside_ms if brief else rules.wordless_ms):
        return Verdict.ASIDE if utterance.has_words else Verdict.WORDLESS
    if utterance.has_words:
        return Verdict.OPEN
    if until_ms - utterance.contested_ms >= (rules.going_on_ms if utterance.already_said else rules.give_up_ms):
        return Verdict.NOISE
    return Verdict.HARMLESS if heard.until_ms - utterance.contested_ms >= rules.resume_ms else Verdict.OPEN
