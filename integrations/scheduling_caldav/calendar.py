"""The calendar on its CalDAV server (RFC 4791)."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import icalendar
from caldav.aio import AsyncDAVClient, DAVResponse
from caldav.aio import Calendar as DavCalendar
from caldav.lib import error as caldav_error
from niquests.exceptions import ConnectionError as NoConnection
from niquests.exceptions import ConnectTimeout, RequestException

from voicegw.actions.requests import ToolBusy, ToolFailed, ToolUnreachable

from . import booking
from .booking import Booking
from .settings import SchedulingSettings
from .times import Busy

CONFIRMING_S = 600.0
"""A booking that is still tentative after so long was left behind by somebody who died; it holds no time."""


class Changed(Exception):
    """Somebody else was first: what is there is not what we read."""


@dataclass(frozen=True)
class Stored:
    """A booking with the version that the server has of it."""

    booking: Booking
    etag: str


class Calendar:
    """Belongs to one event loop. All methods raise ``ToolFailed``."""

    def __init__(self, settings: SchedulingSettings) -> None:
        self._settings = settings
        self._url = settings.url.rstrip("/") + "/"
        self._client: AsyncDAVClient | None = None

    async def busy(self, begin: datetime, end: datetime, now: datetime) -> list[Busy]:
        """What leaves no time free, in this calendar and the others."""
        urls = (self._url, *self._settings.also_busy)
        found = await asyncio.gather(*(self._events(url, begin, end) for url in urls))
        return [busy for events in found for event in events if (busy := self._busy(event, now))]

    async def bookings(self, begin: datetime, end: datetime, cancelled_by: str = "") -> list[Booking]:
        """Ours that are confirmed, and those that the request with this key cancelled."""
        found = [booking.of(event) for event in await self._events(self._url, begin, end)]
        return [each for each in found if each and _counts(each, cancelled_by)]

    async def get(self, uid: str) -> Stored | None:
        """One of ours."""
        answer = await self._request("GET", uid)
        if answer.status in (404, 410):
            return None
        found = booking.load(answer.raw)
        return Stored(found, _header(answer, "ETag")) if found else None

    async def put(self, new: Booking, over: Stored | None) -> Stored:
        """Write it, if what is there is what we read.

        :raises Changed: it is not.
        """
        condition = {"If-Match": over.etag} if over else {"If-None-Match": "*"}
        headers = {"Content-Type": "text/calendar; charset=utf-8", **condition}
        answer = await self._request("PUT", new.uid, booking.dump(new), headers)
        if answer.status in (409, 412):
            raise Changed
        # RFC 4791 §5.3.4: without an ETag the server may have changed what it stores.
        etag = _header(answer, "ETag")
        stored = Stored(new, etag) if etag else await self.get(new.uid)
        if stored is None:
            raise Changed
        return stored

    async def delete(self, stored: Stored) -> None:
        """Take it away, if it still is what we read; else leave it."""
        await self._request("DELETE", stored.booking.uid, "", {"If-Match": stored.etag})

    async def close(self) -> None:
        """Close all connections."""
        if self._client:
            await self._client.close()
            self._client = None

    async def health(self) -> str:
        """Empty when well, else what is wrong and what to do."""
        try:
            answer = await self._send("PROPFIND", self._url, _WHAT_IS_IT, {"Depth": "0"})
        except ToolFailed as error:
            return f"{error} (settings integration.scheduling_caldav.url, username, password)"
        if answer.status != 207:
            return f"{self._url} answers HTTP {answer.status}: mend integration.scheduling_caldav.url"
        if "calendar" not in answer.raw.lower().replace("caldav", ""):
            return f"{self._url} is no calendar: give the calendar's own address as integration.scheduling_caldav.url"
        return ""

    def _busy(self, event: icalendar.Event, now: datetime) -> Busy | None:
        status = str(event.get("status", ""))
        if status == "CANCELLED" or str(event.get("transp", "")) == "TRANSPARENT":
            return None
        ours = booking.of(event)
        tentative = ours is not None and status == "TENTATIVE"
        if tentative and ours and ours.written and (now - ours.written).total_seconds() > CONFIRMING_S:
            return None
        return Busy(*booking.span(event, self._settings.tz), str(event.get("uid", "")), tentative)

    async def _events(self, url: str, begin: datetime, end: datetime) -> list[icalendar.Event]:
        """All that touch this time; of recurring ones each that does."""
        try:
            client: Any = self._open()  # typed as the blocking one; what it returns is to be awaited
            searching: Any = DavCalendar(client=client, url=url).search(event=True, start=begin, end=end, expand=True)
            found = await searching
        except (caldav_error.DAVError, RequestException) as failure:
            raise _told(failure, url) from failure
        return [event for each in found for event in each.icalendar_instance.walk("VEVENT")]

    async def _request(
        self, method: str, uid: str, body: str = "", headers: dict[str, str] | None = None
    ) -> DAVResponse:
        answer = await self._send(method, f"{self._url}{uid}.ics", body, headers)
        if answer.status >= 500:
            raise ToolFailed(f"{self._url} answers HTTP {answer.status}", retryable=True)
        if answer.status >= 400 and answer.status not in (404, 409, 410, 412):
            raise ToolFailed(f"{self._url} answers HTTP {answer.status} to {method}")
        return answer

    async def _send(self, method: str, url: str, body: str, headers: dict[str, str] | None) -> DAVResponse:
        try:
            return await self._open().request(url, method, body, headers)
        except (caldav_error.DAVError, RequestException) as failure:
            raise _told(failure, self._url) from failure

    def _open(self) -> AsyncDAVClient:
        if self._client is None:
            own = self._settings
            password = own.password.get_secret_value()
            self._client = AsyncDAVClient(
                self._url,
                username=own.username or None,
                password=password or None,
                auth_type="basic" if own.username else None,
                timeout=int(own.time_limit_s) + 1,
                enable_rfc6764=False,
            )
        return self._client


_WHAT_IS_IT = '<?xml version="1.0"?><propfind xmlns="DAV:"><prop><resourcetype/></prop></propfind>'


def _counts(booking: Booking, cancelled_by: str) -> bool:
    return booking.status == "CONFIRMED" or (booking.status == "CANCELLED" and booking.key == cancelled_by)


def _header(answer: DAVResponse, name: str) -> str:
    return str(answer.headers.get(name, "") or "")


def _told(failure: Exception, url: str) -> ToolFailed:
    match failure:
        case caldav_error.RateLimitError():
            return ToolBusy(f"{url}: {failure}")
        case caldav_error.AuthorizationError():
            return ToolFailed(f"{url} does not let us in: user name or password are wrong")
        case ConnectTimeout() | NoConnection():
            return ToolUnreachable(f"{url} cannot be reached: {failure}")
        case RequestException():
            return ToolFailed(f"{url}: {failure}", retryable=True)
    return ToolFailed(f"{url}: {failure}", retryable=True)
