"""What turn-taking hears of the ears, and what it orders."""

from dataclasses import dataclass

from voicegw.nlu.understanding import Completeness


@dataclass(frozen=True)
class Heard:
    """A transcript of the current utterance."""

    text: str
    confidence: float
    completeness: Completeness
    until_ms: int
    """Media time of the last audio it covers."""
    backchannel: bool = False
    """Only "mhm", "right", "okay": it asks for nothing."""
    of_agent: bool = False
    """The agent is saying this, or has just said it."""


@dataclass(frozen=True)
class BeginUtterance:
    """Collect the caller's audio, from a little before ``from_ms``."""

    from_ms: int
    over_agent: bool
    continues: bool = False
    """The caller goes on with the turn that seemed over: its audio and this belong together, and what was decided
    on the first half is to be taken back."""


@dataclass(frozen=True)
class WantTranscript:
    """Transcribe the utterance so far; answer with ``on_transcript``."""

    at_ms: int
    speaking: bool = False
    """In the middle of speech, to look ahead: nothing is lost without it when there is other work."""


@dataclass(frozen=True)
class PauseAgent:
    """Hold playout where it is."""


@dataclass(frozen=True)
class ResumeAgent:
    """Go on from the same sample."""


@dataclass(frozen=True)
class CancelAgent:
    """The caller has taken the turn: drop what the agent had left to say."""


@dataclass(frozen=True)
class DropUtterance:
    """It was no speech, or asked for nothing."""

    why: str
    may_go_on: bool = False
    """Keep its audio: an utterance that begins soon may go on with it."""


@dataclass(frozen=True)
class EndTurn:
    """The caller has finished; the agent's turn."""

    heard: Heard
    last_voice_ms: int
    pause_ms: int
    """When the pause was noticed (media time)."""
    continues: bool = False
    """The words of the turn before are part of these: this turn takes its place."""


@dataclass(frozen=True)
class CallerSilent:
    """Nobody has spoken since the agent finished."""

    silence_ms: int


Order = (
    BeginUtterance | WantTranscript | PauseAgent | ResumeAgent | CancelAgent | DropUtterance | EndTurn | CallerSilent
)
