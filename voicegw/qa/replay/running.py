"""Plays a recorded call again, against another version of its dialplan."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from voicegw.config import Settings
from voicegw.dialplan import files as dialplans
from voicegw.errors import SetupError
from voicegw.outcomes.rows import CallStory
from voicegw.qa.replay.differences import Comparison, compare
from voicegw.qa.replay.folder import write
from voicegw.qa.replay.steps import Step, steps_of
from voicegw.qa.scenarios.files import read
from voicegw.qa.scenarios.model import Runner
from voicegw.qa.scenarios.running import How, Tell, run
from voicegw.recording import files as recordings
from voicegw.recording.files import Recording
from voicegw.session.vault import key_bytes


@dataclass(frozen=True)
class RecordedCall:
    """What is kept of a call."""

    story: CallStory
    recording: Recording | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """What the caller did."""
        return steps_of(self.story, self.recording.notes if self.recording else ())


def recorded(story: CallStory, settings: Settings) -> RecordedCall:
    """
    :raises SetupError: its recording is damaged, or made with another key.
    """
    folder, call_id = settings.recordings_dir, story.call.call_id
    if not recordings.path_of(folder, call_id).exists():
        return RecordedCall(story)
    return RecordedCall(story, recordings.read_all(folder, call_id, key_bytes(settings.privacy.key)))


async def replay(call: RecordedCall, settings: Settings, runner: Runner, tell: Tell) -> Comparison:
    """Play it against the dialplans of ``settings``, at the time of day at which it was.

    :raises SetupError: it cannot be played so; the message says why.
    :raises DialplanError: a dialplan that cannot be used.
    """
    steps = call.steps
    _check(steps, call, runner)
    story = _to_a_known_number(call.story, settings)
    then = settings.model_copy(update={"pretend_now": datetime.fromtimestamp(story.call.began_at)})
    with tempfile.TemporaryDirectory(prefix="voicegw-replay-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        write(folder / "call", story, call.recording)
        done = await run([read(folder / "call")], runner, How(then, folder, tell, lambda result: None))
    return compare(steps, done.results[0].evidence)


def _check(steps: Sequence[Step], call: RecordedCall, runner: Runner) -> None:
    call_id = call.story.call.call_id
    if not steps:
        raise SetupError(f"call {call_id}: the caller did nothing that could be played again")
    by_voice = runner != "text" and call.recording is not None
    hidden = [
        number for number, step in enumerate(steps, 1) if not (step.is_whole or (by_voice and not step.is_secret))
    ]
    if hidden:
        lines = ", ".join(map(str, hidden))
        raise SetupError(
            f"call {call_id}: personal values are hidden in what the caller said (line {lines}): write a scenario with "
            "`voicegw qa scenario`, put values in and run that"
        )


def _to_a_known_number(story: CallStory, settings: Settings) -> CallStory:
    """The version that is tried may answer other numbers."""
    numbers = [number for plan in dialplans.load(settings.dialplans) for number in plan.numbers]
    if story.call.callee in numbers or not numbers:
        return story
    return replace(story, call=replace(story.call, callee=numbers[0]))
