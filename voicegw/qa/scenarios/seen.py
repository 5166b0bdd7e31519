"""What a runner brings back of one scenario."""

from dataclasses import dataclass

from voicegw.qa.scenarios.evidence import Evidence


@dataclass(frozen=True)
class Seen:
    """Evidence, and the sound of it."""

    evidence: Evidence
    sound: str = ""
    """A WAV in the run's folder; empty if there is none."""
