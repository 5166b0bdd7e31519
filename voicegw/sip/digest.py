"""Digest authentication of those who call us (RFC 3261 §22, RFC 7616, RFC 8760). Pure.

Nothing is remembered between a challenge and its answer: a nonce carries its time and is sealed, together with the
call it was made for, by a key that only we have. So any cell can check what another one has asked for.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from voicegw.sip.headers import first

REALM = "voicegw"
NONCE_S = 60.0
"""An answer to a challenge comes at once."""
ALGORITHMS: Mapping[str, Callable[[bytes], "hashlib._Hash"]] = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
"""Offered in this order, though RFC 8760 §2.4 wants the strongest first: who knows only MD5, as SIPp and many PBXs do,
often looks at the first challenge alone, and who looks at all takes the strongest."""
_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


@dataclass(frozen=True)
class Answer:
    """An ``Authorization`` header."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str = "MD5"
    qop: str = ""
    nc: str = ""
    cnonce: str = ""


def parse(header: str) -> Answer | None:
    """The value of an ``Authorization`` header; None if it is no complete digest."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() != "digest":
        return None
    found = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(rest)}
    known = {name: found[name] for name in Answer.__dataclass_fields__ if name in found}
    try:
        return Answer(**known)
    except TypeError:  # one without which there is nothing to check
        return None


def response(answer: Answer, password: str, method: str) -> str:
    """What ``answer.response`` must be (RFC 7616 §3.4.1); empty for an algorithm that we do not know."""
    make = ALGORITHMS.get(answer.algorithm.upper())
    if make is None:
        return ""

    def digest(*parts: str) -> str:
        return make(":".join(parts).encode()).hexdigest()

    secret = digest(answer.username, answer.realm, password)
    what = digest(method, answer.uri)
    if answer.qop:
        return digest(secret, answer.nonce, answer.nc, answer.cnonce, answer.qop, what)
    return digest(secret, answer.nonce, what)  # RFC 2069, which RFC 3261 §22.4 still allows


class Authenticator:
    """Knows who may call.

    :param users: passwords by user name.
    """

    def __init__(self, users: Mapping[str, str]) -> None:
        self._users = dict(users)
        told = "\n".join(f"{user}\0{password}" for user, password in sorted(users.items()))
        # Of the passwords: so all cells, and all machines with the same settings, have the same key.
        self._key = hashlib.sha256(f"voicegw nonce\n{told}".encode()).digest()

    def refusal(self, message: str, method: str, now: float) -> tuple[tuple[str, str], ...] | None:
        """Headers of the 401 that this request is to be answered with; None: it is from who it says.

        :param message: the whole request.
        :param now: Unix seconds.
        """
        call_id = first(message, "Call-ID", "i")
        answer = parse(first(message, "Authorization"))
        if answer is None or answer.realm != REALM or not self._is_right(answer, method):
            return self._challenges(call_id, now, stale=False)
        if not self._is_fresh(answer.nonce, call_id, now):
            return self._challenges(call_id, now, stale=True)
        return None

    def _is_right(self, answer: Answer, method: str) -> bool:
        password = self._users.get(answer.username)
        wanted = response(answer, password or "", method)
        return password is not None and wanted != "" and hmac.compare_digest(wanted, answer.response.lower())

    def _challenges(self, call_id: str, now: float, *, stale: bool) -> tuple[tuple[str, str], ...]:
        nonce = self._nonce(f"{int(now):x}", call_id)
        more = ", stale=true" if stale else ""
        return tuple(
            ("WWW-Authenticate", f'Digest realm="{REALM}", nonce="{nonce}", qop="auth", algorithm={name}{more}')
            for name in ALGORITHMS
        )

    def _nonce(self, stamp: str, call_id: str) -> str:
        sealed = hmac.new(self._key, f"{stamp} {call_id}".encode(), hashlib.sha256).hexdigest()
        return f"{stamp}.{sealed[:32]}"

    def _is_fresh(self, nonce: str, call_id: str, now: float) -> bool:
        stamp = nonce.partition(".")[0]
        if not hmac.compare_digest(nonce.encode(), self._nonce(stamp, call_id).encode()):
            return False
        return -1 <= now - int(stamp, 16) <= NONCE_S
