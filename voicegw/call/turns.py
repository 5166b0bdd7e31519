"""Whose turn is it? Decides when the caller has finished, and what a voice over the agent means.

Pure: frames, transcripts and what the agent does come in with their time on the media clock (milliseconds);
orders come out. Three ideas carry it:

* **The end of a turn is decided, not timed out.** The silence that is needed depends on the words so far
  (complete, could go on, in the middle), on what the dialplan allows, and on this caller's own pauses.
* **Listening ahead.** The words are asked for at the first hint of a pause, so that they are there when the
  silence has lasted long enough.
* **Barge-in is reversible.** A voice as loud as the caller's pauses the agent; words cancel it; a cough, a "mhm" or
  noise lets it go on from where it stood. For what is much softer it does not even pause.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from voicegw.call.barge_in import Verdict, verdict
from voicegw.call.loudness import Loudness
from voicegw.call.orders import (
    BeginUtterance,
    CallerSilent,
    CancelAgent,
    DropUtterance,
    EndTurn,
    Heard,
    Order,
    PauseAgent,
    ResumeAgent,
    WantTranscript,
)
from voicegw.call.patience import PATIENCE, CallerPauses, Patience, TurnRules
from voicegw.call.utterance import Utterance
from voicegw.nlu.understanding import Completeness

FRAME_MS = 20
ONSET_WINDOW = 6
"""Frames looked at to tell a voice's onset from a click."""
SILENT_FRAMES = 10
"""Handed over together while nobody speaks."""
NEAR_FRAMES = 2
"""Of the last ``ONSET_WINDOW``, frames as loud as the caller that make a voice the caller's. A click has one."""
WARY_WINDOW = 15
"""Frames looked at where sounds over the agent have come to nothing before."""


class Phase(Enum):
    """Where the caller's turn stands."""

    QUIET = auto()
    TALKING = auto()


@dataclass(frozen=True)
class _Ended:
    """The turn that ended last, while it may still go on; or a sound in which nothing was understood."""

    text: str
    last_voice_ms: int
    patience: Patience
    was_turn: bool = True


@dataclass
class Turns:
    """The turn-taking of one call. Feed every frame, every transcript, and what the agent does."""

    rules: TurnRules = field(default_factory=TurnRules)
    patience: Patience = PATIENCE["normal"]
    no_input_ms: int = 0
    """0: nobody waits for the caller."""
    _recent: list[bool] = field(default_factory=list)
    _near: list[bool] = field(default_factory=list)
    """Of the last frames, which were voiced and as loud as this caller speaks."""
    _utterance: Utterance | None = None
    _agent: str = "silent"
    """``silent``, or what may interrupt it now: ``voice``, ``keys``, ``no``."""
    _agent_since_ms: int = 0
    _paused: bool = False
    _ended: _Ended | None = None
    _pauses: CallerPauses = field(default_factory=CallerPauses)
    _loudness: Loudness = field(default_factory=Loudness)
    _quiet_since_ms: int | None = None
    _resting: bool = False
    _deaf_frames: int = 0
    """Unvoiced frames still needed before a voice over the agent counts: lasting noise must not make it stutter."""
    wary: bool = True
    """A sound must last longer to stop the agent: the caller has not had a turn yet, or the last one had no words."""

    @property
    def phase(self) -> Phase:
        """Whether the caller has the floor."""
        return Phase.TALKING if self._utterance else Phase.QUIET

    @property
    def continues(self) -> bool:
        """The caller goes on with a turn that had been taken for over: it answers what that turn answered."""
        return self._utterance is not None and bool(self._utterance.already_said)

    def listen(self, patience: Patience, no_input_ms: int, at_ms: int) -> None:
        """A new question is open."""
        self.patience = patience
        self.no_input_ms = no_input_ms
        self._quiet_since_ms = at_ms if self._agent == "silent" else None

    def agent_will_speak(self, interruptible: str, at_ms: int) -> list[Order]:
        """The agent has something to say. While the caller talks, it waits: nothing of it is to be heard yet."""
        if self._utterance is None or interruptible != "voice" or not self._utterance.judged:
            return []
        self._utterance.judged = False
        self._utterance.contested_ms = at_ms
        return self._held_up() if self._utterance.near else []

    def agent_speaks(self, interruptible: str, at_ms: int) -> list[Order]:
        """The agent is audible from now on. If the caller has just gone on talking, it stops to listen."""
        if self._agent == "silent":
            self._agent_since_ms = at_ms
        self._agent = interruptible
        self._quiet_since_ms = None
        return self.agent_will_speak(interruptible, at_ms)

    def agent_silent(self, at_ms: int) -> list[Order]:
        """The agent has finished, or was cut."""
        self._agent = "silent"
        self._quiet_since_ms = at_ms
        if self._utterance:
            self._utterance.judged = True
        return self._resumed()

    def seal(self) -> None:
        """What was decided on the last turn cannot be taken back: a voice from now on begins a new turn."""
        self._ended = None

    def rest(self) -> list[Order]:
        """The line is on hold: nothing counts until ``wake``."""
        self._resting = True
        dropped = self._utterance is not None
        self._utterance = None
        self._recent.clear()
        return [DropUtterance("hold")] if dropped else []

    def wake(self, at_ms: int) -> None:
        """Back from hold: timers begin anew."""
        self._resting = False
        self._quiet_since_ms = at_ms if self._agent == "silent" else None

    def on_frame(self, at_ms: int, voiced: bool, level_dbfs: float = 0.0) -> list[Order]:
        """20 ms that began at ``at_ms``, with their RMS level."""
        if self._resting:
            return []
        self._recent = [*self._recent, voiced][-WARY_WINDOW:]
        self._near = [*self._near, voiced and not self._loudness.is_faint(level_dbfs)][-ONSET_WINDOW:]
        if self._utterance is None:
            return self._wait_for_voice(at_ms)
        return self._follow(self._utterance, at_ms, voiced, level_dbfs)

    def on_transcript(self, heard: Heard, at_ms: int) -> list[Order]:
        """The words of the current utterance, as asked for by ``WantTranscript``."""
        utterance = self._utterance
        if utterance is None:
            return []
        utterance.heard = heard
        if not utterance.judged:
            return self._judge(utterance, at_ms)
        return self._end_if_over(utterance, at_ms)

    def has_paused_after(self, heard: Heard) -> bool:
        """The caller has not spoken on since these words, and was silent when they were asked for."""
        utterance = self._utterance
        return utterance is not None and heard.until_ms - utterance.last_voice_ms >= self.rules.probe_ms

    @property
    def frames_together(self) -> int:
        """How many of the next frames may come at once without any decision being made later for it: no fewer begin
        a turn, and no shorter a pause has the words asked for.
        """
        utterance = self._utterance
        is_talking = utterance is not None and utterance.judged and all(self._recent[-ONSET_WINDOW:])
        return min(self.rules.onset_frames, self.rules.probe_ms // FRAME_MS) if self._is_quiet or is_talking else 1

    @property
    def silent_frames_together(self) -> int:
        """How many of the next frames may come at once as long as none of them has a voice. That nobody says anything
        is noticed a fifth of a second later for it, of the seconds that it takes.
        """
        return SILENT_FRAMES if self._is_quiet else self.frames_together

    @property
    def _is_quiet(self) -> bool:
        return self._utterance is None and not any(self._recent)

    # --- waiting --------------------------------------------------------------------------------------------

    def _wait_for_voice(self, at_ms: int) -> list[Order]:
        if self._agent in ("no", "keys"):
            return []
        over_agent = self._agent == "voice"
        if over_agent and self._deaf_frames:
            self._deaf_frames = self.rules.deaf_frames if self._recent[-1] else self._deaf_frames - 1
            return []
        window = self._onset(over_agent)
        if window:
            from_ms = at_ms - FRAME_MS * (len(window) - 1 - window.index(True))
            return self._begin(from_ms, at_ms, over_agent)
        return self._no_input(at_ms)

    def _onset(self, over_agent: bool) -> list[bool]:
        """The frames in which a voice began; empty if none did, or not surely."""
        rules = self.rules
        if over_agent and self.wary:
            frames, window = rules.wary_frames, self._recent
        else:
            frames, window = rules.barge_in_frames if over_agent else rules.onset_frames, self._recent[-ONSET_WINDOW:]
        return window if window[-1:] == [True] and sum(window) >= frames else []

    def _begin(self, from_ms: int, at_ms: int, over_agent: bool) -> list[Order]:
        ended = self._continued(from_ms)
        if ended and ended.was_turn:
            self._pauses.cut_off(from_ms - ended.last_voice_ms)
        self._utterance = Utterance(
            from_ms,
            at_ms + FRAME_MS,
            over_agent,
            ended.patience if ended and ended.was_turn else self.patience,
            asked_at_ms=at_ms,
            already_said=ended.text if ended else "",
            goes_on=ended is not None and not ended.was_turn,
            judged=not over_agent,
            contested_ms=from_ms,
            near=self._is_near,
        )
        begin = BeginUtterance(from_ms, over_agent, continues=ended is not None)
        return [*self._held_up(), begin] if over_agent and self._utterance.near else [begin]

    @property
    def _is_near(self) -> bool:
        return sum(self._near) >= NEAR_FRAMES

    def _held_up(self) -> list[Order]:
        """The agent waits for what the voice will turn out to be."""
        self._paused = True
        return [PauseAgent()]

    def _continued(self, from_ms: int) -> _Ended | None:
        """The turn that a voice at ``from_ms`` goes on with, if there is one."""
        ended = self._ended
        if ended is None or from_ms - ended.last_voice_ms > self.rules.continue_ms:
            return None
        heard_agent = self._agent != "silent" and from_ms - self._agent_since_ms > self.rules.unheard_ms
        return None if heard_agent else ended

    def _no_input(self, at_ms: int) -> list[Order]:
        if not self.no_input_ms or self._quiet_since_ms is None or self._agent != "silent":
            return []
        silence_ms = at_ms - self._quiet_since_ms
        if silence_ms < self.no_input_ms:
            return []
        self._quiet_since_ms = None  # once, until somebody speaks or asks again
        return [CallerSilent(silence_ms)]

    # --- the caller speaks ----------------------------------------------------------------------------------

    def _follow(self, utterance: Utterance, at_ms: int, voiced: bool, level_dbfs: float) -> list[Order]:
        if voiced:
            self._pauses.add(at_ms - utterance.last_voice_ms)
            utterance.last_voice_ms = at_ms + FRAME_MS
            utterance.levels_dbfs.append(level_dbfs)
        orders = self._comes_near(utterance, at_ms) + self._ask_for_words(utterance, at_ms)
        if not utterance.judged:
            return orders + self._judge(utterance, at_ms)
        return orders + self._end_if_over(utterance, at_ms)

    def _comes_near(self, utterance: Utterance, at_ms: int) -> list[Order]:
        """The caller speaks into what was too soft to be theirs so far."""
        if utterance.near or not self._is_near:
            return []
        utterance.near = True
        if utterance.judged:
            return []
        utterance.contested_ms = at_ms
        return self._held_up()

    def _ask_for_words(self, utterance: Utterance, at_ms: int) -> list[Order]:
        """At the first hint of a pause, and once more if what was heard is in doubt; now and then in long speech; and
        often while a voice over the agent waits for judgement."""
        silence_ms = at_ms + FRAME_MS - utterance.last_voice_ms
        probe_ms = self.rules.probe_ms
        pausing = silence_ms >= probe_ms and utterance.asked_until_ms < utterance.last_voice_ms + probe_ms
        since_ms = at_ms - utterance.asked_at_ms
        judging = not utterance.judged and (since_ms >= self.rules.partial_ms or self._decides_now(utterance, at_ms))
        speaking = silence_ms == 0 and since_ms >= self.rules.speaking_ms
        doubt_ms = self.rules.doubt_ms
        asked_since_doubt = utterance.asked_until_ms >= utterance.last_voice_ms + doubt_ms
        doubtful = silence_ms >= doubt_ms and not asked_since_doubt and self._is_in_doubt(utterance)
        if not pausing and not judging and not speaking and not doubtful:
            return []
        if pausing:
            utterance.pause_ms = at_ms + FRAME_MS
        utterance.asked_until_ms = at_ms + FRAME_MS
        utterance.asked_at_ms = at_ms
        return [WantTranscript(at_ms + FRAME_MS, speaking=speaking and not judging)]

    def _decides_now(self, utterance: Utterance, at_ms: int) -> bool:
        """There has just been enough of a voice over the agent, which lasts, to say that it holds no words: asked for
        any later, the agent waits for nothing."""
        resume_ms = utterance.contested_ms + self.rules.resume_ms
        lasts = at_ms + FRAME_MS - utterance.last_voice_ms < self.rules.probe_ms
        return lasts and utterance.asked_until_ms < resume_ms <= at_ms + FRAME_MS

    def _is_in_doubt(self, utterance: Utterance) -> bool:
        """What was heard up to its last voice is nothing, or the beginning of something, and hardly that."""
        heard = utterance.heard_to_end
        if heard is None or not utterance.has_words:
            return heard is not None
        return heard.completeness is Completeness.INCOMPLETE and heard.confidence < self.rules.hardly

    def _end_if_over(self, utterance: Utterance, at_ms: int) -> list[Order]:
        silence_ms = at_ms + FRAME_MS - utterance.last_voice_ms
        heard = utterance.heard_to_end
        if heard is None:
            late = silence_ms >= self.rules.transcript_wait_ms + utterance.patience.incomplete_ms
            return self._end_unheard(utterance, at_ms) if late else self._cut_if_endless(utterance, at_ms)
        if not utterance.has_words:
            return self._drop_wordless(utterance, at_ms) if silence_ms >= self.rules.wordless_ms else []
        if silence_ms < self._pauses.needed_silence_ms(heard, utterance.patience, self.rules):
            return self._cut_if_endless(utterance, at_ms)
        return self._end(utterance, heard)

    def _cut_if_endless(self, utterance: Utterance, at_ms: int) -> list[Order]:
        if at_ms - utterance.from_ms < self.rules.longest_ms:
            return []
        heard = utterance.heard
        return self._end(utterance, heard) if heard and utterance.has_words else self._drop("endless", at_ms)

    def _end_unheard(self, utterance: Utterance, at_ms: int) -> list[Order]:
        """The ears have failed: with what they heard of it, or without words, so that the caller is asked again and
        does not wait for nothing. What was said before it is answered already."""
        if utterance.already_said:
            return self._drop("no transcript", at_ms)
        return self._end(utterance, utterance.heard or Heard("", 0.0, Completeness.COMPLETE, at_ms + FRAME_MS))

    def _end(self, utterance: Utterance, heard: Heard) -> list[Order]:
        self._utterance = None
        self._recent.clear()
        self.wary = False
        self._loudness.learn(utterance.levels_dbfs)
        self._ended = _Ended(heard.text, utterance.last_voice_ms, utterance.patience)
        return [EndTurn(heard, utterance.last_voice_ms, utterance.pause_ms, continues=bool(utterance.already_said))]

    def _drop_wordless(self, utterance: Utterance, at_ms: int) -> list[Order]:
        """Nothing was understood in it. It may be the first digits of a number: once, what follows is heard with it."""
        before = self._ended
        free = before is None or utterance.from_ms - before.last_voice_ms > self.rules.continue_ms
        may_go_on = free and not utterance.goes_on
        if may_go_on:
            self._ended = _Ended("", utterance.last_voice_ms, utterance.patience, was_turn=False)
        return self._drop("no words", at_ms, may_go_on=may_go_on)

    def _drop(self, why: str, at_ms: int, *, may_go_on: bool = False) -> list[Order]:
        self._utterance = None
        self._recent.clear()
        if self._agent == "silent" and self._quiet_since_ms is None:
            self._quiet_since_ms = at_ms
        return [DropUtterance(why, may_go_on), *self._resumed()]

    def _resumed(self) -> list[Order]:
        """Nothing holds the agent up any more."""
        paused, self._paused = self._paused, False
        return [ResumeAgent()] if paused else []

    def _judge(self, utterance: Utterance, at_ms: int) -> list[Order]:
        match verdict(utterance, at_ms + FRAME_MS, self.rules):
            case Verdict.WORDS:
                utterance.judged = True
                self._paused = False
                return [CancelAgent()]
            case Verdict.ASIDE:
                return self._drop("backchannel or unclear", at_ms)
            case Verdict.WORDLESS:
                self.wary = True
                return self._drop("no words", at_ms)
            case Verdict.NOISE:
                self.wary = True
                self._deaf_frames = self.rules.deaf_frames
                return self._drop("noise", at_ms)
            case Verdict.HARMLESS:
                return self._resumed()
            case Verdict.OPEN:
                return []
