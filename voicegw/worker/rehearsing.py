"""Says to itself, once, what dialplans say on every call, so that the first caller does not wait for it either.

A process of its own, forked from the nursery with its voice loaded, at the lowest priority; what it makes is kept on
disk and found by all workers.
"""

import os
import select
import sys
from collections.abc import Callable, Iterable

from voicegw import log
from voicegw.engines.cache import CachedSpeech

logger = log.get_logger()
NICENESS = 19


def rehearse(speech: CachedSpeech, texts: Iterable[str], speed: float, close: Callable[[], None]) -> None:
    """Have a process make what is not on disk yet. It is nobody's child, and ends when this process does.

    :param speed: of the voice, as calls will ask for it.
    :param close: closes, in that process, what is this one's.
    """
    parent = os.pidfd_open(os.getpid())
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            _become_rehearsal(speech, texts, speed, close, parent)
        os._exit(0)
    os.waitpid(child, 0)
    os.close(parent)


def _become_rehearsal(
    speech: CachedSpeech, texts: Iterable[str], speed: float, close: Callable[[], None], parent: int
) -> None:
    """Never returns into the caller's stack."""
    status = 70  # EX_SOFTWARE
    try:
        close()
        os.nice(NICENESS)
        for text in texts:
            if _has_ended(parent):
                break
            for _ in speech.speak(text, speed=speed):
                pass
        status = 0
    except BaseException:  # the edge of the process
        logger.exception("rehearsal.failed")
    finally:
        sys.stderr.flush()
        os._exit(status)


def _has_ended(process: int) -> bool:
    """Whether the process of this descriptor is over."""
    readable, _, _ = select.select([process], [], [], 0)
    return bool(readable)
