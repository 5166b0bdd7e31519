"""The caller's side of a conversation, frame by frame: given what is heard, what is sent.

Pure: a frame in, a frame out. The line's clock drives it, and it knows no other.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from voicegw.audio.levels import level_dbfs
from voicegw.qa.ruler import ANSWER_MS, PHRASE_MS, Intent, Line
from voicegw.qa.script import AddEcho, AddNoise, Interrupt, PressKeys, SayLine, Script, Step, WaitSeconds, words
from voicegw.qa.spans import Span, samples
from voicegw.qa.surroundings import FRAME_SAMPLES, Echo, Noise, Surroundings
from voicegw.wire.messages import FRAME_MS

VOICE_DBFS = -45.0
"""A frame of the agent this loud is voice: between its words the line carries digital silence."""
KEY_MS = 300
"""One key and the pause after it (RFC 4733 events of 100 to 200 ms)."""
MakeNoise = Callable[[AddNoise], np.ndarray | None]
"""The noise of a step, to be repeated; None for silence."""
_SILENCE = np.zeros(FRAME_SAMPLES, np.int16)


@dataclass(frozen=True)
class Outgoing:
    """What the caller does in one tick."""

    pcm: np.ndarray
    """20 ms to send, surroundings included."""
    voice: np.ndarray
    """The caller's voice alone."""
    digits: str = ""
    """Keys to press now."""
    hang_up: bool = False


class CallersSide(Protocol):
    """Decides what the caller does in each tick."""

    lines: list[Line]
    """What was said so far; places count the samples handed out."""

    def on_frame(self, heard: np.ndarray) -> Outgoing:
        """One tick: 20 ms were heard, 20 ms go out."""


class AgentEar:
    """What the caller notices of the agent: is it speaking, since when, since when not."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Wait for the agent to speak anew."""
        self._since_first_ms = 0.0
        self._voiced_ms = 0.0
        self._quiet_ms = 0.0

    def hear(self, frame: np.ndarray) -> None:
        """20 ms of the agent."""
        voiced = level_dbfs(frame) >= VOICE_DBFS
        if self._voiced_ms and not self._has_spoken and self._quiet_ms >= PHRASE_MS:
            self.forget()
        self._since_first_ms += FRAME_MS if self._voiced_ms else 0.0
        self._voiced_ms += FRAME_MS if voiced else 0.0
        self._quiet_ms = 0.0 if voiced else self._quiet_ms + FRAME_MS

    def has_finished(self, after_ms: float) -> bool:
        """It has spoken, and then been silent for so long."""
        return self._has_spoken and self._quiet_ms >= after_ms

    def has_spoken_for(self, after_ms: float) -> bool:
        """It began to speak so long ago."""
        return self._has_spoken and self._since_first_ms >= after_ms

    @property
    def is_hearing(self) -> bool:
        """It is speaking now, or between two words."""
        return self._voiced_ms > 0 and self._quiet_ms < PHRASE_MS

    @property
    def _has_spoken(self) -> bool:
        """More than the first sound of a word that was taken back."""
        return self._voiced_ms >= ANSWER_MS


class CallersVoice:
    """What is being said, cut into frames."""

    def __init__(self) -> None:
        self._rest = _SILENCE[:0]
        self._sent = 0
        """Samples handed out."""

    @property
    def busy(self) -> bool:
        """Something is being said."""
        return len(self._rest) > 0

    def say(self, clip: np.ndarray) -> Span:
        """From the next frame on; returns where in the samples handed out it will be."""
        self._rest = clip
        return self.span(len(clip))

    def span(self, length: int) -> Span:
        """So many samples from the next frame on."""
        return Span(self._sent, self._sent + length)

    def next_frame(self) -> np.ndarray:
        """20 ms."""
        frame, self._rest = self._rest[:FRAME_SAMPLES], self._rest[FRAME_SAMPLES:]
        self._sent += FRAME_SAMPLES
        return np.concatenate([frame, _SILENCE[len(frame) :]]) if len(frame) < FRAME_SAMPLES else frame


class Conversation:
    """One call's script being acted.

    :param clips: the sound of each step that has one, by the step's place in the script.
    :param noise: makes the noise of a step.
    :param lead_ms: a frame handed out now leaves so much later.
    """

    def __init__(
        self,
        script: Script,
        clips: dict[int, np.ndarray],
        noise: MakeNoise,
        lead_ms: float,
    ) -> None:
        self.lines: list[Line] = []
        self._script = script
        self._clips = clips
        self._make_noise = noise
        self._lead_ms = lead_ms
        self._ear = AgentEar()
        self._surroundings = Surroundings()
        self._next_step = 0
        self._voice = CallersVoice()
        self._is_aside = False
        """What is being said is not for the agent, whose speech goes on."""
        self._rest_ms = 0.0
        """Until keys are pressed or a wait is over."""
        self._waited_ms = 0.0
        """For the agent, by this step."""

    def on_frame(self, heard: np.ndarray) -> Outgoing:
        """One tick: 20 ms were heard, 20 ms go out."""
        self._ear.hear(heard)
        digits, hang_up = "", False
        if not self._voice.busy and self._rest_ms <= 0:
            self._waited_ms += FRAME_MS
            digits = self._begin_due_steps()
            hang_up = self._is_over()
        self._rest_ms -= FRAME_MS
        voice = self._next_voice()
        return Outgoing(self._surroundings.mix(voice, heard), voice, digits, hang_up)

    def _begin_due_steps(self) -> str:
        """Begin what is due, up to a step that takes time. Returns keys to press."""
        while self._next_step < len(self._script.steps) and self._is_due(self._script.steps[self._next_step]):
            step, clip = self._script.steps[self._next_step], self._clips.get(self._next_step, _SILENCE[:0])
            self._next_step += 1
            self._waited_ms = 0.0
            if isinstance(step, AddNoise | AddEcho):
                surround(self._surroundings, step, self._make_noise, self._lead_ms)
            elif isinstance(step, PressKeys):
                self._rest_ms = len(step.digits) * KEY_MS
                self._ear.forget()
                return step.digits
            else:
                self._begin(step, clip)
                return ""
        return ""

    def _begin(self, step: SayLine | Interrupt | WaitSeconds, clip: np.ndarray) -> None:
        if isinstance(step, WaitSeconds):
            self._rest_ms = step.seconds * 1000
            self.lines.append(Line("", self._voice.span(samples(self._rest_ms)), Intent.SILENCE, step.label))
        else:
            self._is_aside = step.intent is Intent.ASIDE
            self.lines.append(Line(words(step.text), self._voice.say(clip), step.intent, step.label))

    def _is_over(self) -> bool:
        """All is said, and the agent has answered, or will not."""
        if self._next_step < len(self._script.steps) or self._voice.busy or self._rest_ms > 0:
            return False
        return self._has_waited() or self._ear.has_finished(self._script.goodbye_ms)

    def _is_due(self, step: Step) -> bool:
        match step:
            case SayLine(after_ms=after_ms) | PressKeys(after_ms=after_ms) | WaitSeconds(after_ms=after_ms):
                return self._ear.has_finished(after_ms - self._lead_ms) or self._has_waited()
            case Interrupt(after_ms=after_ms):
                return self._ear.has_spoken_for(after_ms - self._lead_ms) or self._has_waited()
            case _:
                return True

    def _has_waited(self) -> bool:
        return self._waited_ms >= self._script.patience_s * 1000

    def _next_voice(self) -> np.ndarray:
        was_busy, frame = self._voice.busy, self._voice.next_frame()
        if was_busy and not self._voice.busy and not self._is_aside:
            self._ear.forget()
        return frame


def surround(around: Surroundings, step: AddNoise | AddEcho, noise: MakeNoise, lead_ms: float) -> None:
    """From here on it is as the step says."""
    if isinstance(step, AddNoise):
        loop = noise(step)
        around.noise = None if loop is None else Noise(loop)
    else:
        around.echo = None if math.isinf(step.loss_db) else Echo(step.delay_ms, step.loss_db, lead_ms)


def placed_on_track(lines: Sequence[Line], handed_out_at: np.ndarray) -> tuple[Line, ...]:
    """Lines moved from the samples handed out to where those were really sent.

    :param handed_out_at: for each frame handed out, the tick at which it left.
    """

    def moved(sample: int) -> int:
        frame, rest = divmod(sample, FRAME_SAMPLES)
        if not len(handed_out_at):
            return sample
        known = min(frame, len(handed_out_at) - 1)
        return int(handed_out_at[known] + frame - known) * FRAME_SAMPLES + rest

    spans = [Span(moved(line.span.begin), moved(line.span.end - 1) + 1) for line in lines]
    return tuple(replace(line, span=span) for line, span in zip(lines, spans, strict=True))
