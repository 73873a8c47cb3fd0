"""Addresses of proceedings, events and a facility's history; deadlines and mechanisms are in `routes_deadlines`."""

from uuid import UUID

from litestar import Controller, Response, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from vigilancia.core.http import ApiRequest, answer, answer_by_content, answer_created, create_once, expected_version
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Work
from vigilancia.proceedings import answers, queries, service
from vigilancia.proceedings.calendars.routes import CalendarController
from vigilancia.proceedings.changes.routes import OverrideController, SuspensionController
from vigilancia.proceedings.clock.routes import ClockController
from vigilancia.proceedings.facilities import history
from vigilancia.proceedings.facilities.routes import FacilityLawController
from vigilancia.proceedings.proposals.routes import ProposalController
from vigilancia.proceedings.routes_deadlines import DeadlineController, MechanismController
from vigilancia.proceedings.schemas import (
    Event,
    EventIn,
    EventPatch,
    EventRecorded,
    EventRevision,
    HistoryEntry,
    Proceeding,
    ProceedingIn,
    Withdrawal,
)
from vigilancia.proceedings.tasks.routes import ComplaintTaskController, TaskController


class ComplaintProceedingController(Controller):
    """Procedures opened for a complaint."""

    path = "/complaints/{complaint_id:uuid}/proceedings"
    tags = ("Proceedings",)

    @post(operation_id="OpenProceeding", summary="Open a procedure", scope="complaints:write", status_code=201)
    async def open(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        data: JSONBody[ProceedingIn],
    ) -> Response[Proceeding]:
        """Open a procedure under one mechanism; several may run side by side on one complaint.

        Where the case alleges what sets another clock going, as a dismissal does, the answer proposes that mechanism
        too (`suggestions`) and warns (`parallel_clock_running`).
        """
        return await create_once(
            request,
            work,
            lambda: service.open_proceeding(work, complaint_id, data),
            lambda made: queries.read(work, made),
        )

    @get(
        operation_id="ListProceedings",
        summary="List the procedures of a complaint",
        scope="complaints:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def listed(
        self, work: NamedDependency[Work], listing: NamedDependency[Listing], complaint_id: FromPath[UUID]
    ) -> Page[Proceeding]:
        """List the procedures of a complaint, each with its state."""
        return await queries.of_complaint(work, complaint_id, listing)


class ProceedingController(Controller):
    """One procedure: where it stands, and what happened in it."""

    path = "/proceedings/{proceeding_id:uuid}"
    tags = ("Proceedings",)

    @get(operation_id="GetProceeding", summary="Read a procedure", scope="complaints:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], proceeding_id: FromPath[UUID]
    ) -> Response[Proceeding]:
        """Read where a procedure stands, what usually comes next, and what is odd about it."""
        return answer_by_content(request, await queries.read(work, proceeding_id))

    @post("/events", operation_id="RecordEvent", summary="Record an event", scope="complaints:write", status_code=201)
    async def record(
        self, request: ApiRequest, work: NamedDependency[Work], proceeding_id: FromPath[UUID], data: JSONBody[EventIn]
    ) -> Response[EventRecorded]:
        """Record what happened; the answer says what is odd, and which deadlines it made, moved, met or ended."""
        return await create_once(
            request,
            work,
            lambda: service.record_event(work, proceeding_id, data),
            lambda made: answers.recorded(work, made, version=1),
        )

    @get(
        "/events",
        operation_id="ListEvents",
        summary="List the events of a procedure",
        scope="complaints:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def events(
        self, work: NamedDependency[Work], listing: NamedDependency[Listing], proceeding_id: FromPath[UUID]
    ) -> Page[Event]:
        """List the events by day."""
        return await queries.events(work, proceeding_id, listing)

    @get("/events/{event_id:uuid}", operation_id="GetEvent", summary="Read an event", scope="complaints:read")
    async def event(
        self, request: ApiRequest, work: NamedDependency[Work], proceeding_id: FromPath[UUID], event_id: FromPath[UUID]
    ) -> Response[Event]:
        """Read one event."""
        view, _ = await queries.view_of(work, proceeding_id)
        event = await queries.event(work, proceeding_id, event_id)
        return answer(request, event, variant=f"{view}-{work.locale}", varies=True)

    @patch("/events/{event_id:uuid}", operation_id="CorrectEvent", summary="Correct an event", scope="complaints:write")
    async def correct(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        proceeding_id: FromPath[UUID],
        event_id: FromPath[UUID],
        data: JSONBody[EventPatch],
    ) -> Response[EventRecorded]:
        """Correct what an event says, with the reason; deadlines follow, and what it said before is kept."""
        version = expected_version(request)
        return answer(
            request,
            await answers.recorded(work, await service.correct_event(work, proceeding_id, event_id, data, version)),
            varies=True,
        )

    @post(
        "/events/{event_id:uuid}/withdraw",
        operation_id="WithdrawEvent",
        summary="Take an event back",
        scope="complaints:write",
        status_code=200,
    )
    async def withdraw(
        self,
        work: NamedDependency[Work],
        proceeding_id: FromPath[UUID],
        event_id: FromPath[UUID],
        data: JSONBody[Withdrawal],
    ) -> Response[EventRecorded]:
        """Take an event back, with the reason; deadlines that followed from it alone become void."""
        done = await service.withdraw_event(work, proceeding_id, event_id, data)
        return answer_created(await answers.recorded(work, done), status_code=200)

    @get(
        "/events/{event_id:uuid}/revisions",
        operation_id="ListEventRevisions",
        summary="List what an event said before",
        scope="complaints:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def revisions(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        proceeding_id: FromPath[UUID],
        event_id: FromPath[UUID],
    ) -> Page[EventRevision]:
        """List the earlier states of an event, the newest first."""
        return await queries.event_revisions(work, proceeding_id, event_id, listing)


class FacilityHistoryController(Controller):
    """What happened at a facility."""

    path = "/facilities/{facility_id:uuid}/history"
    tags = ("Facilities",)

    @get(
        operation_id="GetFacilityHistory",
        summary="Read a facility's history",
        scope="complaints:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def history(
        self, work: NamedDependency[Work], listing: NamedDependency[Listing], facility_id: FromPath[UUID]
    ) -> Page[HistoryEntry]:
        """List all cases of a facility and the events of all their procedures, under every mechanism, by day."""
        return await history.of_facility(work, facility_id, listing)


controllers: list[type[Controller]] = [
    ComplaintProceedingController,
    ProceedingController,
    FacilityHistoryController,
    ClockController,
    FacilityLawController,
    SuspensionController,
    DeadlineController,
    OverrideController,
    MechanismController,
    CalendarController,
    ProposalController,
    ComplaintTaskController,
    TaskController,
]
