"""Messages to bytes and back.

One byte says which message (its place in ``messages.Message``), the rest is JSON, except for the messages that
carry audio, which are packed headers and the samples themselves: they pass up to 50 times a second per call.
"""

import json
import struct
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, get_args

from voicegw.errors import WireError
from voicegw.wire.messages import FRAME_BYTES, Frame, Frames, Message, Speech

MESSAGE_TYPES: tuple[type, ...] = get_args(Message)
_NUMBERS = {kind: number for number, kind in enumerate(MESSAGE_TYPES)}
_FIELDS = {kind: tuple(field.name for field in fields(kind)) for kind in MESSAGE_TYPES}
_FRAME = struct.Struct("<BI")
_SPEECH = struct.Struct("<BI")
_ONE_OF_MANY = struct.Struct("<I?")
_FRAME_NUMBER = _NUMBERS[Frame]
_SPEECH_NUMBER = _NUMBERS[Speech]


def encode(message: Message) -> bytes:
    """Bytes of ``message``, for one SEQPACKET datagram."""
    if isinstance(message, Frame):
        return _FRAME.pack(_FRAME_NUMBER, message.at_ms) + message.heard + message.played
    if isinstance(message, Frames):
        return bytes((_NUMBERS[Frames],)) + b"".join(map(_encode_one_of_many, message.frames))
    if isinstance(message, Speech):
        return _SPEECH.pack(_SPEECH_NUMBER, message.utterance) + message.pcm
    kind = type(message)
    values = {name: getattr(message, name) for name in _FIELDS[kind]}
    return bytes((_NUMBERS[kind],)) + json.dumps(values, separators=(",", ":")).encode()


def decode(data: bytes) -> Message:
    """The message in ``data``.

    :raises WireError: not a message of ours: unknown number, wrong length, wrong or missing fields.
    """
    if not data or data[0] >= len(MESSAGE_TYPES):
        raise WireError(f"unknown message number {data[:1].hex() or 'none'}: are both sides of one version?")
    kind = MESSAGE_TYPES[data[0]]
    if kind is Frame:
        return _decode_frame(data)
    if kind is Frames:
        return Frames(tuple(_decode_frames(data)))
    if kind is Speech:
        if len(data) < _SPEECH.size or (len(data) - _SPEECH.size) % 2:
            raise WireError(f"Speech of {len(data)} bytes is not whole samples")
        return Speech(_SPEECH.unpack_from(data)[1], data[_SPEECH.size :])
    try:
        values: Any = json.loads(data[1:])
        message: Message = kind(**values)
    except (ValueError, TypeError) as error:
        raise WireError(f"{kind.__name__}: {error}") from None
    return message


def _decode_frame(data: bytes) -> Frame:
    audio = len(data) - _FRAME.size
    if audio not in (FRAME_BYTES, 2 * FRAME_BYTES):
        raise WireError(f"Frame with {audio} bytes of audio, not {FRAME_BYTES} or {2 * FRAME_BYTES}")
    middle = _FRAME.size + FRAME_BYTES
    return Frame(_FRAME.unpack_from(data)[1], data[_FRAME.size : middle], data[middle:])


def _encode_one_of_many(frame: Frame) -> bytes:
    return _ONE_OF_MANY.pack(frame.at_ms, bool(frame.played)) + frame.heard + frame.played


def _decode_frames(data: bytes) -> Iterator[Frame]:
    end = 1
    if end == len(data):
        raise WireError("Frames without one")
    while end < len(data):
        begin = end + _ONE_OF_MANY.size
        if begin > len(data):
            raise WireError(f"Frames of {len(data)} bytes end in the middle of a header")
        at_ms, is_played = _ONE_OF_MANY.unpack_from(data, end)
        middle = begin + FRAME_BYTES
        end = middle + FRAME_BYTES * is_played
        if end > len(data):
            raise WireError(f"Frames of {len(data)} bytes end in the middle of one")
        yield Frame(at_ms, data[begin:middle], data[middle:end])
