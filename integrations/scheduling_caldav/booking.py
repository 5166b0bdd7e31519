"""A booking, as an event in a calendar (RFC 5545): made and read, as a pair."""

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, tzinfo

import icalendar

_NAMESPACE = uuid.UUID("6f9a3f0e-8f0e-5c0c-9d5e-4b7d1a3f2c11")
_PHONE, _KEY = "X-VOICEGW-PHONE", "X-VOICEGW-KEY"
PRODUCT = "-//voicegw//scheduling_caldav//EN"


@dataclass(frozen=True)
class Booking:
    """One appointment that we made."""

    uid: str
    begin: datetime
    """With its time zone."""
    end: datetime
    title: str
    phone: str = ""
    note: str = ""
    status: str = "CONFIRMED"
    """``TENTATIVE`` while we still look whether somebody else took the time; ``CANCELLED``."""
    key: str = ""
    """Of the write that last changed it."""
    written: datetime | None = None
    """When; None: not yet."""

    @property
    def number(self) -> str:
        """Six digits that a caller can write down."""
        return number_of(self.uid)

    def changed(self, **values: object) -> "Booking":
        """With other values."""
        return replace(self, **values)  # type: ignore[arg-type]


def uid_for(key: str) -> str:
    """The same for the same request, so that a second try finds the first."""
    return str(uuid.uuid5(_NAMESPACE, key))


def number_of(uid: str) -> str:
    """Booking number of an event's UID."""
    return f"{uuid.UUID(uid).int % 1_000_000:06d}"


def dump(booking: Booking) -> str:
    """As text for the server."""
    event = icalendar.Event()
    event.add("uid", booking.uid)
    event.add("dtstart", booking.begin.astimezone(UTC))
    event.add("dtend", booking.end.astimezone(UTC))
    event.add("summary", booking.title)
    event.add("status", booking.status)
    event.add("transp", "TRANSPARENT" if booking.status == "CANCELLED" else "OPAQUE")
    event.add("dtstamp", booking.written)
    event.add("last-modified", booking.written)
    event.add(_PHONE, booking.phone)
    event.add(_KEY, booking.key)
    description = [f"Booking {booking.number}", booking.phone and f"Phone {booking.phone}", booking.note]
    event.add("description", "\n".join(line for line in description if line))
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return calendar.to_ical().decode()


def load(text: str) -> Booking | None:
    """From the server's text; None: the event is somebody else's."""
    return next((booking for event in icalendar.Calendar.from_ical(text).events if (booking := of(event))), None)


def of(event: icalendar.Event) -> Booking | None:
    """The booking that an event is; None: it is somebody else's."""
    if _KEY not in event:
        return None
    begin, end = span(event)
    note = str(event.get("description", "")).partition("\n")[2]
    return Booking(
        uid=str(event["uid"]),
        begin=begin,
        end=end,
        title=str(event.get("summary", "")),
        phone=str(event.get(_PHONE, "")),
        note=note.partition("\n")[2] if note.startswith("Phone ") else note,
        status=str(event.get("status", "CONFIRMED")),
        key=str(event.get(_KEY)),
        written=event.DTSTAMP,
    )


def span(event: icalendar.Event, zone: tzinfo = UTC) -> tuple[datetime, datetime]:
    """Begin and end of any event; whole days, and times without a zone, are those of ``zone``."""
    return _moment(event.start, zone), _moment(event.end, zone)


def _moment(value: date, zone: tzinfo) -> datetime:
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return value if value.tzinfo else value.replace(tzinfo=zone)
