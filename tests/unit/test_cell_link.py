"""The last words on a call link."""

import pytest

from voicegw.wire import link as wire_link
from voicegw.wire.messages import CallEnded, Heartbeat

LAST = CallEnded("caller", 200, "")


def test_the_last_word_is_read_even_if_the_worker_said_something_nobody_read():
    cell, worker = wire_link.pair()
    worker.send(Heartbeat())
    cell.send(LAST)
    cell.finish()
    assert worker.receive() == LAST
    with pytest.raises(ConnectionError):
        worker.receive()


def test_after_the_last_word_nothing_can_be_sent():
    cell, worker = wire_link.pair()
    cell.finish()
    with pytest.raises(ConnectionError):
        worker.send(Heartbeat())


def test_finishing_a_link_whose_other_side_is_gone_is_fine():
    cell, worker = wire_link.pair()
    worker.close()
    cell.finish()
    assert cell.fileno() == -1
