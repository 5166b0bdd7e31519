"""Writes a recorded call as a scenario's folder: ``scenario.yaml`` and the caller's words as WAV."""

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from voicegw.audio import wav
from voicegw.outcomes.rows import CallStory
from voicegw.qa.replay.recorded import scenario_yaml
from voicegw.qa.replay.sounds import utterances
from voicegw.qa.replay.steps import steps_of
from voicegw.qa.scenarios.files import FILE
from voicegw.qa.spans import RATE_HZ
from voicegw.recording.files import Recording


def write(folder: Path, story: CallStory, recording: Recording | None) -> None:
    """Make the folder.

    :param recording: of the call, if there is one; else the caller's words are spoken by another voice.
    """
    folder.mkdir(parents=True, exist_ok=True)
    notes = recording.notes if recording else ()
    sounds: dict[int, dict[str, Any]] = {}
    if recording:
        for index, said in utterances(recording, steps_of(story, notes)).items():
            name = f"line-{index + 1}.wav"
            wav.write(folder / name, said.pcm, RATE_HZ)
            sounds[index] = {"wav": name} | ({"over_ms": said.over_ms} if said.over_ms is not None else {})
    (folder / FILE).write_text(scenario_yaml(story, notes, sounds), encoding="utf-8")


def zipped(story: CallStory, recording: Recording | None) -> bytes:
    """The same folder as a ZIP archive."""
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="voicegw-scenario-") as name, zipfile.ZipFile(packed, "w") as archive:
        write(Path(name), story, recording)
        for file in sorted(Path(name).iterdir()):
            archive.write(file, file.name)
    return packed.getvalue()
