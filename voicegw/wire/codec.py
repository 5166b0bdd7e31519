"""Messages to bytes and back.

One byte says which message (its place in ``messages.Message``), the rest is JSON, except for the two messages
that carry audio, which are a packed header and the samples themselves: they pass 50 times a second per call.
"""

import json
import struct
from dataclasses import fields
from typing import Any, get_args

from voicegw.errors import WireError
from voicegw.wire.messages import FRAME_BYTES, Frame, Message, Speech

MESSAGE_TYPES: tuple[type, ...] = get_args(Message)
_NUMBERS = {kind: number for number, kind in enumerate(MESSAGE_TYPES)}
_FIELDS = {kind: tuple(field.name for field in fields(kind)) for kind in MESSAGE_TYPES}
_FRAME = struct.Struct("<BI")
_SPEECH = struct.Struct("<BI")
_FRAME_NUMBER = _NUMBERS[Frame]
_SPEECH_NUMBER = _NUMBERS[Speech]


def encode(message: Message) -> bytes:
    """Bytes of ``message``, for one SEQPACKET datagram."""
    if isinstance(message, Frame):
        return _FRAME.pack(_FRAME_NUMBER, message.at_ms) + message.heard + message.played
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
