"""Child processes: started by exec, told by a link, stopped by their own pid."""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from voicegw import log
from voicegw.config import environment_for_children
from voicegw.wire import link as wire_link
from voicegw.wire.link import Link
from voicegw.wire.messages import Stop

logger = log.get_logger()

RESTARTS_S = (0.2, 1.0, 5.0, 15.0)
"""Pauses before a child that died is started again; the last one stays."""
LIVED_S = 60.0
"""One that has lived for so long has died of something else than the one before."""


class HasFileno(Protocol):
    """What has a descriptor."""

    def fileno(self) -> int:
        """It."""


NOTHING: Mapping[str, HasFileno] = MappingProxyType({})


class Backoff:
    """Waits for the death of a child, and then until it may be started again: longer each time it dies young.

    :param name: of the child, for the log.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._tries = 0

    async def wait(self, lost: asyncio.Event) -> None:
        """Until the child that is started now has died, and the pause after that is over."""
        began = time.monotonic()
        await lost.wait()
        self._tries = 0 if time.monotonic() - began > LIVED_S else self._tries + 1
        pause_s = RESTARTS_S[min(self._tries, len(RESTARTS_S) - 1)]
        logger.warning(f"{self._name}.starts_again", in_s=pause_s)
        await asyncio.sleep(pause_s)


@dataclass
class Child:
    """A process of ours and our end of its link."""

    name: str
    process: asyncio.subprocess.Process
    link: Link

    @property
    def pid(self) -> int:
        """Its own pid: the only thing we ever signal."""
        return self.process.pid

    async def stop(self, patience_s: float = 3.0) -> int:
        """Ask by ``Stop``, then SIGTERM, then SIGKILL. Returns its exit status."""
        with contextlib.suppress(ConnectionError, OSError):
            self.link.send(Stop())
        for sign in (None, signal.SIGTERM, signal.SIGKILL):
            if self.process.returncode is not None:
                break
            if sign is not None:
                logger.warning("child.signalled", child=self.name, pid=self.pid, signal=sign.name)
                with contextlib.suppress(ProcessLookupError):
                    self.process.send_signal(sign)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), patience_s)
        self.link.close()
        return self.process.returncode if self.process.returncode is not None else -1


async def start(
    name: str,
    module: str,
    arguments: Sequence[str] = (),
    stdin: bytes = b"",
    besides: Mapping[str, HasFileno] = NOTHING,
) -> Child:
    """Run ``python -m module --link-fd N arguments…`` with the other end of a new link as descriptor N.

    The child gets its own session, so that Ctrl-C reaches the supervisor alone.

    :param stdin: what the child reads there (settings with secrets do not belong on a command line).
    :param besides: descriptors that it is given, by option of its command line.
    """
    ours, theirs = wire_link.pair()
    given = {"--link-fd": theirs, **besides}
    options = [part for option, one in given.items() for part in (option, str(one.fileno()))]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *options, *arguments),
        pass_fds=[one.fileno() for one in given.values()],
        stdin=asyncio.subprocess.PIPE,
        env=environment_for_children(),
        start_new_session=True,
    )
    theirs.close()
    assert process.stdin
    process.stdin.write(stdin)
    process.stdin.close()
    return Child(name, process, ours)
