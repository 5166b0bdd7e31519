"""Records a call while it is talked: beside the talk, never in its way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from voicegw import log
from voicegw.call.commands import ActionRequest
from voicegw.call.events import ActionResult
from voicegw.recording.files import RecordingFile
from voicegw.recording.format import Chunk, RecordingError
from voicegw.recording.notes import ToolNote, to_chunk
from voicegw.recording.track import Track
from voicegw.wire.messages import Frame
from voicegw.worker.hands import Run

logger = log.get_logger()


class Records(Protocol):
    """What a conversation tells whoever records it."""

    def add(self, frame: Frame) -> None:
        """20 ms."""

    def hold(self) -> None:
        """The caller begins to speak: what they say may turn out to be secret."""

    def release(self, *, secret: bool) -> None:
        """What they said is known."""

    def silence(self, on: bool) -> None:
        """A secret is being asked for, or no longer is."""


class Attends(Records, Protocol):
    """What a conversation tells of its sound."""

    @property
    def is_overheard(self) -> bool:
        """Somebody listens in just now: what is said must come evenly."""

    def overhear(self) -> None:
        """Somebody listens in, for a while."""


def noting(recorder: "NotRecorded | Recorder", run: Run, wall_clock: Callable[[], float]) -> Run:
    """``run``, with what tools answer kept beside the sound."""

    async def noted(request: ActionRequest) -> ActionResult:
        result = await run(request)
        effect, values = str(request.effect), dict(result.values)
        note = ToolNote(wall_clock(), request.tool, dict(request.arguments), result.status, values, effect)
        recorder.note(note)
        return result

    return noted


class NotRecorded:
    """A call whose dialplan does not record."""

    is_overheard = False

    def note(self, note: ToolNote) -> None:
        """Nothing."""

    def add(self, frame: Frame) -> None:
        """Nothing."""

    def hold(self) -> None:
        """Nothing."""

    def release(self, *, secret: bool) -> None:
        """Nothing."""

    def silence(self, on: bool) -> None:
        """Nothing."""

    def overhear(self) -> None:
        """Nobody may."""

    def close(self) -> None:
        """Nothing."""


class Recorder:
    """Belongs to the worker's event loop; a thread of its own encrypts and writes.

    A disk that fails ends the recording, not the call.
    """

    def __init__(self, folder: Path, call_id: str, key: bytes) -> None:
        self._track = Track()
        self._writing = ThreadPoolExecutor(1, "recording")
        self._file: RecordingFile | None = None
        self._over = False
        self._writing.submit(self._open, folder, call_id, key)

    def note(self, note: ToolNote) -> None:
        """A tool has answered; what comes after the call is not kept."""
        if not self._over:
            self._writing.submit(self._append, [to_chunk(note)])

    def add(self, frame: Frame) -> None:
        """20 ms."""
        self._track.add(frame.at_ms, frame.heard, frame.played)
        chunks = self._track.take()
        if chunks:
            self._writing.submit(self._append, chunks)

    def hold(self) -> None:
        """The caller begins to speak: what they say may turn out to be secret."""
        self._track.hold()

    def release(self, *, secret: bool) -> None:
        """What they said is known."""
        self._track.release(secret=secret)

    def silence(self, on: bool) -> None:
        """A secret is being asked for, or no longer is."""
        self._track.silence(on)

    def close(self) -> None:
        """Write what is left. Waits for the disk: for after the call."""
        self._over = True
        self._writing.submit(self._append, self._track.take(all_of_it=True))
        self._writing.shutdown()
        if self._file:
            self._file.close()

    # --- in the writing thread ------------------------------------------------------------------------------

    def _open(self, folder: Path, call_id: str, key: bytes) -> None:
        try:
            self._file = RecordingFile(folder, call_id, key)
        except (OSError, RecordingError) as error:
            logger.error("recording.not_possible", error=str(error))

    def _append(self, chunks: list[Chunk]) -> None:
        if self._file is None:
            return
        try:
            self._file.append(chunks)
        except OSError as error:
            logger.error("recording.stopped", error=str(error))
            self._file = None
