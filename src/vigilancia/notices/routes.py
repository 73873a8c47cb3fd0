"""Routes of the ledger."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter

from vigilancia.core.http import ApiRequest, answer_by_content, create_once
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Work
from vigilancia.notices import queries, resending
from vigilancia.notices.schemas import Notice, WebhookSecret

_Filter = Annotated[str | None, QueryParameter(description="One value, or several with commas.", max_length=2000)]

_Instant = Annotated[str | None, QueryParameter(description="An instant, such as 2026-03-02T15:00:00Z.", max_length=40)]


async def provide_filters(  # noqa: PLR0913, PLR0917 - one for each parameter
    complaint_id: _Filter = None,
    deadline_id: _Filter = None,
    kind: _Filter = None,
    status: _Filter = None,
    channel: _Filter = None,
    organization_id: _Filter = None,
    contact_id: _Filter = None,
    rung: _Filter = None,
    subject_id: _Filter = None,
    planned_at_before: _Instant = None,
    planned_at_after: _Instant = None,
) -> dict[str, str | None]:
    """Gather what the ledger may be narrowed by."""
    return {
        "complaint_id": complaint_id,
        "deadline_id": deadline_id,
        "kind": kind,
        "status": status,
        "channel": channel,
        "organization_id": organization_id,
        "contact_id": contact_id,
        "rung": rung,
        "subject_id": subject_id,
        "planned_at_before": planned_at_before,
        "planned_at_after": planned_at_after,
    }


class NoticeController(Controller):
    """Who was told what, when, and what became of it."""

    path = "/notices"
    tags = ("Notices",)

    @get(
        operation_id="ListNotices",
        summary="List notices",
        scope="notices:read",
        dependencies={"listing": Provide(provide_wordless_listing), "filters": Provide(provide_filters)},
    )
    async def list_all(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        filters: NamedDependency[dict[str, str | None]],
    ) -> Page[Notice]:
        """List the notices of your own cases, and those to your own organisation, newest first.

        Sort by `id` (the moment it was planned), `planned_at`, `due_at`, `updated_at`.
        """
        return await queries.find(work, listing, filters)

    @get("/{notice_id:uuid}", operation_id="GetNotice", summary="Read a notice", scope="notices:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], notice_id: FromPath[UUID]
    ) -> Response[Notice]:
        """Read a notice with every attempt to deliver it; addresses are masked."""
        return answer_by_content(request, await queries.read(work, notice_id))

    @post(
        "/{notice_id:uuid}/resend",
        operation_id="ResendNotice",
        summary="Send a notice again",
        scope="escalations:write",
        status_code=201,
    )
    async def resend(
        self, request: ApiRequest, work: NamedDependency[Work], notice_id: FromPath[UUID]
    ) -> Response[Notice]:
        """Send a notice that has ended once more, as a new one that names the old.

        409 where it has not ended, where the deadline is met, void or moved, where a newer rung has spoken, and where
        its recipient may no longer be told or has no way that can be used; the fault's code says which.
        """
        return await create_once(
            request, work, lambda: resending.resend(work, notice_id), lambda made: queries.read(work, made)
        )


class WebhookSecretController(Controller):
    """What a contact's own web address verifies our messages with."""

    path = "/contacts"
    tags = ("Contacts",)

    @post(
        "/{contact_id:uuid}/webhook-secret",
        operation_id="ShowWebhookSecret",
        summary="Show the secret of a contact's webhook",
        scope="registry:write",
        status_code=200,
    )
    async def show(self, work: NamedDependency[Work], contact_id: FromPath[UUID]) -> Response[WebhookSecret]:
        """Show, to the contact's keeper, the secret that messages to its webhook are signed with.

        It is the same every time until the installation changes its master keys; while it does, both the old secret
        and the new one verify. Messages follow Standard Webhooks.
        """
        secret = await queries.webhook_secret(work, contact_id)
        return Response(secret, headers={"Cache-Control": "no-store"})


controllers: list[type[Controller]] = [NoticeController, WebhookSecretController]
