"""Routes of keeping and forgetting."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter

from vigilancia.core.http import ApiRequest, answer, create_once
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Work
from vigilancia.keeping import asking, due, holds, queries, retained
from vigilancia.keeping.schemas import (
    DueErasure,
    Erasure,
    ErasureIn,
    Hold,
    HoldIn,
    ReleaseIn,
    Retained,
    RetentionRules,
)

_LISTED = {"listing": Provide(provide_wordless_listing)}
_State = Annotated[
    str | None, QueryParameter(name="state", description="One value, or several with commas.", max_length=2000)
]


class CaseKeepingController(Controller):
    """How long a case is kept, and what keeps it longer or ends it."""

    path = "/complaints/{complaint_id:uuid}"
    tags = ("Keeping",)

    @get("/retention", operation_id="GetRetention", summary="Ask how long a case is kept", scope="complaints:read")
    async def retention(self, work: NamedDependency[Work], complaint_id: FromPath[UUID]) -> Retained:
        """Tell its owner's staff when a case would be erased, by which rule, and what it is counted from."""
        return await retained.read(work, complaint_id)

    @get(
        "/holds",
        operation_id="ListHolds",
        summary="List the holds on a case",
        scope="retention:write",
        dependencies=_LISTED,
    )
    async def list_holds(
        self, work: NamedDependency[Work], listing: NamedDependency[Listing], complaint_id: FromPath[UUID]
    ) -> Page[Hold]:
        """List what keeps a case from being erased, released holds too. Sort by `id` (default), `review_on`."""
        return await holds.list_page(work, complaint_id, listing)

    @post("/holds", operation_id="PlaceHold", summary="Hold a case", scope="retention:write", status_code=201)
    async def hold(
        self, request: ApiRequest, work: NamedDependency[Work], complaint_id: FromPath[UUID], data: JSONBody[HoldIn]
    ) -> Response[Hold]:
        """Keep a case from being erased, by rule or request, until the hold is released."""
        return await create_once(
            request,
            work,
            lambda: holds.place(work, complaint_id, data),
            lambda made: holds.read(work, complaint_id, made),
        )

    @post(
        "/holds/{hold_id:uuid}/release",
        operation_id="ReleaseHold",
        summary="Release a hold",
        scope="retention:write",
        status_code=200,
    )
    async def release(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        hold_id: FromPath[UUID],
        data: JSONBody[ReleaseIn],
    ) -> Response[Hold]:
        """Let the rules of retention count again; whoever answers for privacy is told."""
        return await create_once(
            request,
            work,
            lambda: holds.release(work, complaint_id, hold_id, data),
            lambda made: holds.read(work, complaint_id, made),
            status_code=200,
        )

    @post("/erasure", operation_id="EraseComplaint", summary="Erase a case", scope="retention:write", status_code=202)
    async def erase(
        self, request: ApiRequest, work: NamedDependency[Work], complaint_id: FromPath[UUID], data: JSONBody[ErasureIn]
    ) -> Response[Erasure]:
        """Erase a case for good, and those merged into it: rows, key, files, and with the key what backups hold sealed.

        `confirm` is the case's reference. A case that somebody holds is not erased (409, `held`). Follow the receipt
        until its `state` is `done`.
        """
        return await create_once(
            request,
            work,
            lambda: asking.ask(work, complaint_id, data),
            lambda made: queries.read(work, made),
            status_code=202,
        )


class RetentionController(Controller):
    """The rules of retention, and what they would erase."""

    path = "/retention"
    tags = ("Keeping",)

    @get("/rules", operation_id="GetRetentionRules", summary="Read the rules of retention", scope="complaints:read")
    async def rules(self, work: NamedDependency[Work]) -> RetentionRules:
        """Read how long what ended in which way is kept, and why."""
        return retained.rules(work)

    @get(
        "/due",
        operation_id="ListDueErasures",
        summary="List what would be erased now",
        scope="retention:write",
        dependencies=_LISTED,
    )
    async def list_due(self, work: NamedDependency[Work], listing: NamedDependency[Listing]) -> Page[DueErasure]:
        """List the cases of your organisation that the next run erases, each with the rule; by id, as the run does it.

        What somebody holds is not among them, nor what you were not warned of in time.
        """
        return await due.page(work, listing)


class ErasureController(Controller):
    """Receipts of erasures."""

    path = "/erasures"
    tags = ("Keeping",)

    @get(operation_id="ListErasures", summary="List erasures", scope="retention:write", dependencies=_LISTED)
    async def list_all(
        self, work: NamedDependency[Work], listing: NamedDependency[Listing], of_state: _State = None
    ) -> Page[Erasure]:
        """List the receipts of your organisation's erasures, the newest first. Sort by `id`."""
        return await queries.list_page(work, listing, state=of_state)

    @get("/{erasure_id:uuid}", operation_id="GetErasure", summary="Read a receipt of erasure", scope="retention:write")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], erasure_id: FromPath[UUID]
    ) -> Response[Erasure]:
        """Read what was erased, when, by whom or by which rule: figures and hashes, no word and no person."""
        return answer(request, await queries.read(work, erasure_id))


controllers: list[type[Controller]] = [CaseKeepingController, RetentionController, ErasureController]
