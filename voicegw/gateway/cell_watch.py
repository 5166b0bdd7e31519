"""What a cell keeps an eye on for each call: its worker, the other side's audio, a transfer that was asked for.

Pure: times are monotonic seconds, given by the caller.
"""

GRACE_S = 2.0
"""So much more has a new worker before it must beat: when many calls begin together, none gets the processor at once,
and to replace those that only wait for it would make it worse."""
MOST_LOST_WORKERS = 3


class WorkerWatch:
    """Heartbeats of the worker that has the call."""

    def __init__(self, hang_s: float) -> None:
        self.hang_s = hang_s
        self.lost = 0
        """Workers this call has lost."""
        self._due: float | None = None
        self._late_ms = 0.0

    def assigned(self, now: float) -> None:
        """A worker got the call."""
        self._due = now + GRACE_S + self.hang_s

    def beat(self, now: float, late_ms: float = 0.0) -> None:
        """It lives; sound has reached it so late at the worst."""
        self._late_ms = max(self._late_ms, late_ms)
        if self._due is not None:  # what it sent while it waited for a call takes no grace away
            self._due = max(self._due, now + self.hang_s)

    def take_late_ms(self) -> float:
        """The worst since this was asked last."""
        late_ms, self._late_ms = self._late_ms, 0.0
        return late_ms

    def gone(self) -> None:
        """It died, hung or lost its link."""
        self.lost += 1
        self._due = None

    def hangs(self, now: float) -> bool:
        """Nothing was heard of it for too long."""
        return self._due is not None and now > self._due

    @property
    def hopeless(self) -> bool:
        """So many workers failed on this call that it is the call that breaks them."""
        return self.lost >= MOST_LOST_WORKERS


class MediaWatch:
    """RTP packets of the other side: they must come, and go on coming, unless it holds us."""

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self._packets = 0
        self._since: float | None = None
        """When packets were last seen to grow."""

    def rest(self) -> None:
        """On hold nobody needs to send."""
        self._since = None

    def silent_too_long(self, packets: int, now: float) -> bool:
        """``packets`` have been received in all by ``now``."""
        if self._since is None or packets != self._packets:
            self._since = now
        self._packets = packets
        return now - self._since >= self.timeout_s


class TransferWatch:
    """A REFER from its sending to what came of it.

    The other side may end the call as soon as it has accepted, and never say what came of it: many trunks do.
    """

    def __init__(self) -> None:
        self._due: float | None = None
        self._accepted = False
        self._confirmed = False
        self._given_up = False

    @property
    def pending(self) -> bool:
        """Nothing final is known yet."""
        return self._due is not None

    @property
    def outcome(self) -> str:
        """As of ``CallEnded.transfer``, if the call ends now."""
        if self._confirmed:
            return "confirmed"
        return "accepted" if self._accepted and self.pending else ""

    def asked(self, ring_timeout_s: float, now: float) -> None:
        """REFER is sent."""
        self._due = now + ring_timeout_s
        self._accepted = self._confirmed = self._given_up = False

    def notified(self, sip_status: int, *, final: bool) -> bool:
        """A NOTIFY, or the answer to REFER; False if the worker should not hear of it: it was told of a failure."""
        self._accepted = self._accepted or not final
        self._confirmed = final and 200 <= sip_status < 300
        if final:
            self._due = None
        return self._confirmed or not self._given_up

    def overdue(self, now: float) -> bool:
        """It rang for too long: True once, and from then on it counts as failed, unless it is answered after all."""
        if self._due is None or now < self._due:
            return False
        self._due = None
        self._given_up = True
        return True
