"""What is on the board of calls in progress."""

import pytest

from voicegw.outcomes.record import (
    CallClosed,
    CallOpened,
    CallPickedUp,
    SlotFilled,
    TransferTried,
    TurnTaken,
    Waterfall,
)
from voicegw.session.moments import AgentSilent, AgentSpeaks, CallerHeard, LinesMeasured
from voicegw.web.live.board import Board

OPENED = CallOpened("c1", 100.0, "+15550123456", "5000", "acme", 3)
TURN = TurnTaken(
    "c1", 1, 106.0, "where is my order", "Your number, please?", task="status",
    waterfall=Waterfall(1000, 1200, 1300, 1400, 1405, 1450, 1480),
)  # fmt: skip


@pytest.fixture
def board() -> Board:
    made = Board()
    made.take(OPENED)
    made.take(CallPickedUp("c1", 100.1, 30.0, "PCMU"))
    return made


def line(board: Board, *, masked: bool = False):
    return board.summary("c1", masked=masked)


def test_a_call_is_seen_from_its_first_ring_to_its_end():
    board = Board()
    assert board.take(OPENED) == {"c1"}
    assert line(board)["state"] == "ringing"
    board.take(CallPickedUp("c1", 100.1, 30.0, "PCMU"))
    assert line(board)["state"] == "listening"
    assert board.take(CallClosed("c1", 120.0, "caller", 200, "")) == {"c1"}
    assert not board.has("c1")


def test_what_is_told_again_of_a_call_that_is_over_does_not_bring_it_back(board):
    board.take(CallClosed("c1", 120.0, "caller", 200, ""))
    assert board.take(OPENED) == board.see(AgentSpeaks("c1", 121.0, 1, "Hello")) == set()
    assert board.ids == []


def test_a_turn_is_seen_while_it_lasts_and_as_told_afterwards(board):
    board.see(CallerHeard("c1", 103.0, 1, "where is my order", "status"))
    assert (line(board)["state"], line(board)["who"], line(board)["task"]) == ("thinking", "caller", "status")
    board.see(AgentSpeaks("c1", 103.5, 1, "Your number, please? I wait."))
    assert (line(board)["state"], line(board)["words"]) == ("speaking", "Your number, please? I wait.")
    board.see(AgentSilent("c1", 105.0, 1, "Your number, please?"))
    (turn,) = board.details("c1", masked=False)["turns"]
    assert (turn["caller"], turn["agent"]) == ("where is my order", "Your number, please?")
    board.take(TURN)
    (turn,) = board.details("c1", masked=False)["turns"]
    assert turn["latency_ms"] == line(board)["latency_ms"] == 480
    assert {"name": "transcript", "ms": 100} in turn["stages"]


def test_a_caller_who_goes_on_replaces_what_was_heard_first(board):
    board.see(CallerHeard("c1", 103.0, 1, "where is"))
    board.see(AgentSpeaks("c1", 103.5, 1, "Pardon?"))
    board.see(CallerHeard("c1", 104.0, 1, "where is my order"))
    (turn,) = board.details("c1", masked=False)["turns"]
    assert (turn["caller"], turn["agent"]) == ("where is my order", "")


def test_who_may_not_know_what_was_said_sees_how_much_it_was(board):
    board.take(TURN)
    board.take(SlotFilled("c1", 107.0, "order_id", "4567"))
    board.see(CallerHeard("c1", 108.0, 2, "yes please"))
    assert line(board, masked=True)["words"] == "*** 2 words"
    shown = str(board.details("c1", masked=True))
    for secret in ("where is my order", "4567", "yes please", "15550123456"):
        assert secret not in shown


def test_the_line_and_a_transfer_are_seen(board):
    assert board.see(LinesMeasured("here", 104.0, {"c1": [490, 10, 12.0, 2], "c9": [1, 0, 0.0, 0]})) == {"c1"}
    assert line(board)["line"] == {"loss_percent": 2.0, "jitter_ms": 12.0, "late_frames": 2}
    board.take(TransferTried("c1", 108.0, 1, "100", "asked for"))
    assert line(board)["state"] == "handing over"
    board.take(TransferTried("c1", 118.0, 1, "100", "asked for", 486))
    assert line(board)["state"] == "listening"
