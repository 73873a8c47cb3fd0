"""Redacted copies: what they no longer tell, and that others get them and not the original."""

import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pikepdf
import pytest
from PIL import Image, PngImagePlugin
from sqlalchemy import insert

from tests.builders import a_complaint
from tests.conftest import Api, Clock, looking
from tests.rooms.filing import PDF, a_copy, a_file, custody_of, fetch, send, the_path, the_row
from tests.rooms.tasking import a_writer
from vigilancia.access.models import TokenRow
from vigilancia.complaints.approvals import service as approvals
from vigilancia.core.identity import Caller
from vigilancia.core.ids import new_id
from vigilancia.core.work import Desk
from vigilancia.registry.models import SafeguardRow

GPS = {1: "N", 2: (28.0, 42.0, 0.0), 3: "W", 4: (100.0, 31.0, 0.0)}


def _photo(format_: str, **options: Any) -> bytes:
    """Return a picture that tells where, when and with what it was taken, twice as wide as high once turned."""
    picture = Image.new("RGB", (40, 80), (10, 200, 30))
    exif = Image.Exif()
    exif[0x010F], exif[0x0132], exif[0x0112] = "canarymaker", "2026:02:20 10:00:00", 6
    exif[0x8825] = GPS
    out = io.BytesIO()
    picture.save(out, format_, exif=exif, **options)
    return out.getvalue()


def _png() -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "canaryauthor")
    texts.add_itxt("XML:com.adobe.xmp", "<x>canaryxmp</x>")
    return _photo("PNG", pnginfo=texts)


def _jpeg() -> bytes:
    return _photo("JPEG", comment=b"canarycomment", xmp=b"<x>canaryxmp</x>") + b"canarytrailer"


def _tiff() -> bytes:
    out = io.BytesIO()
    pages = [Image.new("RGB", (40, 80), color) for color in ("red", "blue")]
    pages[0].save(
        out, "TIFF", save_all=True, append_images=pages[1:], tiffinfo={270: "canarydescription", 315: "canaryx"}
    )
    return out.getvalue()


@pytest.mark.parametrize(
    ("made", "name", "size", "pages"),
    [
        (_jpeg, "JPEG", (80, 40), 1),
        (_png, "PNG", (80, 40), 1),
        (_tiff, "TIFF", (40, 80), 2),
        (lambda: _photo("WEBP"), "WEBP", (80, 40), 1),
    ],
)
async def test_a_picture_no_longer_tells_where_and_with_what_it_was_taken(
    api: Api, made: Any, name: str, size: tuple[int, int], pages: int
) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"], made(), kind="photo", name="foto", media="")
    assert b"canary" in (await fetch(api, file)).content  # the original is not touched
    copy = await a_copy(api, file, made(), name="foto", media="")
    assert (copy["metadata"], copy["original_id"], copy["kind"]) == ("stripped", file["id"], "photo")
    clean = (await fetch(api, copy)).content
    assert b"canary" not in clean
    with Image.open(io.BytesIO(clean)) as picture:
        assert (picture.format, picture.size, getattr(picture, "n_frames", 1)) == (name, size, pages)
        assert not picture.getexif().get_ifd(0x8825)
        assert 0x010F not in picture.getexif()


def _pdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(200, 200))
        document.docinfo["/Author"] = "canaryauthor"
        document.docinfo["/Producer"] = "canaryproducer"
        with document.open_metadata() as xmp:
            xmp["dc:creator"] = ["canarycreator"]
        document.attachments["nota.txt"] = pikepdf.AttachedFileSpec(
            document, b"canaryattachment", filename="canary.txt"
        )
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('canaryscript')"))
        document.Root.OpenAction = document.make_indirect(script)
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Text,
            Rect=[0, 0, 9, 9],
            T=pikepdf.String("canarycommenter"),
            M=pikepdf.String("D:20260220"),
            Contents=pikepdf.String("una nota"),
        )
        page.obj.Annots = pikepdf.Array([document.make_indirect(note)])
        page.obj.PieceInfo = pikepdf.Dictionary(X=pikepdf.String("canarypiece"))
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
    return out.getvalue()


async def test_a_pdf_loses_author_attachments_scripts_and_private_data(api: Api) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"], _pdf())
    copy = await a_copy(api, file, _pdf())
    clean = (await fetch(api, copy)).content
    with pikepdf.open(io.BytesIO(clean)) as document:
        out = io.BytesIO()
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
        assert len(document.pages) == 1
        assert not document.attachments
        assert "/OpenAction" not in document.Root
        assert "/Info" not in document.trailer
        assert [str(note.Contents) for note in document.pages[0].obj.Annots] == ["una nota"]
    assert b"canary" not in out.getvalue()


async def test_other_types_are_kept_and_say_so_and_broken_ones_are_refused(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"])
    kept = await a_copy(api, file, b"texto testado", name="nota.txt", media="text/plain")
    assert (kept["metadata"], [warning["code"] for warning in kept["warnings"]]) == ("kept", ["metadata_kept"])
    path = f"{the_path(case['id'], file['id'])}/derivatives"
    for broken in (PDF, _jpeg()[:300], _png()[:60]):
        answer = await send(api, path, broken)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "cannot_clean"), broken[:8]
    answer = await send(api, f"{the_path(case['id'], kept['id'])}/derivatives", b"otra vez")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "copy_of_copy")
    assert (await the_row(desk, file)).sha256 == file["sha256"]


async def test_a_picture_larger_than_memory_allows_is_refused_before_it_is_drawn(api: Api) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"])
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    answer = await send(api, f"{the_path(case['id'], file['id'])}/derivatives", out.getvalue())
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "too_many_pixels")


async def test_a_partner_gets_the_newest_copy_and_of_the_original_nothing(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_complaint(api)
    await a_writer(api, case["id"], access="read")
    file = await a_file(api, case["id"], title="canarytitle", source="canarysource", held_by=2, name="canaryname.pdf")

    answer = await fetch(api, file, role="partner")
    assert (answer.status_code, answer.json()["code"]) == (403, "file-masked")
    seen = await api.get(the_path(case["id"], file["id"]), role="partner")
    listed = await api.get(the_path(case["id"]), role="partner")
    assert seen.json()["masked"] is True
    assert [seen.json()[name] for name in ("title", "source", "name", "sha256", "size", "held_by")] == [None] * 6
    for text in (seen.text, listed.text):
        assert "canary" not in text
        assert file["sha256"] not in text
    await api.patch(the_path(case["id"], file["id"]), json={"held_by": 77, "title": "canaryother"}, version=1)
    entries = (await api.get(f"/v1/complaints/{case['id']}/timeline", role="partner")).json()["items"]
    told = {entry["type"]: entry["after"] for entry in entries if entry["type"].startswith("file_")}
    assert told == {"file_received": {"kind": "payslip"}, "file_changed": {"held_by": "changed", "title": "changed"}}
    for path in ("custody", "transcript?purpose=x"):
        answer = await api.get(f"{the_path(case['id'], file['id'])}/{path}", role="partner")
        assert (answer.status_code, answer.json()["code"]) == (403, "file-masked")

    await a_copy(api, file, b"primera", name="a.txt", media="text/plain")
    clock.advance(timedelta(seconds=1))
    newest = await a_copy(api, file, b"segunda", name="a.txt", media="text/plain")
    answer = await fetch(api, file, role="partner")
    assert (answer.status_code, answer.content) == (200, b"segunda")
    assert newest["id"] in answer.headers["content-disposition"]
    noted = (await custody_of(desk, newest))[-1]
    assert (noted.action, noted.organization_id, noted.facts) == (
        *("downloaded", api.people.union_id),
        {"in_place_of": file["id"]},
    )
    assert (await fetch(api, file)).content == PDF  # the owner works with the original


async def test_an_original_wants_scope_and_purpose_and_is_noted_as_unmasked(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    await a_writer(api, case["id"], access="read")
    file = await a_file(api, case["id"])
    answer = await fetch(api, file, role="partner", original="true")
    assert (answer.status_code, answer.content) == (200, PDF)
    noted = (await custody_of(desk, file))[-1]
    assert (noted.action, noted.organization_id, noted.facts) == (
        *("unmasked", api.people.union_id),
        {"second_person": False},
    )

    partner = api.people.partner
    async with looking(desk) as session:
        token = await session.get_one(TokenRow, partner.token_id)
        token.scopes = [scope for scope in token.scopes if scope != "evidence:unmask"]
        await session.commit()
    answer = await fetch(api, file, role="partner", original="true")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_where_the_owner_wants_it_a_second_person_says_yes_once(api: Api, desk: Desk, people: Any) -> None:
    case = await a_complaint(api)
    await a_writer(api, case["id"], access="read")
    file = await a_file(api, case["id"])
    await _second_person(desk, people.centre_id)
    answer = await fetch(api, file, role="partner", original="true")
    assert (answer.status_code, answer.json()["code"]) == (403, "approval-required")

    path = f"{the_path(case['id'])}/unmask-requests"
    body = {"file_id": file["id"], "reason": "canaryreason para el perito"}
    asked = await api.post(path, json=body, role="partner")
    assert (asked.status_code, asked.json()["status"]) == (201, "asked")
    async with desk.work(Caller(**{**_as(people.staff), "token_id": new_id()})) as work:
        await approvals.decide(work, UUID(asked.json()["id"]), yes=True)
    # A part is not worth a yes: the whole file goes out.
    answer = await fetch(api, file, role="partner", original="true", headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.content) == (200, PDF)
    assert (await custody_of(desk, file))[-1].facts == {"second_person": True}
    answer = await fetch(api, file, role="partner", original="true")
    assert (answer.status_code, answer.json()["code"]) == (403, "approval-required")
    assert (await fetch(api, file)).status_code == 200  # the owner's own people work on


async def test_who_gave_a_file_has_it_and_may_redact_it(api: Api) -> None:
    case = await a_complaint(api)
    await a_writer(api, case["id"])
    own = await a_file(api, case["id"], role="partner")
    assert (await fetch(api, own, role="partner")).content == PDF
    await a_copy(api, own, b"testado", name="a.txt", media="text/plain", role="partner")
    others = await a_file(api, case["id"])
    answer = await send(api, f"{the_path(case['id'], others['id'])}/derivatives", b"x", role="partner")
    assert (answer.status_code, answer.json()["code"]) == (403, "file-masked")
    answer = await api.patch(the_path(case["id"], others["id"]), json={"kind": "photo"}, version=1, role="partner")
    assert answer.status_code == 403


async def test_a_copy_may_have_a_transcript_that_partners_read(api: Api) -> None:
    case = await a_complaint(api)
    await a_writer(api, case["id"], access="read")
    file = await a_file(api, case["id"])
    copy = await a_copy(api, file, b"testado", name="a.txt", media="text/plain")
    path = f"{the_path(case['id'], copy['id'])}/transcript"
    assert (await api.request("PUT", path, json={"text": "sin nombres"}, version=0)).status_code == 200
    answer = await api.get(path, params={"purpose": "traducir"}, role="partner")
    assert (answer.status_code, answer.json()["text"], answer.json()["version"]) == (200, "sin nombres", 1)


def _as(caller: Caller) -> dict[str, Any]:
    return {name: getattr(caller, name) for name in caller.__struct_fields__}


async def _second_person(desk: Desk, organization_id: UUID) -> None:
    async with looking(desk) as session:
        row = {"organization_id": organization_id, "consent": "people", "second_person": ["unmask"], "version": 1}
        await session.execute(insert(SafeguardRow).values(**row, updated_at=desk.now()))
        await session.commit()
