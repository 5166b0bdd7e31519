"""What pages and the API are made from: the stores, the settings, and the clock, in one value."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from voicegw.accounts.audit import AuditLog
from voicegw.accounts.store import AccountStore
from voicegw.config import Settings
from voicegw.outcomes.insights import Insights
from voicegw.outcomes.labels import Labels
from voicegw.outcomes.ledger import Ledger
from voicegw.outcomes.store import OutcomeStore
from voicegw.publishing.drafts import DraftStore
from voicegw.publishing.store import VersionStore
from voicegw.session.handoff import Keeps
from voicegw.web.attempts import Attempts
from voicegw.web.chatting import Chatting
from voicegw.web.desk import Report
from voicegw.web.findings import Findings
from voicegw.web.listening import Listening
from voicegw.web.live.feed import Feed
from voicegw.web.oidc import Provider
from voicegw.web.talking import Talking


@dataclass(frozen=True)
class Console:
    """Shared by all requests."""

    settings: Settings
    keeps: Keeps
    """Contexts of callers who were handed over."""
    accounts: AccountStore
    audit: AuditLog
    outcomes: OutcomeStore
    labels: Labels
    ledger: Ledger
    insights: Insights
    versions: VersionStore
    findings: Findings
    live: Feed
    """The calls in progress."""
    listening: Listening
    """To them."""
    provider: Provider
    """Of OpenID; never asked where the settings name none."""
    drafts: DraftStore
    chatting: Chatting
    """By text, with drafts."""
    clock: Callable[[], float] = time.time
    talking: Talking | None = None
    """Calls from browsers; None: there is no service to talk to."""
    attempts: Attempts = field(default_factory=Attempts)
    """At signing in."""
    report: Callable[[], Awaitable[Report]] | None = None
    """Asks the service how it is; None: the console runs by itself."""

    @classmethod
    def on(cls, settings: Settings, keeps: Keeps, clock: Callable[[], float] = time.time) -> "Console":
        """With stores in the database of ``settings``; its schema is there (``migrate``).

        :raises SettingsError: not a URL of a database we speak to.
        """
        url = settings.resolved_database_url
        outcomes = OutcomeStore(url)
        live = Feed(settings.redis_url, outcomes)
        return cls(
            settings=settings,
            keeps=keeps,
            accounts=AccountStore(url),
            audit=AuditLog(url, clock),
            outcomes=outcomes,
            labels=Labels(url),
            ledger=Ledger(url),
            insights=Insights(url),
            versions=VersionStore(url),
            findings=Findings(settings),
            live=live,
            listening=Listening(lambda: live.link, settings.redis_url, settings.web.ice_servers),
            provider=Provider(settings.oidc),
            drafts=DraftStore(url),
            chatting=Chatting(settings),
            clock=clock,
        )

    async def close(self) -> None:
        """Close the stores that ``on`` opened."""
        await self.listening.close()
        await self.live.close()
        await self.chatting.close()
        outcomes = (self.outcomes, self.labels, self.ledger, self.insights)
        for store in (self.accounts, self.audit, *outcomes, self.versions, self.drafts):
            await store.close()


def _of(connection: HTTPConnection) -> Console:
    console: Console = connection.app.state.console
    return console


Shared = Annotated[Console, Depends(_of)]
"""A parameter of a route that needs the stores."""
