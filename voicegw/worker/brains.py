"""A dialplan with what is computed from it once: by the nursery before it forks, for all workers."""

import io
import os
import pickle
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voicegw import log
from voicegw.dialplan import files
from voicegw.dialplan.model import Dialplan
from voicegw.engines.embed import SentenceEmbedder
from voicegw.engines.known_vectors import KnownVectors
from voicegw.errors import DialplanError
from voicegw.nlu.reader import Reader
from voicegw.wire.messages import LoadDialplan

_EMBEDDER = "embedder"

logger = log.get_logger()


@dataclass(frozen=True)
class Brain:
    """A version of a dialplan, ready for calls."""

    plan: Dialplan
    reader: Reader


Brains = dict[tuple[str, int], Brain]
"""By name and version of the dialplan."""


class Learner:
    """Makes brains, without computing twice what sentences mean. Belongs to the nursery.

    :param model: names the embedder's exact model.
    """

    def __init__(self, embedder: SentenceEmbedder, model: str) -> None:
        self.embedder = embedder
        self._known = KnownVectors(embedder, model)

    def learn(self, order: LoadDialplan) -> Brain:
        """The dialplan that is to be loaded; vectors that come with it need not be computed.

        :raises DialplanError: it cannot be read, or has errors.
        """
        began = time.monotonic()
        plan, problems = files.read(Path(order.file))
        errors = [problem for problem in problems if problem.severity == "error"]
        if plan is None or errors:
            raise DialplanError(errors)
        if order.vectors and not self._known.take(Path(order.vectors).read_bytes()):
            logger.info("dialplan.vectors_of_another_model", dialplan=plan.name)
        with self._known.remembering():
            reader = Reader.of(plan.examples(), self._known.embed, plan.language)
        logger.info("dialplan.learned", dialplan=plan.name, took_ms=round((time.monotonic() - began) * 1000))
        return Brain(plan, reader)

    def write(self, brain: Brain, file: Path) -> None:
        """Keep a brain where a worker that waits can ``read_brain`` it; the embedder stays out."""
        content = io.BytesIO()
        _Writer(content, self._known).dump(brain)
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(f".{os.getpid()}")
        draft.write_bytes(content.getvalue())
        draft.chmod(0o600)
        os.replace(draft, file)


def read_brain(file: Path, embedder: SentenceEmbedder) -> Brain:
    """The brain that a ``Learner`` wrote, with this process's own embedder."""
    with file.open("rb") as content:
        brain: Brain = _Reader(content, embedder).load()
    return brain


class _Writer(pickle.Pickler):
    """A reader knows its embedder, which is a native session and is in every worker anyway."""

    def __init__(self, file: io.BytesIO, known: KnownVectors) -> None:
        super().__init__(file)
        self._known = known

    def persistent_id(self, value: Any) -> str | None:
        return _EMBEDDER if value is self._known else None


class _Reader(pickle.Unpickler):
    def __init__(self, file: Any, embedder: SentenceEmbedder) -> None:
        super().__init__(file)
        self._embedder = embedder

    def persistent_load(self, name: str) -> SentenceEmbedder:
        assert name == _EMBEDDER
        return self._embedder
