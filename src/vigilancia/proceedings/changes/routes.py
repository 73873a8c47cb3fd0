"""Addresses of what stops a clock, and of what takes the place of a computed day."""

from uuid import UUID

from litestar import Controller, Response, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from vigilancia.core.http import ApiRequest, answer, answer_by_content, answer_created, create_once, expected_version
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Work
from vigilancia.proceedings import queries
from vigilancia.proceedings.changes import overrides, suspensions
from vigilancia.proceedings.changes.schemas import (
    DeadlineOverride,
    DeadlineOverrideIn,
    Suspension,
    SuspensionIn,
    SuspensionPatch,
)
from vigilancia.proceedings.schemas import Withdrawal


class SuspensionController(Controller):
    """Days on which time does not run."""

    path = "/proceedings/{proceeding_id:uuid}/suspensions"
    tags = ("Proceedings",)

    @post(operation_id="RecordSuspension", summary="Stop the clock", scope="complaints:write", status_code=201)
    async def record(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        proceeding_id: FromPath[UUID],
        data: JSONBody[SuspensionIn],
    ) -> Response[Suspension]:
        """Record days on which time did not run, with the legal basis; the deadlines they touch move.

        While one goes on without an end, the deadlines it stops are void with the reason `suspended`; they come back
        when its last day is recorded.
        """
        return await create_once(
            request,
            work,
            lambda: suspensions.record(work, proceeding_id, data),
            lambda made: suspensions.read(work, proceeding_id, made),
        )

    @get(
        operation_id="ListSuspensions",
        summary="List the suspensions of a procedure",
        scope="complaints:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def listed(
        self, work: NamedDependency[Work], listing: NamedDependency[Listing], proceeding_id: FromPath[UUID]
    ) -> Page[Suspension]:
        """List the suspensions by their first day."""
        return await suspensions.listed(work, proceeding_id, listing)

    @get("/{suspension_id:uuid}", operation_id="GetSuspension", summary="Read a suspension", scope="complaints:read")
    async def read(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        proceeding_id: FromPath[UUID],
        suspension_id: FromPath[UUID],
    ) -> Response[Suspension]:
        """Read one suspension."""
        view, _ = await queries.view_of(work, proceeding_id)
        suspension = await suspensions.read(work, proceeding_id, suspension_id)
        return answer(request, suspension, variant=f"{view}-{work.locale}", varies=True)

    @patch(
        "/{suspension_id:uuid}",
        operation_id="CorrectSuspension",
        summary="Correct a suspension",
        scope="complaints:write",
    )
    async def correct(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        proceeding_id: FromPath[UUID],
        suspension_id: FromPath[UUID],
        data: JSONBody[SuspensionPatch],
    ) -> Response[Suspension]:
        """Correct what a suspension says, such as the day it ended, with the reason; the deadlines follow."""
        version = expected_version(request)
        await suspensions.correct(work, proceeding_id, suspension_id, data, version)
        return answer(request, await suspensions.read(work, proceeding_id, suspension_id), varies=True)

    @post(
        "/{suspension_id:uuid}/withdraw",
        operation_id="WithdrawSuspension",
        summary="Take a suspension back",
        scope="complaints:write",
        status_code=200,
    )
    async def withdraw(
        self,
        work: NamedDependency[Work],
        proceeding_id: FromPath[UUID],
        suspension_id: FromPath[UUID],
        data: JSONBody[Withdrawal],
    ) -> Response[Suspension]:
        """Take a suspension back, with the reason: time runs as if it had never been recorded."""
        await suspensions.withdraw(work, proceeding_id, suspension_id, data)
        return answer_created(await suspensions.read(work, proceeding_id, suspension_id), status_code=200)


class OverrideController(Controller):
    """A day set by somebody with authority in place of the computed one."""

    path = "/deadlines/{deadline_id:uuid}"
    tags = ("Deadlines",)

    @post("/override", operation_id="OverrideDeadline", summary="Set another day", scope="complaints:write")
    async def set_day(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        deadline_id: FromPath[UUID],
        data: JSONBody[DeadlineOverrideIn],
    ) -> Response[DeadlineOverride]:
        """Set another day for a deadline, with who has the authority and why; the computed day stays readable."""
        return await create_once(
            request,
            work,
            lambda: overrides.set_day(work, deadline_id, data),
            lambda made: overrides.one(work, made),
        )

    @get("/override", operation_id="GetOverride", summary="Read the day that was set", scope="complaints:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], deadline_id: FromPath[UUID]
    ) -> Response[DeadlineOverride]:
        """Read the day that stands set for a deadline; 404 where the computed day holds."""
        return answer_by_content(request, await overrides.read(work, deadline_id))

    @post(
        "/override/withdraw",
        operation_id="WithdrawOverride",
        summary="Take the day back",
        scope="complaints:write",
        status_code=200,
    )
    async def withdraw(
        self, work: NamedDependency[Work], deadline_id: FromPath[UUID], data: JSONBody[Withdrawal]
    ) -> Response[DeadlineOverride]:
        """Take the day that was set back, with the reason; the computed day holds again."""
        done = await overrides.withdraw(work, deadline_id, data)
        return answer_created(await overrides.one(work, done), status_code=200)

    @get(
        "/overrides",
        operation_id="ListOverrides",
        summary="List every day that was set",
        scope="complaints:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def listed(
        self, work: NamedDependency[Work], listing: NamedDependency[Listing], deadline_id: FromPath[UUID]
    ) -> Page[DeadlineOverride]:
        """List the days that were ever set for a deadline, the newest first."""
        return await overrides.listed(work, deadline_id, listing)
