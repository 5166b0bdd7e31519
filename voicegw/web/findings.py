"""What ``voicegw doctor`` finds, looked for at most every few seconds however many pages show it."""

import asyncio

from voicegw.config import Settings
from voicegw.gateway.doctor import examine
from voicegw.gateway.finding import Finding

KEPT_S = 10.0


class Findings:
    """Of the machine that the console runs on."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._looked_at = float("-inf")
        self._found: list[Finding] = []
        self._one_at_a_time = asyncio.Lock()

    async def now(self, at: float) -> list[Finding]:
        """No older than ``KEPT_S``. Looking reads files, so it has a thread and an event loop of its own."""
        async with self._one_at_a_time:
            if at - self._looked_at > KEPT_S:
                self._found = await asyncio.to_thread(lambda: asyncio.run(examine(self._settings)))
                self._looked_at = at
        return self._found
