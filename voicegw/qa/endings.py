"""When a turn would have been ended, offline: real sound, real voice activity, real transcripts, the real ``Turns``,
on virtual time. So that rules for the end of a turn can be compared on the same callers in a minute.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from voicegw.audio.g711 import mu_law_decode, mu_law_encode
from voicegw.call.dialog import Dialog
from voicegw.call.events import TranscriptFinal
from voicegw.call.orders import BeginUtterance, EndTurn, Heard, Order, WantTranscript
from voicegw.call.outlook import judged
from voicegw.call.patience import Patience, TurnRules
from voicegw.call.turns import FRAME_MS, Turns
from voicegw.engines.vad import VoiceActivity
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.understanding import Completeness
from voicegw.qa.spans import RATE_HZ, samples, voiced_spans
from voicegw.qa.surroundings import FRAME_SAMPLES

BEFORE_MS = 400
AFTER_MS = 4_000
"""Silence in which a turn must have been ended."""
DECODE_MS = 120
"""What a transcript is taken to cost, on virtual time."""
HISS = 12.0
"""Standard deviation: no line is quite silent."""
_SILENCE = bytes(FRAME_SAMPLES * 2)


@dataclass(frozen=True)
class Spoken:
    """A turn of a caller."""

    label: str
    pcm: np.ndarray = field(repr=False)
    """Int16 at 8 kHz, from its first sound to its last."""
    expecting: Expecting
    """What had been asked."""
    patience: Patience
    """That of the dialplan for this question."""
    dialog: Dialog
    """As it is when the caller begins."""


@dataclass(frozen=True)
class Ending:
    """When the turn was ended."""

    label: str
    cut_off: bool
    """While the caller was not through."""
    latency_ms: float | None
    """Last voiced sample to the decision; None if it never came."""


class Line:
    """A turn as it comes off the line: its frames, and which of them are voiced."""

    def __init__(self, spoken: Spoken, vad: VoiceActivity, seed: int = 1) -> None:
        lead, tail = np.zeros(samples(BEFORE_MS), np.int16), np.zeros(samples(AFTER_MS), np.int16)
        whole = np.concatenate([lead, spoken.pcm, tail])
        whole = whole[: len(whole) // FRAME_SAMPLES * FRAME_SAMPLES]
        hiss = np.random.default_rng(seed).normal(0, HISS, len(whole))
        noisy = np.clip(whole + hiss, -32768, 32767).astype(np.int16)
        self.spoken = spoken
        self.pcm = mu_law_decode(mu_law_encode(noisy))
        spans = voiced_spans(whole)
        self.end_ms = (spans[-1].end if spans else len(lead)) * 1000 / RATE_HZ
        frames = self.pcm.reshape(-1, FRAME_SAMPLES)
        self.voiced = [vad.feed(frame.tobytes(), _SILENCE).voiced for frame in frames]

    def until(self, from_ms: int, until_ms: int) -> np.ndarray:
        """Its sound between two moments."""
        return self.pcm[samples(max(from_ms, 0)) : samples(until_ms)]


Hear = Callable[[Line, int, int], Heard]
"""The words of a line from one moment to another."""
Judge = Callable[[Line, int, int, Heard], Heard]
"""Another opinion on whether what was heard is all."""


@dataclass(frozen=True)
class Strategy:
    """One way to decide."""

    name: str
    rules: TurnRules = field(default_factory=TurnRules)
    patience: Callable[[Patience], Patience] = lambda asked: asked
    """In place of the dialplan's."""
    judges: tuple[Judge, ...] = ()
    """Asked one after the other."""


def silence_only(silence_ms: int) -> Strategy:
    """Whatever was said, so much silence ends the turn."""
    even = Patience(silence_ms, silence_ms, silence_ms)
    return Strategy(f"silence of {silence_ms} ms only", TurnRules(learns=False), lambda asked: even)


def by_dialog(embed: Callable[[str], np.ndarray]) -> Judge:
    """What the dialog would make of the words."""

    def judge(line: Line, from_ms: int, until_ms: int, heard: Heard) -> Heard:
        if not heard.text:
            return heard
        copy = line.spoken.dialog.copy()
        commands = copy.on(TranscriptFinal(heard.text, heard.confidence, embed(heard.text)), 1.0)
        return judged(heard, copy.decision, commands, asked=line.spoken.expecting.kind)

    return judge


def by_audio_model(finished: Callable[[np.ndarray], float], sure: float) -> Judge:
    """How the caller sounds.

    :param sure: a probability over this makes words that could go on complete; one under its opposite makes complete
        words ones that could go on.
    """

    def judge(line: Line, from_ms: int, until_ms: int, heard: Heard) -> Heard:
        sounds = finished(line.until(from_ms, until_ms))
        if heard.completeness is Completeness.COULD_GO_ON and sounds >= sure:
            return replace(heard, completeness=Completeness.COMPLETE)
        if heard.completeness is Completeness.COMPLETE and sounds <= 1 - sure:
            return replace(heard, completeness=Completeness.COULD_GO_ON)
        return heard

    return judge


class Rehearsal:
    """One caller's turns under one strategy: what is learnt of the caller in one turn counts in the next."""

    def __init__(self, strategy: Strategy, hear: Hear) -> None:
        self._strategy = strategy
        self._hear = hear
        self._turns = Turns(strategy.rules)
        self._offset_ms = 0

    def play(self, line: Line) -> Ending:
        """Let the turn happen; the agent says nothing."""
        self._turns.listen(self._strategy.patience(line.spoken.patience), 0, self._offset_ms)
        run = _Run(line, self._strategy, self._hear, self._turns, self._offset_ms)
        ended_ms = run.until_over()
        self._offset_ms += len(line.voiced) * FRAME_MS
        early = any(at_ms < line.end_ms for at_ms in ended_ms)
        late = [at_ms - line.end_ms for at_ms in ended_ms if at_ms >= line.end_ms]
        return Ending(line.spoken.label, early, late[-1] if late else None)


class _Run:
    """The frames of one turn go by."""

    def __init__(self, line: Line, strategy: Strategy, hear: Hear, turns: Turns, offset_ms: int) -> None:
        self._line = line
        self._strategy = strategy
        self._hear = hear
        self._turns = turns
        self._offset_ms = offset_ms
        self._from_ms = 0
        self._wanted_ms: int | None = None
        self._ready: tuple[int, Heard] | None = None
        """When a transcript will be there."""
        self._ended_ms: list[int] = []

    def until_over(self) -> list[int]:
        for number, voiced in enumerate(self._line.voiced):
            at_ms = number * FRAME_MS
            self._transcribe(at_ms)
            self._take(self._turns.on_frame(self._offset_ms + at_ms, voiced), at_ms + FRAME_MS)
        return self._ended_ms

    def _transcribe(self, at_ms: int) -> None:
        """One decoding at a time, and the next takes all the audio since."""
        if self._ready and self._ready[0] <= at_ms:
            _, heard = self._ready
            self._ready = None
            self._take(self._turns.on_transcript(heard, self._offset_ms + at_ms - FRAME_MS), at_ms)
        if self._ready is None and self._wanted_ms is not None:
            heard = self._hear(self._line, self._from_ms, at_ms)
            for judge in self._strategy.judges:
                heard = judge(self._line, self._from_ms, at_ms, heard)
            self._ready = (at_ms + DECODE_MS, replace(heard, until_ms=self._offset_ms + at_ms))
            self._wanted_ms = None

    def _take(self, orders: list[Order], now_ms: int) -> None:
        for order in orders:
            match order:
                case BeginUtterance(from_ms=from_ms, continues=continues) if not continues:
                    self._from_ms = from_ms - self._offset_ms
                case WantTranscript():
                    self._wanted_ms = now_ms
                case EndTurn():
                    self._ended_ms.append(now_ms)
