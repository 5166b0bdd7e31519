"""A set of calls to place, from a file: who says what, and in which surroundings."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML, YAMLError

from voicegw.errors import SettingsError
from voicegw.qa.ruler import Intent
from voicegw.qa.script import AFTER_MS, AddEcho, AddNoise, Interrupt, SayLine, Script, Step, WaitSeconds

Group = Literal["alone", "together", "load"]
NoiseKind = Literal["white", "babble", "music", "television", "none"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StepPlan(_Part):
    """One step: exactly one of ``say``, ``interrupt``, ``aside``, ``wait``, ``noise`` and ``echo``."""

    say: str | None = None
    interrupt: str | None = None
    aside: str | None = None
    wait: float | None = Field(None, gt=0)
    noise: NoiseKind | None = None
    echo: float | None = Field(None, ge=50, description="Delay in ms.")
    at_ms: float = Field(0.0, ge=0, description="For interrupt and aside: so long after the agent began.")
    after_ms: float = Field(AFTER_MS, ge=0, description="For say: the agent must have been silent for so long.")
    snr_db: float = 20.0
    loss_db: float = 12.0
    label: str = ""
    voice: str = ""

    def step(self, noise: NoiseKind | None) -> Step:
        """:param noise: the kind of noise in this call, in place of the step's own."""
        if self.say is not None:
            return SayLine(self.say, after_ms=self.after_ms, label=self.label, voice=self.voice)
        if self.interrupt is not None:
            return Interrupt(self.at_ms, self.interrupt, label=self.label, voice=self.voice)
        if self.aside is not None:
            return Interrupt(self.at_ms, self.aside, intent=Intent.ASIDE, label=self.label, voice=self.voice)
        if self.noise is not None:
            return AddNoise(noise or self.noise, self.snr_db)
        if self.echo is not None:
            return AddEcho(self.echo, self.loss_db)
        if self.wait is not None:
            return WaitSeconds(self.wait, self.label)
        raise SettingsError("a step needs one of say, interrupt, aside, wait, noise and echo")


class CallPlan(_Part):
    """One call."""

    name: str
    group: Group
    voice: str
    noise: NoiseKind | None = Field(None, description="In place of the kind of noise that the steps name.")
    needs: Literal["", "recordings"] = ""
    steps: tuple[StepPlan, ...] = Field(min_length=1)

    def script(self, seed: int) -> Script:
        """What the caller does."""
        return Script(tuple(step.step(self.noise) for step in self.steps), self.voice, seed)


class TurnSet(_Part):
    """All calls of a bench."""

    name: str
    """What its figures are called by."""
    seed: int
    calls: tuple[CallPlan, ...] = Field(min_length=1)

    def available(self, *, recordings: bool) -> list[CallPlan]:
        """Its calls; those that need recordings only if there are any."""
        return [call for call in self.calls if recordings or not call.needs]


def read(file: Path) -> TurnSet:
    """
    :raises SettingsError: not such a file; all that is wrong with it.
    """
    try:
        read_set = TurnSet.model_validate(YAML(typ="safe").load(file.read_text(encoding="utf-8")))
        for call in read_set.calls:
            call.script(read_set.seed)
    except ValidationError as error:
        lines = [f"{file}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise SettingsError("\n".join(lines)) from None
    except (OSError, YAMLError) as error:
        raise SettingsError(f"{file}: {error}") from None
    return read_set
