"""Reference outage desk over SQL: where something is out, until when, reports, and who wants to be told."""

from typing import Any

from voicegw.actions.requests import Effect, Integration, Tool
from voicegw.actions.sql import Database, FreshEveryDay

from . import demo, tables
from .forms import Account, Outage, Premise, Report, Reported, Subscribed, Supply, Updates
from .operations import Operations
from .settings import OutagesSettings


def integration(settings: dict[str, Any]) -> Integration:
    """The integration, from its settings."""
    own = OutagesSettings.model_validate(settings)
    rows = FreshEveryDay(tables.demo, demo.put_in) if own.with_demo else None
    database = Database("outages_db", own, tables.metadata, rows)
    does = Operations(database, own)
    reads, writes, s = Effect.READS, Effect.WRITES, own.time_limit_s
    tools = (
        Tool("outages_db.premise", reads, Account, Premise, does.premise, s, "Where an account is."),
        Tool("outages_db.outage", reads, Supply, Outage, does.outage, s, "What is known of an outage there."),
        Tool("outages_db.report", writes, Report, Reported, does.report, s, "Reports what is missing, once."),
        Tool("outages_db.subscribe", writes, Updates, Subscribed, does.subscribe, s, "Texts how it goes on."),
    )
    return Integration("outages_db", tools, open=database.open, close=database.close, health=database.health)
