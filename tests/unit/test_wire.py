"""Messages survive the wire, every one of them, and nonsense is refused."""

import dataclasses
import socket
import types
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicegw.errors import WireError
from voicegw.wire import call_messages, codec, hearing_messages, service_messages
from voicegw.wire import link as wire_link
from voicegw.wire.messages import FRAME_BYTES, CallStarted, Frame, Frames, Heartbeat, Message, Speech, WorkerAssigned

SAMPLES: dict[type, object] = {
    str: "sip:5000@example.com é",
    int: 20,
    bool: True,
    float: 2.5,
    bytes: b"\1\2" * 160,
    list[str]: ["one", "two"],
    tuple[Frame, ...]: (Frame(40, b"\1\2" * 160, b""), Frame(60, b"\3\4" * 160, b"\5\6" * 160)),
}


def sample_of(kind: type) -> Message:
    values = {}
    for field in dataclasses.fields(kind):
        hint = typing.get_type_hints(kind)[field.name]
        if isinstance(hint, types.UnionType):
            hint = typing.get_args(hint)[0]
        values[field.name] = {"X-Why": "1"} if typing.get_origin(hint) is dict else SAMPLES[hint]
    return kind(**values)


def test_every_message_class_is_on_the_wire() -> None:
    classes = {
        value
        for module in (call_messages, service_messages, hearing_messages)
        for value in vars(module).values()
        if isinstance(value, type) and dataclasses.is_dataclass(value)
    }
    assert classes == set(codec.MESSAGE_TYPES)


@pytest.mark.parametrize("kind", codec.MESSAGE_TYPES, ids=lambda kind: kind.__name__)
def test_a_message_comes_back_equal_and_encodes_to_the_same_bytes(kind: type) -> None:
    message = sample_of(kind)
    data = codec.encode(message)
    assert codec.decode(data) == message
    assert codec.encode(codec.decode(data)) == data


def test_a_frame_may_lack_what_was_played() -> None:
    frame = Frame(40, bytes(FRAME_BYTES), b"")
    assert codec.decode(codec.encode(frame)) == frame


@pytest.mark.parametrize("length", [1, 4, 6, 300, 328, 500, 970])
def test_frames_that_end_in_the_middle_are_refused(length: int) -> None:
    data = codec.encode(Frames((Frame(0, bytes(FRAME_BYTES), b""), Frame(20, bytes(FRAME_BYTES), bytes(FRAME_BYTES)))))
    with pytest.raises(WireError):
        codec.decode(data[:length])


@given(st.binary(max_size=900))
def test_nonsense_is_refused_by_one_error_or_is_a_message(data: bytes) -> None:
    try:
        message = codec.decode(data)
    except WireError:
        return
    assert isinstance(message, codec.MESSAGE_TYPES)


def test_links_carry_messages_in_order_and_say_when_the_other_side_is_gone() -> None:
    left, right = wire_link.pair()
    assert right.receive() is None
    left.send(Heartbeat())
    left.send(Speech(1, b"\0\0" * 4000))
    assert right.receive() == Heartbeat()
    assert right.receive() == Speech(1, b"\0\0" * 4000)
    left.close()
    with pytest.raises(ConnectionError):
        right.receive()
    right.close()


def test_a_socket_travels_beside_its_message() -> None:
    left, right = wire_link.pair()
    ours, theirs = socket.socketpair()
    left.send(WorkerAssigned("call-1", 7, "acme"), [theirs])
    theirs.close()
    received = right.receive_with_sockets()
    assert received is not None
    message, (passed,) = received
    assert message == WorkerAssigned("call-1", 7, "acme")
    ours.sendall(b"hello")
    assert passed.recv(5) == b"hello"
    for sock in (ours, passed, left, right):
        sock.close()


def test_a_slow_reader_makes_sending_refuse_instead_of_block() -> None:
    left, right = wire_link.pair()
    frame = Frame(0, bytes(FRAME_BYTES), bytes(FRAME_BYTES))
    sent = 0
    while left.send(frame):
        sent += 1
        assert sent < 10_000
    assert sent > 50
    left.close()
    right.close()


def test_a_newer_protocol_is_told_by_its_version() -> None:
    started = CallStarted("c", "a", "b", "acme", protocol=99)
    assert codec.decode(codec.encode(started)) == started
