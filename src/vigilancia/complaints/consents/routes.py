"""Routes of consent: the texts in which it is asked, the answers of a case, and who already has what of it."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter

from vigilancia.complaints.consents import queries, scripts, service, sharing
from vigilancia.complaints.consents.schemas import (
    Consent,
    ConsentIn,
    Sharing,
    WithdrawConsentIn,
    WithdrawnConsent,
)
from vigilancia.complaints.consents.scripts import ConsentText
from vigilancia.core.http import ApiRequest, answer, create_once
from vigilancia.core.paging import DEFAULT_LIMIT, Cursor, Limit, Listing, Page, provide_wordless_listing, slice_page
from vigilancia.core.work import Work

_Purpose = Annotated[str | None, QueryParameter(description="One value, or several with commas.", max_length=200)]


class ConsentTextController(Controller):
    """The words in which consent is asked, in Spanish, English and French."""

    path = "/consent-texts"
    tags = ("Consent",)

    @get(
        operation_id="ListConsentTexts",
        summary="List the texts of consent",
        scope="complaints:read",
        sync_to_thread=False,
    )
    def list_all(self, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> Page[ConsentText]:
        """List the texts with all their versions; use the last one, and say which was read.

        `{receiver}` stands where the receiver's name is said. They are a beginning: have them read by people who know
        your law and your workers.
        """
        return slice_page(list(scripts.load().values()), cursor, limit, key=lambda one: one.id)


class ConsentController(Controller):
    """What the workers of a case agreed to."""

    path = "/complaints/{complaint_id:uuid}/consents"
    tags = ("Consent",)

    @get(
        operation_id="ListConsents",
        summary="List the answers about consent",
        scope="complaints:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def list_all(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        complaint_id: FromPath[UUID],
        purpose: _Purpose = None,
    ) -> Page[Consent]:
        """List the answers of a case: whole for who records in it, purposes and states for who reads it.

        Sort by `id` (default, the order of recording) or `given_on`.
        """
        return await queries.list_page(work, complaint_id, listing, purpose=purpose)

    @post(operation_id="RecordConsent", summary="Record an answer about consent", scope="consents:write")
    async def record(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        data: JSONBody[ConsentIn],
    ) -> Response[Consent]:
        """Record what somebody answered, in which words and how. An answer is never edited: record the next one.

        A refusal ends at once what rested on an earlier consent, as a withdrawal does.
        """
        return await create_once(
            request,
            work,
            lambda: service.record(work, complaint_id, data),
            lambda made: queries.read(work, complaint_id, made),
        )

    @get(
        "/{consent_id:uuid}",
        operation_id="GetConsent",
        summary="Read an answer about consent",
        scope="complaints:read",
    )
    async def read(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        consent_id: FromPath[UUID],
    ) -> Response[Consent]:
        """Read one answer, with its note for those who record in the case."""
        return answer(request, await queries.read(work, complaint_id, consent_id))

    @post(
        "/{consent_id:uuid}/withdraw",
        operation_id="WithdrawConsent",
        summary="Withdraw a consent",
        scope="consents:write",
        status_code=200,
    )
    async def withdraw(
        self,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        consent_id: FromPath[UUID],
        data: JSONBody[WithdrawConsentIn],
    ) -> Response[WithdrawnConsent]:
        """Withdraw a consent: what rests on it ends now, and the answer lists who already has what.

        Nobody can undo it; where the person agrees again, record a new answer. Withdrawing again changes nothing.
        """
        withdrawn = await service.withdraw(work, complaint_id, consent_id, data)
        return Response(withdrawn, headers={"Cache-Control": "no-store"})


class SharingController(Controller):
    """Who already has what of a case."""

    path = "/complaints/{complaint_id:uuid}/sharing"
    tags = ("Consent",)

    @get(operation_id="GetSharing", summary="Read who already has what of a complaint", scope="complaints:read")
    async def read(self, work: NamedDependency[Work], complaint_id: FromPath[UUID]) -> Sharing:
        """Read which organisations had access and when, what was taken out, and when the case was public.

        For those who record in the case.
        """
        return await sharing.read(work, complaint_id)


controllers: list[type[Controller]] = [ConsentTextController, ConsentController, SharingController]
