"""Addresses of calendars and of the closures an installation adds to them."""

from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from vigilancia.core.http import ApiRequest, answer, answer_by_content, create_once
from vigilancia.core.paging import DEFAULT_LIMIT, Cursor, Limit, Listing, Page, provide_wordless_listing, slice_page
from vigilancia.core.work import Work
from vigilancia.proceedings.calendars import closures as service
from vigilancia.proceedings.calendars import queries as calendars
from vigilancia.proceedings.calendars.schemas import (
    CalendarSummary,
    CalendarWhole,
    Closure,
    ClosureIn,
    ClosureWithdrawal,
)


class CalendarController(Controller):
    """Days off: as published with the rules, and as declared since."""

    path = "/calendars"
    tags = ("Calendars",)

    @get(operation_id="ListCalendars", summary="List the calendars", scope="complaints:read")
    async def listed(
        self, work: NamedDependency[Work], cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
    ) -> Page[CalendarSummary]:
        """List the calendars that the rules count on, by id."""
        return slice_page(await calendars.listed(work), cursor, limit, key=lambda calendar: calendar.id)

    @get("/{calendar_id:str}", operation_id="GetCalendar", summary="Read a calendar", scope="complaints:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], calendar_id: FromPath[str]
    ) -> Response[CalendarWhole]:
        """Read every day off as published, its sources, and the closures that this installation has added."""
        return answer_by_content(request, await calendars.read(work, calendar_id))

    @get(
        "/{calendar_id:str}/closures",
        operation_id="ListClosures",
        summary="List the closures of a calendar",
        scope="complaints:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def closures(
        self, work: NamedDependency[Work], listing: NamedDependency[Listing], calendar_id: FromPath[str]
    ) -> Page[Closure]:
        """List the closures by day, those taken back too."""
        return await calendars.closures(work, calendar_id, listing)

    @post(
        "/{calendar_id:str}/closures",
        operation_id="RecordClosure",
        summary="Record a closure",
        scope="calendars:write",
        status_code=201,
    )
    async def record(
        self, request: ApiRequest, work: NamedDependency[Work], calendar_id: FromPath[str], data: JSONBody[ClosureIn]
    ) -> Response[Closure]:
        """Record days off that were declared since, with their source; open proceedings get proposals."""
        return await create_once(
            request,
            work,
            lambda: service.record(work, calendar_id, data),
            lambda made: calendars.closure(work, calendar_id, made),
        )

    @get(
        "/{calendar_id:str}/closures/{closure_id:uuid}",
        operation_id="GetClosure",
        summary="Read a closure",
        scope="complaints:read",
    )
    async def closure(
        self, request: ApiRequest, work: NamedDependency[Work], calendar_id: FromPath[str], closure_id: FromPath[UUID]
    ) -> Response[Closure]:
        """Read one closure."""
        return answer(request, await calendars.closure(work, calendar_id, closure_id), variant=work.locale, varies=True)

    @post(
        "/{calendar_id:str}/closures/{closure_id:uuid}/withdraw",
        operation_id="WithdrawClosure",
        summary="Take a closure back",
        scope="calendars:write",
        status_code=200,
    )
    async def withdraw(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        calendar_id: FromPath[str],
        closure_id: FromPath[UUID],
        data: JSONBody[ClosureWithdrawal],
    ) -> Response[Closure]:
        """Take a closure back, with the reason; open proceedings that count it get proposals."""
        await service.withdraw(work, calendar_id, closure_id, data)
        return answer(request, await calendars.closure(work, calendar_id, closure_id), variant=work.locale, varies=True)
