"""How many conversations this machine keeps its promise with: measured once by ``voicegw bench capacity``, and kept."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from voicegw.config import Settings
from voicegw.log import get_logger

FILE_NAME = "capacity.json"

log = get_logger()


@dataclass(frozen=True)
class Capacity:
    """What a bench found."""

    conversations: int
    """At once, all on this machine, with the latency that is promised."""
    promise_ms: float
    """95 of 100 answers came within this."""
    machine: str
    """Processor, cores, memory: what was measured on another one says nothing of this one."""
    engines: str
    """Names of those that heard, spoke and compared; with others it is to be measured again."""


def engines_of(settings: Settings) -> str:
    """As of ``Capacity.engines``."""
    return f"{settings.stt.provider} {settings.tts.provider} {settings.embed.provider} {settings.llm.provider}"


def keep(folder: Path, capacity: Capacity) -> Path:
    """Write it where the service looks for it; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE_NAME
    draft = file.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(asdict(capacity), indent=1) + "\n", encoding="utf-8")
    draft.replace(file)
    return file


def kept(folder: Path) -> Capacity | None:
    """What was kept, or None: it was never measured, or the file is no longer what we wrote."""
    try:
        return Capacity(**json.loads((folder / FILE_NAME).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        log.warning("capacity.not_readable", file=str(folder / FILE_NAME), error=str(error))
        return None


def conversations(settings: Settings) -> int:
    """What admission goes by: the setting, or what was measured with these engines; 0 if nobody knows."""
    if settings.workers.capacity:
        return settings.workers.capacity
    found = kept(settings.data_dir)
    if found is None:
        return 0
    if found.engines != engines_of(settings):
        log.warning("capacity.of_other_engines", measured_with=found.engines, now=engines_of(settings),
                    hint="voicegw bench capacity measures again")  # fmt: skip
        return 0
    return found.conversations
