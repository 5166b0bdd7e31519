"""Reference appointment book over SQL: free times, booking, moving and cancelling visits."""

from typing import Any

from voicegw.actions.requests import Effect, Integration, Tool
from voicegw.actions.sql import Database, FreshEveryDay

from . import demo, tables
from .forms import Booked, Booking, Changed, FreeTimes, Move, Phone, Visit, Wanted
from .operations import Operations
from .settings import FrontdeskSettings


def integration(settings: dict[str, Any]) -> Integration:
    """The integration, from its settings."""
    own = FrontdeskSettings.model_validate(settings)
    rows = FreshEveryDay(tables.demo, demo.put_in) if own.with_demo else None
    database = Database("frontdesk_db", own, tables.metadata, rows)
    does = Operations(database, own)
    reads, writes, limit_s = Effect.READS, Effect.WRITES, own.time_limit_s
    tools = (
        Tool("frontdesk_db.free_times", reads, Wanted, FreeTimes, does.free_times, limit_s, "Times that are free."),
        Tool("frontdesk_db.visit", reads, Phone, Visit, does.visit, limit_s, "Somebody's next visit."),
        Tool("frontdesk_db.book", writes, Booking, Booked, does.book, limit_s, "Books a visit, once."),
        Tool("frontdesk_db.move", writes, Move, Changed, does.move, limit_s, "Moves somebody's next visit."),
        Tool("frontdesk_db.cancel", writes, Phone, Changed, does.cancel, limit_s, "Cancels somebody's next visit."),
    )
    return Integration("frontdesk_db", tools, open=database.open, close=database.close, health=database.health)
