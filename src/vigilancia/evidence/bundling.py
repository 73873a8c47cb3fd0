"""A bundle: the files of a case with a manifest, the case in codes, the custody log and a signature, as one ZIP.

It is written while it is sent, and nowhere kept: no second copy of the evidence lies about. Every file in it is held
against its SHA-256 before the first byte leaves, and again while it is packed.

    manifest-sha256.txt       a line for each file: its SHA-256, two spaces, its name (as BagIt, RFC 8493)
    manifest-sha256.txt.sig   Ed25519 signature of the manifest's bytes, base64
    public-key.pem            of that signature; to be compared with one that came another way
    case.json                 the case and its files in ids, codes and days
    custody.json              the custody log of the files, purposes left out
    files/<id>.<ending>       the files
"""

import base64
import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from litestar.response import Stream
from msgspec import Struct
from sqlalchemy import select

from vigilancia.access import audit, policy
from vigilancia.complaints.access import OpenComplaint
from vigilancia.core.errors import InfectedError, NotScannedError
from vigilancia.core.http import ApiRequest
from vigilancia.core.signing_keys import signing_key, to_pem
from vigilancia.core.work import Desk, Work
from vigilancia.evidence import access, custody, integrity, masking
from vigilancia.evidence.access import FILE
from vigilancia.evidence.content import HEADERS, require_scanned
from vigilancia.evidence.layout import KEY, MANIFEST, SIGNATURE
from vigilancia.evidence.schemas import BundleIn
from vigilancia.evidence.shelf import Shelf

PURPOSE = "bundle"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of a ZIP; the instants that count stand in the custody log
_SHOWN = (
    *("id", "original_id", "organization_id", "kind", "media_type", "size", "sha256", "language", "obtained_on"),
    *("duration_seconds", "held_by", "metadata", "scan_status", "received_at"),
)


class _Plan(Struct, frozen=True, kw_only=True):
    """What goes into a bundle.

    Attributes:
        case: Whose.
        rows: Of the files in it.
        left_out: Of the others, each with why.
    """

    case: OpenComplaint
    rows: list[Any]
    left_out: list[dict[str, str]]


async def bundle(request: ApiRequest, complaint_id: UUID, data: BundleIn) -> Stream:
    """Answer the bundle of a case.

    Raises:
        NotFoundError: For this caller the case has no files.
        ForbiddenError: The token may not read files, or wants originals and may not have them.
        ApprovalRequiredError: Originals are wanted, and want a second person.
        IntegrityError: A file is not any more what was received: there is no bundle without it.
        StoreError: The store is away.
    """
    desk: Desk = request.app.state.desk
    async with desk.work(request.user, locale=request.locale) as work:
        plan = await _plan(work, complaint_id, data)
    for row in plan.rows:
        place = integrity.place_of(row)
        await integrity.require_whole(desk, place, plan.case.owner_id, by=request.user)
    async with desk.work(request.user, locale=request.locale) as work:
        texts = await _texts(work, plan, data)
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="bundle-{complaint_id}.zip"'}
    packed = _packed(texts, plan.rows, Shelf(desk.settings, desk.vault))
    return Stream(packed, status_code=200, media_type="application/zip", headers=headers)


async def _plan(work: Work, complaint_id: UUID, data: BundleIn) -> _Plan:
    case = await access.open_files(work, complaint_id)
    policy.require(work.caller, "evidence:read")
    if data.originals:
        await masking.require(work, case, complaint_id)
    query = select(*FILE).where(FILE.complaint_id == complaint_id, FILE.state == "kept")
    found = (await work.session.execute(query.order_by(FILE.received_at, FILE.id))).all()
    rows, left_out = [], []
    for row in found:
        why = _why_left_out(work, row, originals=data.originals)
        if why is None:
            rows.append(row)
        else:
            left_out.append({"id": str(row.id), "why": why})
    return _Plan(case=case, rows=rows, left_out=left_out)


def _why_left_out(work: Work, row: Any, *, originals: bool) -> str | None:  # noqa: ANN401 - a row of the table
    if row.original_id is None and not originals:
        return "original"
    try:
        require_scanned(work.settings, row.scan_status)
    except (InfectedError, NotScannedError) as error:
        return error.code
    return None


async def _texts(work: Work, plan: _Plan, data: BundleIn) -> dict[str, bytes]:
    """Note the export in the log of every file in it, and return the bundle's own documents, the log among them."""
    complaint_id = plan.case.id
    for row in plan.rows:
        await custody.note(work, row, "exported", purpose=data.purpose, facts={"originals": data.originals})
    facts = {"files": len(plan.rows), "originals": data.originals}
    await audit.note(work, "export", "bundle", complaint_id=complaint_id, why=data.purpose, facts=facts)
    inside = {row.id for row in plan.rows}
    entries = [
        {name: getattr(entry, name) for name in _LOGGED}
        for entry in await custody.of_case(work, complaint_id)
        if entry.evidence_id in inside
    ]
    texts = {"case.json": _json(_summary(work, plan)), "custody.json": _json(entries)}
    key = signing_key(work.keys, PURPOSE)
    texts[KEY] = to_pem(key.public_key()).encode()
    lines = [(sha256(text).hexdigest(), name) for name, text in texts.items()]
    lines += [(row.sha256, _name(row)) for row in plan.rows]
    manifest = "".join(f"{digest}  {name}\n" for digest, name in sorted(lines, key=lambda line: line[1])).encode()
    return {MANIFEST: manifest, SIGNATURE: base64.b64encode(key.sign(manifest)) + b"\n", **texts}


_LOGGED = ("id", "evidence_id", "at", "action", "organization_id", "role", "token_id", "holder_id", "sha256", "facts")


def _summary(work: Work, plan: _Plan) -> dict[str, Any]:
    case = plan.case
    return {
        "complaint_id": case.id,
        "reference": case.reference,
        "owner_id": case.owner_id,
        "status": case.status,
        "received_on": case.received_on,
        "facility_id": case.facility_id,
        "made_at": work.now,
        "made_for": work.caller.organization_id,
        "files": [{"path": _name(row), **{name: getattr(row, name) for name in _SHOWN}} for row in plan.rows],
        "left_out": plan.left_out,
    }


def _name(row: Any) -> str:  # noqa: ANN401 - a row of the table
    return f"files/{row.id}.{row.extension}"


def _json(value: Any) -> bytes:  # noqa: ANN401 - JSON of any shape
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


class _Pipe(io.RawIOBase):
    """Takes what a ZIP is written of, to be sent on at once; it cannot go back, and the ZIP is written so."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401 - bytes in any dress
        self._parts.append(bytes(data))
        return len(data)

    def drain(self) -> Iterator[bytes]:
        """Return what was written since the last time."""
        parts, self._parts = self._parts, []
        if parts:
            yield b"".join(parts)


async def _packed(texts: dict[str, bytes], rows: list[Any], shelf: Shelf) -> AsyncIterator[bytes]:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as packed:
        for name, text in texts.items():
            packed.writestr(zipfile.ZipInfo(name, _FIRST_DAY), text)
        for row in rows:
            info = zipfile.ZipInfo(_name(row), _FIRST_DAY)
            info.file_size = row.size
            with packed.open(info, "w") as entry:
                async for part in shelf.read(integrity.place_of(row)):
                    entry.write(part)
                    for out in pipe.drain():
                        yield out
    for out in pipe.drain():
        yield out
