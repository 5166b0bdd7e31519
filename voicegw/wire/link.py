"""A SEQPACKET socket that carries messages, and sockets beside them."""

import contextlib
import socket
import struct
from collections.abc import Sequence

import numpy as np

from voicegw.errors import WireError
from voicegw.wire import codec
from voicegw.wire.messages import Message

MAX_BYTES = 200_000
"""One SEQPACKET datagram holds about 212 kB on Linux."""
_ROOM_FOR_SOCKETS = socket.CMSG_SPACE(4 * struct.calcsize("i"))


def pair() -> tuple["Link", "Link"]:
    """Two ends of a new link, both non-blocking."""
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return Link(left), Link(right)


class Link:
    """One end. Never blocks: what cannot be sent now is refused, what has not come is ``None``.

    Not thread-safe for receiving; ``send`` may be called from any thread (one datagram, one system call).
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._received = np.empty(MAX_BYTES, np.uint8).data
        """Begins with what was received last: new memory for each message would cost more than to read it."""
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 425_984)

    @classmethod
    def from_fd(cls, fd: int) -> "Link":
        """Take over an inherited or received descriptor."""
        return cls(socket.socket(fileno=fd))

    def fileno(self) -> int:
        """For selectors; -1 when closed."""
        return self.sock.fileno()

    def send(self, message: Message, sockets: Sequence[socket.socket] = ()) -> bool:
        """Send, with ``sockets`` beside the message (SCM_RIGHTS).

        :returns: False if the other side reads too slowly and its buffer is full; nothing was sent then.
        :raises ConnectionError: the other side is gone.
        """
        data = codec.encode(message)
        try:
            if sockets:
                socket.send_fds(self.sock, [data], [sock.fileno() for sock in sockets])
            else:
                self.sock.send(data)
        except BlockingIOError:
            return False
        except OSError:
            if self.sock.fileno() < 0:
                raise ConnectionResetError("this end of the link is closed") from None
            raise
        return True

    def receive(self) -> Message | None:
        """The next message, or None if none is waiting.

        :raises ConnectionError: the other side is gone.
        :raises WireError: it sent something else.
        """
        try:
            size = self.sock.recv_into(self._received)
        except BlockingIOError:
            return None
        return self._decoded(size)

    def receive_with_sockets(self) -> tuple[Message, list[socket.socket]] | None:
        """As ``receive``, with the sockets that came beside the message."""
        try:
            size, ancillary, flags, _ = self.sock.recvmsg_into([self._received], _ROOM_FOR_SOCKETS)
        except BlockingIOError:
            return None
        sockets = [socket.socket(fileno=fd) for _, _, fds in ancillary for fd in memoryview(fds).cast("i")]
        if flags & socket.MSG_CTRUNC:
            raise WireError("descriptors were lost on the way: raise `ulimit -n`")
        return self._decoded(size), sockets

    def _decoded(self, size: int) -> Message:
        if not size:
            raise ConnectionResetError("the other side closed the link")
        return codec.decode(bytes(self._received[:size]))

    def close(self) -> None:
        """Close this end; the other side sees ConnectionError after reading what was sent."""
        self.sock.close()

    def finish(self) -> None:
        """Close, for the side that has said the last word: the other reads all of it, then sees ConnectionError.

        Plain ``close`` makes Linux tell the other side ECONNRESET *before* what it has yet to read, if we leave
        anything unread. Not for a socket that was passed on: this ends it for every process that has it.
        """
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
            while self.sock.recv(MAX_BYTES):
                pass
        self.sock.close()
