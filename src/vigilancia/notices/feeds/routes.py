"""Routes of calendar feeds; the address of a feed itself is in `pages`."""

from uuid import UUID

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody

from vigilancia.core.http import ApiRequest, answer, create_once, expected_version
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Work
from vigilancia.notices.feeds import queries, service
from vigilancia.notices.feeds.schemas import CalendarFeed, CalendarFeedIn, IssuedCalendarFeed


class CalendarFeedController(Controller):
    """Feeds that calendar programs subscribe to."""

    path = "/calendar-feeds"
    tags = ("Calendar feeds",)

    @get(
        operation_id="ListCalendarFeeds",
        summary="List calendar feeds",
        scope="notices:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def list_all(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        complaint_id: FromQuery[str | None] = None,
        organization_id: FromQuery[str | None] = None,
        contact_id: FromQuery[str | None] = None,
        revoked: FromQuery[bool | None] = None,
    ) -> Page[CalendarFeed]:
        """List the feeds of your organisation, revoked ones too, without their addresses.

        Sort by `id` (default, the order of making), `created_at`.
        """
        wanted = queries.FeedFilter(
            complaint_id=complaint_id, organization_id=organization_id, contact_id=contact_id, revoked=revoked
        )
        return await queries.find(work, listing, wanted)

    @post(operation_id="MakeCalendarFeed", summary="Make a calendar feed", scope="feeds:write", status_code=201)
    async def make(
        self, request: ApiRequest, work: NamedDependency[Work], data: JSONBody[CalendarFeedIn]
    ) -> Response[IssuedCalendarFeed]:
        """Make a feed of one case, of your organisation, or of one of its contacts; its address is in `url`, this once.

        Whoever has the address reads the feed. A repetition under the same `Idempotency-Key` answers the same feed with
        `url` null, because the address is kept nowhere: revoke it and make another if the first answer was lost. Wants
        `complaints:read` too.
        """
        made: dict[UUID, str] = {}

        async def make() -> UUID:
            feed_id, url = await service.make(work, data)
            made[feed_id] = url
            return feed_id

        return await create_once(
            request, work, make, lambda feed_id: queries.read_issued(work, feed_id, made.get(feed_id))
        )

    @get("/{feed_id:uuid}", operation_id="GetCalendarFeed", summary="Read what a feed is about", scope="notices:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], feed_id: FromPath[UUID]
    ) -> Response[CalendarFeed]:
        """Read one feed of your organisation, without its address."""
        return answer(request, await queries.read(work, feed_id))

    @delete(
        "/{feed_id:uuid}",
        operation_id="RevokeCalendarFeed",
        summary="Revoke a calendar feed",
        scope="feeds:write",
        status_code=204,
    )
    async def revoke(self, request: ApiRequest, work: NamedDependency[Work], feed_id: FromPath[UUID]) -> None:
        """End a feed: its address is not found from now on. Programs keep what they read, until they read again."""
        await service.revoke(work, feed_id, expected_version(request))


controllers: list[type[Controller]] = [CalendarFeedController]
