"""The address calendar programs read: the secret in it is the only one asked for, and all that opens it.

Content is made at each reading. The address is logged nowhere: of a request the route is, never what stands in it.
"""

import asyncio
from dataclasses import replace

from litestar import Controller, Response, get
from litestar.params import FromPath

from vigilancia.core.http import ApiRequest, etag_known
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.notices.feeds import service, sources
from vigilancia.notices.feeds.writing import mark, write

_MEDIA = "text/calendar"  # the framework adds the charset, UTF-8
_HEADERS = {
    "Cache-Control": "private, max-age=0, must-revalidate",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Content-Disposition": 'inline; filename="vigilancia.ics"',
}


class CalendarPages(Controller):
    """Calendar feeds, as programs read them; no token but the address."""

    path = "/calendars"
    tags = ("Pages",)

    @get("/{token:str}", operation_id="ReadCalendarFeed", summary="Read a calendar feed", media_type=_MEDIA)
    async def read(self, request: ApiRequest, token: FromPath[str]) -> Response[bytes]:
        """Read the dates of a feed as they are now (iCalendar, RFC 5545); `token` ends in `.ics`.

        404 where the feed is unknown or revoked. What its organisation may no longer see is not in it.
        """
        desk: Desk = request.app.state.desk
        async with desk.work(SYSTEM) as work:
            feed = await service.recognise(work, token)
            entries = await sources.gather(replace(work, caller=feed.caller, locale=feed.locale), feed)
        headers = {**_HEADERS, "ETag": f'"{mark(feed, entries, desk.settings.base_url)}"'}
        if etag_known(request, headers["ETag"]):
            return Response(b"", status_code=304, headers=headers)
        # A long feed takes a good part of a second to write; others are answered meanwhile.
        written = await asyncio.to_thread(write, feed, entries, desk.settings.base_url)
        return Response(written, media_type=_MEDIA, headers=headers)


page_controllers: list[type[Controller]] = [CalendarPages]
