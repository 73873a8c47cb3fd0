"""Routes of tasks."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter

from vigilancia.core.http import ApiRequest, answer, create_once, expected_version
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Work
from vigilancia.proceedings.tasks import offers, queries, service
from vigilancia.proceedings.tasks.schemas import Task, TaskFilters, TaskIn, TaskOffers, TaskPatch

_Filter = Annotated[str | None, QueryParameter(description="One value, or several with commas.", max_length=2000)]
_State = Annotated[
    str | None, QueryParameter(name="state", description="One value, or several with commas.", max_length=2000)
]
_Day = Annotated[date | None, QueryParameter(description="YYYY-MM-DD; that day itself is left out.")]


async def provide_filters(
    of_state: _State = None, contact_id: _Filter = None, due_on_before: _Day = None, due_on_after: _Day = None
) -> TaskFilters:
    """Gather what a list of tasks may be narrowed by."""
    return TaskFilters(state=of_state, contact_id=contact_id, due_on_before=due_on_before, due_on_after=due_on_after)


_LISTED = {"listing": Provide(provide_wordless_listing), "filters": Provide(provide_filters)}


class ComplaintTaskController(Controller):
    """What people have to do themselves in a case."""

    path = "/complaints/{complaint_id:uuid}/tasks"
    tags = ("Tasks",)

    @get(
        operation_id="ListTasks", summary="List the tasks of a complaint", scope="complaints:read", dependencies=_LISTED
    )
    async def list_all(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        filters: NamedDependency[TaskFilters],
        complaint_id: FromPath[UUID],
    ) -> Page[Task]:
        """List what the organisations in a case have to do themselves, for those who read the case in full.

        Sort by `due_on` (default), `id`, `created_at`, `updated_at`.
        """
        return await queries.of_complaint(work, complaint_id, listing, filters)

    @post(operation_id="RecordTask", summary="Record a task", scope="complaints:write", status_code=201)
    async def record(
        self, request: ApiRequest, work: NamedDependency[Work], complaint_id: FromPath[UUID], data: JSONBody[TaskIn]
    ) -> Response[Task]:
        """Record something your organisation has to do until a day; it climbs a ladder as deadlines do.

        Messages about it tell the words of its code and the day, never its title. They go to your organisation alone.
        """
        return await create_once(
            request,
            work,
            lambda: service.record(work, complaint_id, data),
            lambda made: queries.read(work, complaint_id, made),
        )

    @get("/offers", operation_id="OfferTasks", summary="Ask what there is to do", scope="complaints:write")
    async def offer(self, work: NamedDependency[Work], complaint_id: FromPath[UUID]) -> TaskOffers:
        """Return tasks that fit where the procedures of a case stand, each with a day and the reason.

        Your organisation takes one by recording it with the same code, and deadline or procedure; then it is no longer
        offered. For those who may record in the case.
        """
        return await offers.offered(work, complaint_id)

    @get("/{task_id:uuid}", operation_id="GetTask", summary="Read a task", scope="complaints:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], complaint_id: FromPath[UUID], task_id: FromPath[UUID]
    ) -> Response[Task]:
        """Read one task."""
        return answer(request, await queries.read(work, complaint_id, task_id), variant=work.locale, varies=True)

    @patch("/{task_id:uuid}", operation_id="ChangeTask", summary="Change a task", scope="complaints:write")
    async def change(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        task_id: FromPath[UUID],
        data: JSONBody[TaskPatch],
    ) -> Response[Task]:
        """Change the fields you name of an open task of your organisation; another day is told anew."""
        await service.change(work, complaint_id, task_id, data, expected_version(request))
        return answer(request, await queries.read(work, complaint_id, task_id), variant=work.locale, varies=True)

    @post(
        "/{task_id:uuid}/done",
        operation_id="FinishTask",
        summary="Say that a task is done",
        scope="complaints:write",
        status_code=200,
    )
    async def finish(
        self, request: ApiRequest, work: NamedDependency[Work], complaint_id: FromPath[UUID], task_id: FromPath[UUID]
    ) -> Response[Task]:
        """Say that a task of your organisation is done; its reminders cease."""
        return await create_once(
            request,
            work,
            lambda: service.finish(work, complaint_id, task_id),
            lambda made: queries.read(work, complaint_id, made),
            status_code=200,
        )

    @post(
        "/{task_id:uuid}/cancel",
        operation_id="CancelTask",
        summary="Cancel a task",
        scope="complaints:write",
        status_code=200,
    )
    async def cancel(
        self, request: ApiRequest, work: NamedDependency[Work], complaint_id: FromPath[UUID], task_id: FromPath[UUID]
    ) -> Response[Task]:
        """Say that a task of your organisation need not be done; its reminders cease."""
        return await create_once(
            request,
            work,
            lambda: service.cancel(work, complaint_id, task_id),
            lambda made: queries.read(work, complaint_id, made),
            status_code=200,
        )

    @post(
        "/{task_id:uuid}/reopen",
        operation_id="ReopenTask",
        summary="Open a task again",
        scope="complaints:write",
        status_code=200,
    )
    async def reopen(
        self, request: ApiRequest, work: NamedDependency[Work], complaint_id: FromPath[UUID], task_id: FromPath[UUID]
    ) -> Response[Task]:
        """Open a task again that was done or cancelled; its reminders speak again."""
        return await create_once(
            request,
            work,
            lambda: service.reopen(work, complaint_id, task_id),
            lambda made: queries.read(work, complaint_id, made),
            status_code=200,
        )


class TaskController(Controller):
    """What your organisation has to do, in all its cases."""

    path = "/tasks"
    tags = ("Tasks",)

    @get(
        operation_id="ListOwnTasks",
        summary="List your organisation's tasks",
        scope="complaints:read",
        dependencies=_LISTED,
    )
    async def list_own(
        self, work: NamedDependency[Work], listing: NamedDependency[Listing], filters: NamedDependency[TaskFilters]
    ) -> Page[Task]:
        """List the tasks of your organisation across all cases it reads, the next due first.

        Sort by `due_on` (default), `id`, `created_at`, `updated_at`.
        """
        return await queries.own(work, listing, filters)


controllers: list[type[Controller]] = [ComplaintTaskController, TaskController]
