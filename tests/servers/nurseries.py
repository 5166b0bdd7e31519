"""A warm pool over a real nursery, whose workers do what a test's script says."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from voicegw.gateway.pool import WorkerPool
from voicegw.wire import link as wire_link


@asynccontextmanager
async def warm_pool(script: str, most: int) -> AsyncIterator[WorkerPool]:
    """Two workers wait in it; ``script`` is Python, given the nursery's link as a descriptor."""
    ours, theirs = wire_link.pair()
    process = subprocess.Popen([sys.executable, "-c", script, str(theirs.fileno())], pass_fds=[theirs.fileno()])
    theirs.close()
    pool = WorkerPool(warm=2, most=most)
    pool.adopt(ours)
    loop = asyncio.get_running_loop()

    def read() -> None:
        try:
            while (message := ours.receive()) is not None:
                pool.on_nursery(message)
        except ConnectionError:
            loop.remove_reader(ours)

    loop.add_reader(ours, read)
    await pool.wait_until_warm(20)
    yield pool
    pool.close()
    loop.remove_reader(ours)
    ours.close()
    assert process.wait(10) == 0
