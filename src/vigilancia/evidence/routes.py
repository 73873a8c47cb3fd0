"""Routes of evidence."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, patch, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import Stream

from vigilancia.core.http import ApiRequest, answer, create_once, etag, expected_version
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.signing_keys import key_id, public_keys, to_pem
from vigilancia.core.work import Work
from vigilancia.evidence import bundling, content, masking, queries, receiving, service
from vigilancia.evidence.content import Wanted
from vigilancia.evidence.operations import BundleOperation, ContentOperation, CopyOperation, FormOperation
from vigilancia.evidence.schemas import (
    BundleIn,
    CustodyEntry,
    Evidence,
    EvidencePatch,
    SigningKey,
    SigningKeys,
    Transcript,
    TranscriptIn,
    UnmaskIn,
    UnmaskRequest,
)

_LISTED = {"listing": Provide(provide_wordless_listing)}
Purpose = Annotated[
    str,
    QueryParameter(
        description="What for, in words; kept encrypted. Name nobody: servers between you and us may note addresses.",
        min_length=1,
        max_length=500,
    ),
]
Original = Annotated[bool, QueryParameter(description="The original, where you get redacted copies by default.")]
OwnName = Annotated[bool, QueryParameter(description="Called as its sender called it, not by its id.")]


class EvidenceController(Controller):
    """The files of a case: received, redacted, given out, each with its custody log."""

    path = "/complaints/{complaint_id:uuid}/evidence"
    tags = ("Evidence",)

    @get(
        operation_id="ListEvidence",
        summary="List the files of a complaint",
        scope="evidence:read",
        dependencies=_LISTED,
    )
    async def list_all(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        complaint_id: FromPath[UUID],
        kind: FromQuery[str | None] = None,
    ) -> Page[Evidence]:
        """List originals and redacted copies, the oldest first, for who reads the case.

        Sort by `received_at`, `updated_at` or `id`.
        """
        return await queries.list_page(work, complaint_id, listing, kind=kind)

    @post(
        operation_id="AddEvidence",
        summary="Add a file",
        scope="evidence:write",
        status_code=201,
        request_max_body_size=None,
        operation_class=FormOperation,
    )
    async def add(self, request: ApiRequest, complaint_id: FromPath[UUID]) -> Response[Evidence]:
        """Add a file, as a form (`multipart/form-data`) with the file in the part `file`.

        It is encrypted while it comes in, up to the installation's limit (50 MB unless set otherwise). The answer
        carries its SHA-256; one you send along (`sha256`, or `Content-Digest` of the part) is compared. What the file
        is, is told by its content. A form that breaks off leaves nothing.
        """
        return await receiving.receive(request, complaint_id)

    @post(
        "/unmask-requests",
        operation_id="AskToUnmask",
        summary="Ask for an original",
        scope="evidence:unmask",
        status_code=201,
    )
    async def ask_to_unmask(
        self, request: ApiRequest, work: NamedDependency[Work], complaint_id: FromPath[UUID], data: JSONBody[UnmaskIn]
    ) -> Response[UnmaskRequest]:
        """Ask the case's owner for a second person's yes to an original, or to all of them in a bundle."""
        return await create_once(
            request,
            work,
            lambda: masking.ask(work, complaint_id, data),
            lambda made: masking.read(work, complaint_id, made),
        )

    @get("/{file_id:uuid}", operation_id="GetEvidence", summary="Read what is known of a file", scope="evidence:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], complaint_id: FromPath[UUID], file_id: FromPath[UUID]
    ) -> Response[Evidence]:
        """Read what is known of a file; `warnings` say what to think of before it leaves the house."""
        found = await queries.read(work, complaint_id, file_id)
        return answer(request, found, variant=f"{work.locale}-{'masked' if found.masked else 'full'}", varies=True)

    @patch(
        "/{file_id:uuid}",
        operation_id="ChangeEvidence",
        summary="Change what is said about a file",
        scope="evidence:write",
    )
    async def change(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        file_id: FromPath[UUID],
        data: JSONBody[EvidencePatch],
    ) -> Response[Evidence]:
        """Change the fields you name; the file itself never changes."""
        await service.change(work, complaint_id, file_id, data, expected_version(request))
        found = await queries.read(work, complaint_id, file_id)
        return answer(request, found, variant=f"{work.locale}-{'masked' if found.masked else 'full'}", varies=True)

    @get(
        "/{file_id:uuid}/content",
        operation_id="GetEvidenceContent",
        summary="Download a file",
        scope="evidence:read",
        operation_class=ContentOperation,
    )
    async def content(
        self,
        request: ApiRequest,
        complaint_id: FromPath[UUID],
        file_id: FromPath[UUID],
        purpose: Purpose,
        *,
        original: Original = False,
        own_name: OwnName = False,
    ) -> Stream:
        """Download a file, or with `Range` a part of it; the custody log says so, with your purpose.

        The whole file is held against its SHA-256 first: what was changed is refused (500 `evidence-integrity`) and
        raises an alarm. Who neither owns the case nor gave the file gets its newest redacted copy, and with
        `original=true` and the scope `evidence:unmask` the original, where the owner wants it after a second person's
        yes. What no scanner found clean is refused (423), unless the installation chose to do without one.
        """
        return await content.give(
            request, complaint_id, file_id, Wanted(purpose=purpose, original=original, own_name=own_name)
        )

    @post(
        "/{file_id:uuid}/derivatives",
        operation_id="AddRedactedCopy",
        summary="Add a redacted copy",
        scope="evidence:write",
        status_code=201,
        request_max_body_size=None,
        operation_class=CopyOperation,
    )
    async def add_copy(
        self, request: ApiRequest, complaint_id: FromPath[UUID], file_id: FromPath[UUID]
    ) -> Response[Evidence]:
        """Add a copy of a file in which you made unreadable what must not leave; the original stays as it is.

        What a JPEG, PNG, TIFF, WebP or PDF says about its making is removed (`metadata: stripped`); other types are
        kept as they are (`kept`). What a person can see on it, only a person can redact.
        """
        return await receiving.receive_copy(request, complaint_id, file_id)

    @get(
        "/{file_id:uuid}/custody",
        operation_id="ListCustody",
        summary="Read the custody log of a file",
        scope="evidence:read",
        dependencies=_LISTED,
    )
    async def log(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        complaint_id: FromPath[UUID],
        file_id: FromPath[UUID],
    ) -> Page[CustodyEntry]:
        """List what was done with a file and with its redacted copies, the oldest first. Sort by `id`."""
        return await queries.log(work, complaint_id, file_id, listing)

    @get(
        "/{file_id:uuid}/transcript",
        operation_id="GetTranscript",
        summary="Read the transcript of a file",
        scope="evidence:read",
    )
    async def transcript(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        file_id: FromPath[UUID],
        purpose: Purpose,
    ) -> Response[Transcript]:
        """Read the transcript; the custody log says so, with your purpose. Version 0: there is none yet."""
        return answer(request, await queries.transcript(work, complaint_id, file_id, purpose))

    @put(
        "/{file_id:uuid}/transcript",
        operation_id="WriteTranscript",
        summary="Write the transcript of a file",
        scope="evidence:write",
    )
    async def transcribe(
        self,
        work: NamedDependency[Work],
        request: ApiRequest,
        complaint_id: FromPath[UUID],
        file_id: FromPath[UUID],
        data: JSONBody[TranscriptIn],
    ) -> Response[Transcript]:
        """Write or replace the transcript, encrypted; `If-Match: "v0"` for the first."""
        row = await service.transcribe(work, complaint_id, file_id, data, expected_version(request))
        written = await queries.transcript_of(work, row)
        return Response(written, headers={"ETag": etag(written.version)})


class BundleController(Controller):
    """The files of a case to take to a court, with manifest, custody log and signature."""

    path = "/complaints/{complaint_id:uuid}/bundle"
    tags = ("Evidence",)

    @post(
        operation_id="MakeBundle",
        summary="Take the files of a complaint home",
        scope="exports:create",
        status_code=200,
        operation_class=BundleOperation,
    )
    async def make(self, request: ApiRequest, complaint_id: FromPath[UUID], data: JSONBody[BundleIn]) -> Stream:
        """Answer a ZIP of the redacted copies, and with `originals` of the originals too, made while it is sent.

        It holds a manifest of SHA-256, the case in codes, the custody log and an Ed25519 signature; `vigilancia verify`
        holds one against the other, offline. What was left out, and why, stands in `case.json`. It wants
        `evidence:read`, originals `evidence:unmask` and, where the owner chose so, a second person's yes.
        """
        return await bundling.bundle(request, complaint_id, data)


class SigningKeyController(Controller):
    """The keys that bundles are signed with."""

    path = "/signing-keys"
    tags = ("Evidence",)

    @get(operation_id="ListSigningKeys", summary="Read the public keys of bundles", scope="evidence:read")
    async def keys(self, work: NamedDependency[Work]) -> SigningKeys:
        """Read the public keys, the present one first, to give to whoever is to verify a bundle."""
        found = public_keys(work.keys, bundling.PURPOSE)
        return SigningKeys(keys=[SigningKey(id=key_id(key), public_key=to_pem(key)) for key in found])


controllers: list[type[Controller]] = [EvidenceController, BundleController, SigningKeyController]
