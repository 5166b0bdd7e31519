"""``voicegw bench recovery``: how long does a caller hear nobody when the worker of the call dies, or hangs?

Measured on the caller's own recording: from the signal to the first voice of the agent. The soft sound that the cell
plays meanwhile is no voice: it stays well under ``VOICE_DBFS``.
"""

import asyncio
import os
import signal
import time
from collections.abc import Sequence

import numpy as np

from voicegw.audio.levels import level_dbfs
from voicegw.qa.benching import MOST_AT_ONCE, NUMBER, Bench, Run, bench, failed_calls
from voicegw.qa.call_report import CallReport
from voicegw.qa.caller import Dialling
from voicegw.qa.figures import Figure, percentile
from voicegw.qa.script import Script, WaitSeconds
from voicegw.qa.surroundings import FRAME_SAMPLES
from voicegw.qa.tape import at
from voicegw.wire.messages import FRAME_MS

SEED = 5
DEATHS, HANGS = 12, 4
INTO_THE_CALL_S = 4.0
"""The greeting is over by then, and the caller is not yet asked whether they are still there."""
STEP_S = 0.11
"""Later in each call, so that no beat of anything is always met."""
WAIT_S = 9.0
VOICE_DBFS = -32.0
"""Of a frame; the comfort sound's is -36."""
VOICE_FRAMES = 3
OLD_SOUND_MS = 150
"""What the dead worker had said is still on its way for so long."""
DETECTION_S = 2.0
"""A worker that hangs is taken for lost after so long (``workers.hang_s``)."""
TARGET_MS = 1500


async def run(how: Run) -> tuple[Figure, ...]:
    """Some four minutes.

    :raises SetupError: something must be mended first.
    """
    async with bench({"workers": {"warm": MOST_AT_ONCE}}, how, SEED) as one:
        died = [await _lose_worker(one, number, signal.SIGKILL) for number in range(DEATHS)]
        hung = [await _lose_worker(one, number, signal.SIGSTOP) for number in range(HANGS)]
    return figures(died, hung)


def figures(
    died: Sequence[tuple[CallReport, float | None]], hung: Sequence[tuple[CallReport, float | None]]
) -> tuple[Figure, ...]:
    """Of calls, each with the time to the agent's voice (milliseconds), or None if it was not heard again."""
    after_death = [ms for _, ms in died if ms is not None]
    after_hang = [ms for _, ms in hung if ms is not None]
    silent = sum(ms is None for _, ms in (*died, *hung))
    limit_ms = TARGET_MS + DETECTION_S * 1000
    return (
        failed_calls("recovery", [report for report, _ in (*died, *hung)]),
        Figure("recovery: calls in which the agent was not heard again", silent, "calls", "= 0", len(died) + len(hung)),
        Figure("recovery: worker killed to the agent's voice p50", percentile(after_death, 50), "ms", "", len(died)),
        Figure(
            "recovery: worker killed to the agent's voice p95",
            percentile(after_death, 95), "ms", f"≤ {TARGET_MS}", len(died),
        ),
        Figure(
            "recovery: worker hung to the agent's voice p95, 2 s of them to notice",
            percentile(after_hang, 95), "ms", f"≤ {limit_ms:.0f}", len(hung),
        ),
    )  # fmt: skip


async def _lose_worker(one: Bench, number: int, sign: signal.Signals) -> tuple[CallReport, float | None]:
    """A call whose worker gets a signal; how long it took until the agent spoke again."""
    one.how.tell(f"{sign.name} {number + 1}")
    dialling = Dialling(f"sip:{NUMBER}@127.0.0.1:{one.service.sip_port}")
    before = {process.pid for process in one.service.busy_workers()}
    placed_at = time.monotonic()
    calling = asyncio.create_task(one.caller.place(dialling, Script((WaitSeconds(WAIT_S),)), {}, one.room.noise))
    await asyncio.sleep(INTO_THE_CALL_S + STEP_S * number)
    new = [process.pid for process in one.service.busy_workers() if process.pid not in before]
    lost_at = time.monotonic()
    for pid in new:
        os.kill(pid, sign)
    report = await calling
    await one.service.until_warm(MOST_AT_ONCE)
    if len(new) != 1:
        return report, None
    return report, first_voice_ms(report, (lost_at - placed_at) * 1000)


def first_voice_ms(report: CallReport, since_invite_ms: float) -> float | None:
    """From that moment of the call to the agent's next voice."""
    heard = report.tape.received[max(0, at(report.tape, since_invite_ms)) :]
    loud = [level_dbfs(heard[start : start + FRAME_SAMPLES]) >= VOICE_DBFS for start in _starts(heard)]
    for frame in range(OLD_SOUND_MS // FRAME_MS, len(loud) - VOICE_FRAMES + 1):
        if all(loud[frame : frame + VOICE_FRAMES]):
            return float(frame * FRAME_MS)
    return None


def _starts(pcm: np.ndarray) -> range:
    return range(0, len(pcm) - FRAME_SAMPLES + 1, FRAME_SAMPLES)
