"""A simulated caller on a call with sound: hears the agent, thinks, and speaks."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import numpy as np

from voicegw.engines.stt import SpeechToText
from voicegw.qa.conversation import AgentEar, CallersVoice, MakeNoise, Outgoing, surround
from voicegw.qa.ruler import Line
from voicegw.qa.script import AddEcho, AddNoise
from voicegw.qa.simulated.caller import SimulatedCaller
from voicegw.qa.surroundings import Surroundings
from voicegw.qa.transcription import words_in
from voicegw.qa.voices import Studio
from voicegw.wire.messages import FRAME_MS

THINKS_AFTER_MS = 1200.0
"""An agent silent for so long has finished: longer than what lies between "one moment" and the answer."""
PATIENCE_MS = 10_000.0
"""An agent who has not spoken for so long will not."""


@dataclass(frozen=True)
class Said:
    """What a caller says."""

    text: str
    sound: np.ndarray
    """Int16 at 8 kHz."""


Decide = Callable[[np.ndarray], Awaitable[Said | None]]
"""What to say to all that the agent has said since the caller's last line; None: hang up."""


class SpeakingCaller:
    """A simulated caller with ears and a voice."""

    def __init__(self, caller: SimulatedCaller, ears: SpeechToText, studio: Studio, voice: str) -> None:
        self._caller = caller
        self._ears = ears
        self._studio = studio
        self._voice = voice

    async def decide(self, heard: np.ndarray) -> Said | None:
        """See ``Decide``.

        :raises ServerAway, EngineError: the language model does not answer, or an engine failed.
        """
        words = await asyncio.to_thread(words_in, heard, self._ears)
        line = await self._caller.next(words)
        if line is None:
            return None
        text = line.caller[0]
        return Said(text, await asyncio.to_thread(self._studio.line, text, self._voice))


class UnscriptedConversation:
    """The caller's side of a call on which it is decided as it goes what to say. Belongs to the event loop.

    A decision that the agent has spoken into is taken back: it was about half of what the agent had to say.

    :param around: noise and echo, from the beginning.
    :param noise: makes the noise.
    :param lead_ms: a frame handed out now leaves so much later.
    """

    def __init__(
        self,
        decide: Decide,
        take_back: Callable[[], None],
        around: Sequence[AddNoise | AddEcho],
        noise: MakeNoise,
        lead_ms: float,
    ) -> None:
        self.lines: list[Line] = []
        self.error: BaseException | None = None
        """Why no decision came; the caller has hung up."""
        self._decide = decide
        self._take_back = take_back
        self._deciding: asyncio.Future[Said | None] | None = None
        self._outdated = False
        """The agent has spoken since."""
        self._over = False
        self._ear = AgentEar()
        self._voice = CallersVoice()
        self._heard: list[np.ndarray] = []
        """Since the caller's last line began."""
        self._waited_ms = 0.0
        self._surroundings = Surroundings()
        for step in around:
            surround(self._surroundings, step, noise, lead_ms)

    def on_frame(self, heard: np.ndarray) -> Outgoing:
        """See ``CallersSide``."""
        self._ear.hear(heard)
        self._heard.append(heard)
        if not self._voice.busy and not self._over:
            self._waited_ms += FRAME_MS
            self._think()
        was_busy, voice = self._voice.busy, self._voice.next_frame()
        if was_busy and not self._voice.busy:
            self._ear.forget()
            self._waited_ms = 0.0
        return Outgoing(self._surroundings.mix(voice, heard), voice, hang_up=self._over)

    def close(self) -> None:
        """The call is over."""
        if self._deciding:
            self._deciding.cancel()

    def _think(self) -> None:
        """Begin to decide, or act on what was decided."""
        if self._deciding is None:
            if self._ear.has_finished(THINKS_AFTER_MS) or self._waited_ms >= PATIENCE_MS:
                self._outdated = False
                self._deciding = asyncio.ensure_future(self._decide(np.concatenate(self._heard)))
            return
        self._outdated = self._outdated or self._ear.is_hearing
        if self._deciding.done():
            decided, self._deciding = self._deciding, None
            self._act_on(decided)

    def _act_on(self, decided: "asyncio.Future[Said | None]") -> None:
        self.error = decided.exception()
        said = None if self.error else decided.result()
        if said is None:
            self._over = True
        elif self._outdated:
            self._take_back()
        else:
            self.lines.append(Line(said.text, self._voice.say(said.sound), label=str(len(self.lines))))
            self._heard = []
