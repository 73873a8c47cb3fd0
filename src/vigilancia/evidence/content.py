"""Giving a file out: who may have it, whether it is whole, and only then its first byte.

The whole file is read and held against its SHA-256 before the answer begins, also where only a part of it is asked
for; then it is read again and sent, decrypted chunk by chunk. It is read twice so that a damaged file answers a
refusal and not half of itself; what changes between the two readings does not open, and breaks the answer off.
"""

import base64
import re
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar.response import Stream
from msgspec import Struct

from vigilancia.access import audit
from vigilancia.complaints.access import OpenComplaint
from vigilancia.core.errors import FileMaskedError, GoneError, InfectedError, NotScannedError, RangeError
from vigilancia.core.http import ApiRequest
from vigilancia.core.settings import Settings
from vigilancia.core.work import Desk, Work
from vigilancia.evidence import access, custody, integrity, kinds, masking
from vigilancia.evidence.shelf import Shelf

_RANGE = re.compile(r"bytes=(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})")
_RUNS = ("text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "application/xml")  # in a browser
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
}


class _Granted(Struct, frozen=True, kw_only=True):
    """A file that a caller may have.

    Attributes:
        row: Of the file given out: the newest redacted copy, where that is what the caller gets.
        owner_id: Whose case it is.
        action: What the custody log will say.
        facts: What it will say beside.
        name: What it is called on the receiving side.
        whole: Whether it goes out whole whatever range is asked for: a second person's yes serves once.
    """

    row: Any
    owner_id: UUID
    action: custody.Action
    facts: dict[str, Any]
    name: str
    whole: bool


class Wanted(Struct, frozen=True, kw_only=True):
    """What is asked for.

    Attributes:
        purpose: What for, in words.
        original: Whether the original is wanted where redacted copies are the default.
        own_name: Whether the file is to be called as its sender called it.
    """

    purpose: str
    original: bool = False
    own_name: bool = False


async def give(request: ApiRequest, complaint_id: UUID, file_id: UUID, wanted: Wanted) -> Stream:
    """Answer a file, or the part of it that the request's `Range` names.

    Raises:
        NotFoundError: For this caller it does not exist.
        FileMaskedError: The caller gets redacted copies only, and there is none.
        ForbiddenError: The original is wanted, and the token lacks the scope.
        ApprovalRequiredError: The original is wanted, and wants a second person.
        GoneError: It was erased.
        NotScannedError: Nothing has found it clean.
        InfectedError: It is not clean.
        RangeError: It has no such range.
        IntegrityError: It is not any more what was received.
        StoreError: The store is away.
    """
    desk: Desk = request.app.state.desk
    async with desk.work(request.user, locale=request.locale) as work:
        granted = await _grant(work, complaint_id, file_id, wanted)
        row = granted.row
        span = None if granted.whole else _span(request, row)
    place = integrity.place_of(row)
    await integrity.require_whole(desk, place, granted.owner_id, by=request.user)
    facts = granted.facts | ({"first": span[0], "last": span[1] - 1} if span else {})
    async with desk.work(request.user, locale=request.locale) as work:
        await custody.note(work, row, granted.action, purpose=wanted.purpose, facts=facts)
        what = {"action": granted.action} | facts
        await audit.note(
            work, "read", "file", complaint_id=complaint_id, subject_id=row.id, why=wanted.purpose, facts=what
        )
    start, end = span or (0, row.size)
    return Stream(
        Shelf(desk.settings, desk.vault).read(place, start, end),
        status_code=206 if span else 200,
        media_type=kinds.UNKNOWN if row.media_type in _RUNS else row.media_type,
        headers=_headers(granted, start, end, partial=span is not None),
    )


def require_scanned(settings: Settings, scan_status: str) -> None:
    """Refuse a file that nothing has found free of harmful programs, unless the operator chose to do without.

    Raises:
        InfectedError: It is not.
        NotScannedError: Nobody has said so.
    """
    if scan_status == "infected":
        raise InfectedError
    if scan_status != "clean" and settings.scan != "none":
        raise NotScannedError(status=scan_status)


async def _grant(work: Work, complaint_id: UUID, file_id: UUID, wanted: Wanted) -> _Granted:
    case = await access.open_files(work, complaint_id)
    row = await access.find(work, complaint_id, file_id)
    action: custody.Action = "downloaded"
    facts: dict[str, Any] = {}
    masked, whole = access.copies_only(work, case, row), False
    if masked and not wanted.original:
        copy = await access.newest_copy(work, row.id)
        if copy is None:
            raise FileMaskedError
        row, facts = copy, {"in_place_of": str(row.id)}
    _require_there(work, row)
    if masked and wanted.original:
        whole = await masking.require(work, case, row.id)
        action, facts = "unmasked", {"second_person": whole}
    return _Granted(
        row=row,
        owner_id=case.owner_id,
        action=action,
        facts=facts,
        name=await _name(work, case, row, own=wanted.own_name),
        whole=whole,
    )


def _require_there(work: Work, row: Any) -> None:  # noqa: ANN401 - a row of the table
    if row.state == "erased":
        raise GoneError
    require_scanned(work.settings, row.scan_status)


async def _name(work: Work, case: OpenComplaint, row: Any, *, own: bool) -> str:  # noqa: ANN401
    """Return the name a file goes out under: its id, unless its sender's name was asked for by who may see that."""
    if own and not access.copies_only(work, case, row):
        told = await work.vault.open(row.complaint_id, row.name, field=f"evidence.name/{row.id}")
        if told:
            return told
    return f"{row.id}.{row.extension}"


def _span(request: ApiRequest, row: Any) -> tuple[int, int] | None:  # noqa: ANN401
    """Return the first byte asked for and the one after the last (RFC 9110, 14.1.2); none: the whole file.

    Several ranges, and what is no range of bytes, are answered with the whole file, as that RFC allows.

    Raises:
        RangeError: The file does not reach there.
    """
    found = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    condition = request.headers.get("if-range")
    if found is None or (condition is not None and condition != _tag(row)):
        return None
    first, last = found["first"], found["last"]
    if not first and not last:
        return None
    if first and last and int(last) < int(first):
        return None
    start = int(first) if first else max(0, row.size - int(last))
    end = min(row.size, int(last) + 1) if first and last else row.size
    if start >= end:
        raise RangeError(headers={"Content-Range": f"bytes */{row.size}"})
    return start, end


def _tag(row: Any) -> str:  # noqa: ANN401
    return f'"{row.sha256}"'


def _headers(granted: _Granted, start: int, end: int, *, partial: bool) -> dict[str, str]:
    row = granted.row
    digest = base64.b64encode(bytes.fromhex(row.sha256)).decode()
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", granted.name)
    return {
        **HEADERS,
        "Accept-Ranges": "bytes",
        "Content-Length": str(end - start),
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(granted.name, safe='')}",
        "ETag": _tag(row),
        "Repr-Digest": f"sha-256=:{digest}:",  # RFC 9530
        **({"Content-Range": f"bytes {start}-{end - 1}/{row.size}"} if partial else {}),
    }
