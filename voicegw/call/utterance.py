"""One utterance of the caller, as turn-taking sees it: when there was a voice, and what has been heard of it."""

from dataclasses import dataclass, field

from voicegw.call.orders import Heard
from voicegw.call.patience import Patience
from voicegw.nlu.words import bare


@dataclass
class Utterance:
    """Follows the voice; the words come later."""

    from_ms: int
    last_voice_ms: int
    over_agent: bool
    patience: Patience
    """Of the question that it answers; the agent may have asked another by now."""
    asked_until_ms: int = -1
    """Audio up to here has been asked for."""
    asked_at_ms: int = -1
    heard: Heard | None = None
    pause_ms: int = -1
    already_said: str = ""
    """Words of the turn that this utterance continues."""
    goes_on: bool = False
    """With a sound in which nothing was understood."""
    judged: bool = True
    """False while a voice over the agent is neither words nor noise yet."""
    contested_ms: int = 0
    """Since then, the agent would speak too."""
    near: bool = True
    """It has been as loud as this caller speaks."""
    levels_dbfs: list[float] = field(default_factory=list)
    """RMS levels of its voiced frames."""

    @property
    def has_words(self) -> bool:
        """Some have been heard, and not only those of the turn that is continued. What the agent says, heard over it
        and from afar, is its own voice coming back."""
        if self.heard is None or not self.heard.text:
            return False
        comes_back = self.heard.of_agent and self.over_agent and not self.near
        return not comes_back and bare(self.heard.text) != bare(self.already_said)

    @property
    def all_asked_heard(self) -> bool:
        """No words are still to come of those that were asked for."""
        return self.heard is not None and self.heard.until_ms >= self.asked_until_ms

    @property
    def heard_to_end(self) -> Heard | None:
        """The words up to its last voice, once they have come."""
        return self.heard if self.heard and self.heard.until_ms >= self.last_voice_ms else None


def is_of(agent: str, heard: str) -> bool:
    """Whether ``heard`` is part of what the agent says, but for a word in four: echo is not heard well."""
    if bare(heard) in bare(agent):
        return True
    said = set(map(bare, agent.split()))
    words = [bare(word) for word in heard.split()]
    return 4 * sum(word in said for word in words) >= 3 * len(words)
