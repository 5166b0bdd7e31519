"""Reference account desk over SQL: identifies callers by one-time code or by facts, resets passwords, unlocks."""

from typing import Any

from voicegw.actions.requests import Effect, Integration, Tool
from voicegw.actions.sql import Database, FreshEveryDay

from . import demo, tables
from .forms import Account, CodeGiven, CodeSent, Done, FactsGiven, Identified, Proven, Who
from .operations import Operations
from .settings import AccountsSettings


def integration(settings: dict[str, Any]) -> Integration:
    """The integration, from its settings."""
    own = AccountsSettings.model_validate(settings)
    rows = FreshEveryDay(tables.demo, demo.put_in) if own.with_demo else None
    database = Database("accounts_db", own, tables.metadata, rows)
    does = Operations(database, own)
    reads, writes, s = Effect.READS, Effect.WRITES, own.time_limit_s
    tools = (
        Tool("accounts_db.account", reads, Who, Account, does.account, s, "Is there such an account?"),
        Tool("accounts_db.send_code", writes, Who, CodeSent, does.send_code, s, "Sends a one-time code."),
        Tool("accounts_db.check_code", reads, CodeGiven, Identified, does.check_code, s, "Is it the code?"),
        Tool("accounts_db.check_facts", reads, FactsGiven, Identified, does.check_facts, s, "Are the facts right?"),
        Tool("accounts_db.reset_password", writes, Proven, Done, does.reset_password, s, "Sends a link to a new one."),
        Tool("accounts_db.unlock", writes, Proven, Done, does.unlock, s, "Lets the owner sign in again."),
    )
    return Integration("accounts_db", tools, open=database.open, close=database.close, health=database.health)
