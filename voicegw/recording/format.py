"""The file of one recording: a header, then chunks that are each encrypted by themselves.

So a process may die at any moment, and another may go on: what is whole is readable, a torn end is cut off. All
numbers are big-endian.

* header: ``VGREC1``, a salt of 16 bytes, the first 4 bytes of the key's SHA-256;
* chunk: length (4 bytes) of what follows, a nonce (12 bytes), and AES-256-GCM of: time of its first sample in
  milliseconds of the call (4 bytes), then mu-law samples in turn, the caller's and the agent's.

Each file has a key of its own, by HKDF (RFC 5869) from the settings' key, the salt and the call's id. The number of a
chunk is authenticated with it, so none can be left out, moved or taken from another file.
"""

import hashlib
import secrets
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from voicegw.errors import SetupError

MAGIC = b"VGREC1"
SALT_BYTES, KEY_ID_BYTES, NONCE_BYTES, KEY_BYTES = 16, 4, 12, 32
HEADER_BYTES = len(MAGIC) + SALT_BYTES + KEY_ID_BYTES
_LENGTH, _AT_MS = struct.Struct(">I"), struct.Struct(">I")
MOST_CHUNK_BYTES = 4_000_000
SUFFIX = ".vgrec"


class RecordingError(SetupError):
    """A recording that is not there, damaged, or made with another key."""


@dataclass(frozen=True)
class Chunk:
    """A piece of both directions."""

    at_ms: int
    """Of its first sample, in the call's time."""
    samples: bytes
    """Mu-law, the caller's and the agent's in turn."""


class Cipher:
    """Seals and opens the chunks of one file."""

    def __init__(self, key: bytes, salt: bytes, call_id: str) -> None:
        derived = HKDF(SHA256(), KEY_BYTES, salt, b"voicegw recording " + call_id.encode()).derive(key)
        self._cipher = AESGCM(derived)

    def seal(self, number: int, chunk: Chunk) -> bytes:
        """The bytes of chunk ``number``, its length before it."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        plain = _AT_MS.pack(chunk.at_ms) + chunk.samples
        sealed = nonce + self._cipher.encrypt(nonce, plain, _LENGTH.pack(number))
        return _LENGTH.pack(len(sealed)) + sealed

    def open(self, number: int, sealed: bytes) -> Chunk:
        """
        :raises RecordingError: not what was sealed under this number.
        """
        try:
            plain = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _LENGTH.pack(number))
        except (InvalidTag, ValueError):
            raise RecordingError(f"chunk {number} is damaged, or from another recording") from None
        return Chunk(_AT_MS.unpack_from(plain)[0], plain[_AT_MS.size :])


def new_header(key: bytes) -> tuple[bytes, bytes]:
    """The header of a new file, and its salt."""
    salt = secrets.token_bytes(SALT_BYTES)
    return MAGIC + salt + _key_id(key), salt


def read_header(header: bytes, key: bytes) -> bytes:
    """The salt.

    :raises RecordingError: no recording, or made with another key.
    """
    if len(header) < HEADER_BYTES or not header.startswith(MAGIC):
        raise RecordingError("not a recording of voicegw")
    if header[-KEY_ID_BYTES:] != _key_id(key):
        raise RecordingError("made with another key than privacy.key")
    return header[len(MAGIC) : -KEY_ID_BYTES]


def sealed_chunks(file: BinaryIO) -> Iterator[bytes]:
    """The chunks after the header, sealed, up to the end or to where a writer died."""
    while len(head := file.read(_LENGTH.size)) == _LENGTH.size:
        length = _LENGTH.unpack(head)[0]
        sealed = file.read(length) if length <= MOST_CHUNK_BYTES else b""
        if len(sealed) < length or not sealed:
            return
        yield sealed


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:KEY_ID_BYTES]
