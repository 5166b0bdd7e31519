"""Secrets in a tool's arguments: tokens until the moment it runs."""

from collections.abc import Awaitable, Callable, Mapping

Reveal = Callable[[str], Awaitable[str | None]]
"""The secret that a token stands for; None: not there any more."""
PREFIX = "secret:"
"""Of tokens."""


class SecretGone(Exception):
    """The caller must give it again."""


def is_token(value: object) -> bool:
    """Whether an argument stands for a secret."""
    return isinstance(value, str) and value.startswith(PREFIX)


async def revealed(arguments: Mapping[str, object], reveal: Reveal | None) -> dict[str, object]:
    """``arguments`` with secrets in place of their tokens. Not to be logged, stored or compared.

    :raises SecretGone: one is not there any more, or this process may not see it.
    """
    shown = dict(arguments)
    for name, value in arguments.items():
        if not isinstance(value, str) or not is_token(value):
            continue
        secret = await reveal(value) if reveal else None
        if secret is None:
            raise SecretGone(name)
        shown[name] = secret
    return shown
