"""Workers in the making stand back behind those with a call, and none interrupts another. In processes of their own:
niceness stays."""

import subprocess
import sys

TRIED = """
import os, threading
from voicegw.worker.priority import Priority

def niceness():
    return {os.getpriority(os.PRIO_PROCESS, int(thread)) for thread in os.listdir("/proc/self/task")}

def policies():
    return {os.sched_getscheduler(int(thread)) for thread in os.listdir("/proc/self/task")}

if BOUND:
    os.setpriority = lambda *_: (_ for _ in ()).throw(PermissionError())
priority = Priority(5)
threading.Thread(target=threading.Event().wait, daemon=True).start()
priority.stand_back()
back = niceness()
priority.go_first()
first = niceness()
priority.come_forward()
print(sorted(back), sorted(first), sorted(niceness()), policies() == {os.SCHED_BATCH}, flush=True)
os._exit(0)
"""


def tried(*, bound: bool) -> str:
    code = TRIED.replace("BOUND", str(bound))
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_all_threads_stand_back_and_come_forward_together_and_interrupt_nobody() -> None:
    assert tried(bound=False) in ("[15] [0] [5] True", "[6] [6] [6] True"), "the second: we may not come forward"


def test_who_could_not_come_forward_again_does_not_stand_back() -> None:
    assert tried(bound=True) == "[6] [6] [6] True"
