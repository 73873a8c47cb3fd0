"""Files of a case, and what the tests of evidence do with them."""

from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select

from tests.conftest import Api, looking
from vigilancia.core.work import Desk
from vigilancia.evidence.models import CustodyRow, EvidenceRow
from vigilancia.evidence.shelf import name_of

PDF = b"%PDF-1.7\n% recibo de la segunda quincena\n" + b"x" * 200
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(range(256)) * 1000
PURPOSE = {"purpose": "preparar la audiencia"}


def the_path(case_id: str, file_id: str | None = None) -> str:
    return f"/v1/complaints/{case_id}/evidence" + (f"/{file_id}" if file_id else "")


async def send(
    api: Api,
    path: str,
    content: bytes = PDF,
    *,
    name: str = "recibo.pdf",
    media: str = "application/pdf",
    role: str = "staff",
    headers: dict[str, str] | None = None,
    **fields: Any,
) -> httpx.Response:
    """Send a form with a file."""
    texts = {key: str(value) for key, value in fields.items()}
    return await api.post(path, files={"file": (name, content, media)}, data=texts, role=role, headers=headers)


async def a_file(api: Api, case_id: str, content: bytes = PDF, *, kind: str = "payslip", **rest: Any) -> dict[str, Any]:
    """Add an original to a case."""
    answer = await send(api, the_path(case_id), content, kind=kind, **rest)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def a_copy(api: Api, file: dict[str, Any], content: bytes, **rest: Any) -> dict[str, Any]:
    """Add a redacted copy of a file."""
    answer = await send(api, f"{the_path(file['complaint_id'], file['id'])}/derivatives", content, **rest)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def fetch(
    api: Api, file: dict[str, Any], *, role: str = "staff", headers: dict[str, str] | None = None, **params: Any
) -> httpx.Response:
    """Download a file."""
    path = f"{the_path(file['complaint_id'], file['id'])}/content"
    return await api.get(path, params=PURPOSE | params, role=role, headers=headers)


def stored(desk: Desk, file: dict[str, Any]) -> Path:
    """Return where a file lies on the disk."""
    return desk.settings.file_dir / name_of(UUID(file["complaint_id"]), UUID(file["id"]))


async def the_row(desk: Desk, file: dict[str, Any]) -> EvidenceRow:
    async with looking(desk) as session:
        row: EvidenceRow = await session.get_one(EvidenceRow, file["id"])
        return row


async def custody_of(desk: Desk, file: dict[str, Any]) -> list[CustodyRow]:
    """Return the custody log of one file, the oldest first."""
    query = select(CustodyRow).where(CustodyRow.evidence_id == file["id"]).order_by(CustodyRow.seq)
    async with looking(desk) as session:
        return list((await session.scalars(query)).all())
