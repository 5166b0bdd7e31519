"""People, what they may do, and the lines of the audit log; pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

NAME_SHAPE = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,62}")
"""What a user's name looks like; e-mail addresses do."""
SHORTEST_PASSWORD = 10


class Role(StrEnum):
    """What a person does here; a token's scopes are roles, too."""

    VIEWER = "viewer"
    """Sees calls, figures and health; what says something about a caller is masked."""
    QA = "qa"
    """Sees and hears what callers said, and labels calls."""
    EDITOR = "editor"
    """Sees what callers said, writes drafts of dialplans and tries them."""
    PUBLISHER = "publisher"
    """Puts dialplans in force, and hangs up or hands over live calls."""
    ADMIN = "admin"
    """Everything, users included."""


_INCLUDES: dict[Role, frozenset[Role]] = {
    Role.VIEWER: frozenset({Role.VIEWER}),
    Role.QA: frozenset({Role.QA, Role.VIEWER}),
    Role.EDITOR: frozenset({Role.EDITOR, Role.VIEWER}),
    Role.PUBLISHER: frozenset({Role.PUBLISHER, Role.EDITOR, Role.VIEWER}),
    Role.ADMIN: frozenset(Role),
}


def included(roles: Iterable[Role]) -> frozenset[Role]:
    """All that somebody with these may act as."""
    return frozenset[Role]().union(*(_INCLUDES[role] for role in roles))


@dataclass(frozen=True)
class User:
    """Somebody who may sign in."""

    name: str
    role: Role
    made_at: float
    """Unix time."""
    password_hash: str | None = None
    """Argon2id; None: no password yet, or one elsewhere (``subject``)."""
    subject: str | None = None
    """``ISSUER SUBJECT`` of the OpenID provider that vouches for this person."""
    disabled: bool = False


class Kind(StrEnum):
    """What a credential is good for."""

    SESSION = "session"
    """A browser that signed in."""
    LINK = "link"
    """Choosing a password, once."""
    TOKEN = "token"
    """The API."""


@dataclass(frozen=True)
class Credential:
    """A secret that stands for a user; the database holds its digest alone."""

    digest: str
    """SHA-256 of the secret, in hex."""
    kind: Kind
    user: str
    made_at: float
    ends_at: float | None
    """Unix time; None: does not end by itself."""
    label: str = ""
    scopes: tuple[Role, ...] = ()
    """Of a token: what it may do, as far as its user still may."""

    @property
    def id(self) -> str:
        """Names it to people, and opens nothing."""
        return self.digest[:12]


@dataclass(frozen=True)
class Who:
    """Somebody who asks for something, and by what right."""

    user: User
    roles: frozenset[Role]
    """All they may act as: a token narrows its user's."""
    credential: Credential

    def may(self, role: Role) -> bool:
        """Whether they may do what ``role`` does."""
        return role in self.roles

    @property
    def sees_words(self) -> bool:
        """Whether what callers said and gave is shown unmasked."""
        return self.may(Role.EDITOR) or self.may(Role.QA)


def who_is(user: User, credential: Credential) -> Who | None:
    """By what right ``user`` acts with ``credential``; None: by none any more."""
    if user.disabled:
        return None
    roles = included([user.role])
    if credential.kind is Kind.TOKEN:
        roles &= included(credential.scopes)
    return Who(user, roles, credential)


@dataclass(frozen=True)
class AuditLine:
    """Somebody changed something, or looked at what is a caller's."""

    at: float
    """Unix time."""
    who: str
    action: str
    """``noun.verb_ed``: ``dialplan.published``, ``recording.heard``."""
    subject: str = ""
    """What it was done to: a user, a dialplan, a call's id."""
    details: Mapping[str, Any] = field(default_factory=dict)
    id: int | None = None
    """Given by the database, in order."""
