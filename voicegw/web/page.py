"""What a module of pages registers."""

from dataclasses import dataclass

from fastapi import APIRouter

from voicegw.accounts.record import Role


@dataclass(frozen=True)
class Nav:
    """An entry of the navigation."""

    label: str
    path: str
    icon: str
    """Of ``templates/icons.html``."""
    role: Role = Role.VIEWER
    """Who sees it; the routes check for themselves."""


@dataclass(frozen=True)
class Page:
    """Routes, and where people find them."""

    router: APIRouter
    nav: Nav | None = None
