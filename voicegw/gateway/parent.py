"""Children that must not outlive us, even if we are killed."""

import ctypes
import os
import signal
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_libc = ctypes.CDLL(None, use_errno=True)


def ends_with_us(sign: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """For ``preexec_fn``: the child gets ``sign`` when this process ends, by whatever cause."""
    parent = os.getpid()

    def in_child() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, sign)
        if os.getppid() != parent:  # it died before we asked to be told
            os._exit(1)

    return in_child
