"""Samples in and out of PJSIP's media frames, 50 times a second per call and direction.

``bytes(frame.buf)`` and ``pj.ByteVector(data)`` go through Python sequences and cost up to 250 µs; the vector's
own memory costs 3. Newer PJSIP has calls for it; PyPI's wheel does not, so there the begin pointer of the
``std::vector`` is used, after checking on a known pattern that it is where we think it is.
"""

import ctypes
from collections.abc import Callable

import pjsua2 as pj

from voicegw.wire.messages import FRAME_BYTES

SILENCE = bytes(FRAME_BYTES)

_PATTERN = bytes(range(1, 249))


def _begin(vector: pj.ByteVector) -> int:
    """Address of the first element: a ``std::vector`` begins with its begin pointer."""
    return ctypes.c_void_p.from_address(int(vector.this)).value or 0


def pointers_work() -> bool:
    """Is a ``ByteVector`` laid out as begin, end, capacity; do its bytes lie where begin points?"""
    vector = pj.ByteVector(_PATTERN)
    begin, end, capacity = (ctypes.c_void_p * 3).from_address(int(vector.this))
    if not begin or not end or not capacity:
        return False
    if end - begin != len(_PATTERN) or capacity < end:
        return False
    return ctypes.string_at(begin, len(_PATTERN)) == _PATTERN


def _read_by_pointer(frame: pj.MediaFrame) -> bytes:
    return ctypes.string_at(_begin(frame.buf), FRAME_BYTES)


def _read_by_method(frame: pj.MediaFrame) -> bytes:
    into = bytearray(FRAME_BYTES)
    frame.buf.copy_to_bytearray(into)
    return bytes(into)


def _read_plainly(frame: pj.MediaFrame) -> bytes:
    return bytes(frame.buf)


def _write_by_pointer(frame: pj.MediaFrame, pcm: bytes) -> None:
    buffer = frame.buf
    buffer.resize(FRAME_BYTES)
    ctypes.memmove(_begin(buffer), pcm, FRAME_BYTES)


def _write_by_method(frame: pj.MediaFrame, pcm: bytes) -> None:
    frame.buf.assign_from_bytes(pcm)


def _write_plainly(frame: pj.MediaFrame, pcm: bytes) -> None:
    frame.buf = pj.ByteVector(pcm)


def _choose() -> tuple[str, Callable[[pj.MediaFrame], bytes], Callable[[pj.MediaFrame, bytes], None]]:
    if hasattr(pj.ByteVector, "copy_to_bytearray") and hasattr(pj.ByteVector, "assign_from_bytes"):
        return "method", _read_by_method, _write_by_method
    if pointers_work():
        return "pointer", _read_by_pointer, _write_by_pointer
    return "plain", _read_plainly, _write_plainly


WAY, _read, _write = _choose()
"""How samples are copied here: ``method``, ``pointer`` or ``plain``."""


def read(frame: pj.MediaFrame) -> bytes:
    """The 20 ms in ``frame``; silence if it holds no (or not 20 ms of) audio."""
    if frame.type != pj.PJMEDIA_FRAME_TYPE_AUDIO or frame.size != FRAME_BYTES:
        return SILENCE
    return _read(frame)


def write(frame: pj.MediaFrame, pcm: bytes | None) -> None:
    """Fill ``frame`` with 20 ms, or mark it as holding nothing."""
    if pcm is None:
        frame.type = pj.PJMEDIA_FRAME_TYPE_NONE
        return
    _write(frame, pcm)
    frame.type = pj.PJMEDIA_FRAME_TYPE_AUDIO
    frame.size = FRAME_BYTES
