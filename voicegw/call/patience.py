"""How long silence must last: figures a dialplan chooses, and figures that hold for every call."""

from dataclasses import dataclass, field, replace

from voicegw.call.orders import Heard
from voicegw.dialplan import pauses
from voicegw.nlu.understanding import Completeness


@dataclass(frozen=True)
class Patience:
    """Milliseconds of silence that end the caller's turn, by how complete the words are."""

    complete_ms: int
    could_go_on_ms: int
    incomplete_ms: int


PATIENCE = {
    "brisk": Patience(160, 300, 1000),
    "normal": Patience(180, 420, 1600),
    "patient": Patience(320, 900, 2600),
}

LEAST_PAUSE_MS = 150
LAST_PAUSES = 12
PAUSE_MARGIN_MS = 150
"""Silence beyond three quarters of a caller's pauses ends the turn."""


@dataclass(frozen=True)
class TurnRules:
    """Figures that hold for every call."""

    onset_frames: int = 3
    """Voiced frames of the last ``ONSET_WINDOW`` that begin the caller's speech."""
    barge_in_frames: int = 4
    """The same, while the agent speaks: then playout pauses."""
    wary_frames: int = 10
    """Of the last ``WARY_WINDOW``, voiced frames that a voice over the agent needs where nothing is known of the
    line yet, or the last one had no words."""
    probe_ms: int = 60
    """Silence after which the words so far are asked for."""
    resume_ms: int = 560
    """A voice over the agent without any words in so much of it no longer holds it up; it is listened to further. In
    less of it, words are often not heard: of "where can I park", from one voice nothing in 380 ms and "we can" in
    480, from another nothing in 440 and "where can I do" in 560."""
    give_up_ms: int = 900
    """A voice over the agent without any words by then is noise."""
    going_on_ms: int = 1_800
    """The same of a voice that goes on with the turn. "Order 4 5 6 8? No, 4 5 6 7" is heard as "order 4568? No" up to
    its last digit, 1,000 ms after that number began; the agent has gone on by then, and is stopped."""
    speaking_ms: int = 1_000
    """While the caller speaks without a pause, words are asked for this often, to look ahead."""
    clear: float = 0.5
    """Words over the agent take the turn at once if they are heard with this confidence: a "mhm" may be heard as
    words, but not clearly."""
    lasting_ms: int = 680
    """A voice over the agent that has lasted so long takes it with any words. Most "mhm" are shorter, and may be
    heard as "and make them"."""
    partial_ms: int = 140
    """While a voice over the agent is judged, words are asked for this often."""
    deaf_frames: int = 15
    """After noise over the agent, so many frames of quiet before a voice may pause it again."""
    doubt_ms: int = 220
    """Silence after which words are asked for once more where none were heard, or hardly: what was not heard at its end
    may be heard with some silence behind it."""
    hardly: float = 0.3
    """Words heard with less confidence that seem to break off may be others: "and the" was "Ann Lee"."""
    wordless_ms: int = 450
    """Silence after which an utterance without words is dropped."""
    aside_ms: int = 200
    """The same over the agent, which waits; also after a backchannel. Shorter ones are in words: "want [140] to"."""
    longest_ms: int = 25_000
    """An utterance is cut here: an engine's window has an end."""
    continue_ms: int = 1_000
    """A voice so soon after the last goes on with the same turn, unless the agent has been heard meanwhile."""
    unheard_ms: int = 300
    """The agent has been heard once it has spoken for so long."""
    cut_off_step_ms: int = 120
    """After each turn that was ended too early, this caller gets so much more silence; at most twice."""
    story_words: int = 12
    """Whoever has said so many words in a turn is telling something, and more likely goes on."""
    story_ms: int = 100
    """So much more silence is needed then, also after a whole sentence."""
    learns: bool = True
    """The silence that is needed follows this caller's own pauses, and grows when a turn was ended too early."""
    transcript_wait_ms: int = 1_500
    """No transcript for so long after the needed silence: go on with what there is."""


def patience_of(setting: pauses.Patience) -> Patience:
    """What a dialplan's setting stands for: a name, or figures in place of some of ``normal``."""
    if isinstance(setting, str):
        return PATIENCE[setting]
    return replace(PATIENCE["normal"], **setting.model_dump(exclude_none=True))


@dataclass
class CallerPauses:
    """How this caller pauses: whoever does so in the middle of what they say is given more silence."""

    _pauses_ms: list[int] = field(default_factory=list)
    _cut_offs: int = 0

    def add(self, pause_ms: int) -> None:
        """A pause in the middle of a turn; shorter ones are part of words."""
        if pause_ms >= LEAST_PAUSE_MS:
            self._pauses_ms = [*self._pauses_ms, pause_ms][-LAST_PAUSES:]

    def cut_off(self, pause_ms: int) -> None:
        """A turn was taken for over in a pause."""
        self._cut_offs += 1
        self.add(pause_ms)

    def needed_silence_ms(self, heard: Heard, patience: Patience, rules: TurnRules) -> int:
        """How long the caller must be silent, having said this, for the turn to be over."""
        needed = {
            Completeness.COMPLETE: patience.complete_ms,
            Completeness.COULD_GO_ON: patience.could_go_on_ms,
            Completeness.INCOMPLETE: patience.incomplete_ms,
        }[heard.completeness]
        if not rules.learns:
            return needed
        story_ms = rules.story_ms if len(heard.text.split()) >= rules.story_words else 0
        needed += max(story_ms, rules.cut_off_step_ms * min(self._cut_offs, 2))
        if heard.completeness is Completeness.COMPLETE or not self._pauses_ms:
            return needed
        own = sorted(self._pauses_ms)[len(self._pauses_ms) * 3 // 4]
        return max(needed, min(own + PAUSE_MARGIN_MS, 2 * needed))
