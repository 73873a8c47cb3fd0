"""Removing from redacted copies what a file says about its making: place, device, author, earlier versions.

A picture is drawn anew from its pixels alone, turned the way its camera noted, so that nothing else can be left in
it. A PDF loses its document information, XMP, attachments, scripts, thumbnails, private data of programs and earlier
versions. Files of other types stay as they are, and say so. What a person can see on a page is for a person to redact.
"""

import asyncio
import io
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

import pikepdf
from msgspec import Struct
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from vigilancia.core.errors import Fault, InvalidError
from vigilancia.evidence.schemas import Metadata

MOST_PIXELS = 60_000_000  # of a picture, all its pages together: 240 MB in memory while it is drawn anew
_QUALITY = 92
_PLAIN_MODES = ("1", "L", "RGB", "CMYK")
_ROOT = ("/Metadata", "/OpenAction", "/AA", "/PieceInfo", "/LastModified", "/SpiderInfo", "/Collection", "/AF")
_EVERYWHERE = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/AA", "/AF", "/M", "/CreationDate", "/NM")
_NAMES = ("/EmbeddedFiles", "/JavaScript")
_ACTIONS = ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/GoToE", "/GoToR", "/URI")

_one_at_a_time = Lock()  # the memory of one picture, not of ten


class Clean(Struct, frozen=True, kw_only=True):
    """What is to be kept, and whether anything could be removed from it."""

    data: bytes
    metadata: Metadata


async def clean(data: bytes, media_type: str) -> Clean:
    """Return a file without what it says about its making.

    Args:
        data: The whole file.
        media_type: By its content.

    Raises:
        InvalidError: It is of a type that can be cleaned, and yet cannot be: broken, encrypted, too large.
    """
    work = _WAYS.get(media_type)
    if work is None:
        return Clean(data=data, metadata="kept")
    return Clean(data=await asyncio.to_thread(_guarded, work, data), metadata="stripped")


def _guarded(work: Callable[[bytes], bytes], data: bytes) -> bytes:
    try:
        with _one_at_a_time:
            return work(data)
    except _REFUSALS as error:
        raise InvalidError(faults=[Fault(pointer="/file", code="cannot_clean")]) from error


def _jpeg(data: bytes) -> bytes:
    return _drawn(data, "JPEG", quality=_QUALITY, subsampling=0)


def _png(data: bytes) -> bytes:
    return _drawn(data, "PNG")


def _webp(data: bytes) -> bytes:
    return _drawn(data, "WEBP", quality=_QUALITY)


def _tiff(data: bytes) -> bytes:
    return _drawn(data, "TIFF", compression="tiff_deflate")


def _drawn(data: bytes, format_: str, **options: Any) -> bytes:  # noqa: ANN401 - the library's own
    with Image.open(io.BytesIO(data), formats=[format_]) as picture:
        pages = getattr(picture, "n_frames", 1)
        if picture.width * picture.height * pages > MOST_PIXELS:
            params = {"limit": str(MOST_PIXELS // 1_000_000)}
            raise InvalidError(faults=[Fault(pointer="/file", code="too_many_pixels", params=params)])
        drawn = [_pixels(page, format_) for page in ImageSequence.Iterator(picture)]
    out = io.BytesIO()
    more = {"save_all": True, "append_images": drawn[1:]} if len(drawn) > 1 else {}
    drawn[0].save(out, format_, **options, **more)
    return out.getvalue()


def _pixels(page: Image.Image, format_: str) -> Image.Image:
    """Return a picture made of nothing but the pixels of another."""
    turned = ImageOps.exif_transpose(page)
    if turned.mode not in _PLAIN_MODES:
        opaque = format_ == "JPEG" or not turned.has_transparency_data
        turned = turned.convert("RGB" if opaque else "RGBA")
    return Image.frombytes(turned.mode, turned.size, turned.tobytes())


def _pdf(data: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as document:
        if "/Info" in document.trailer:
            del document.trailer["/Info"]
        _without(document.Root, _ROOT)
        names = document.Root.get("/Names")
        if isinstance(names, pikepdf.Dictionary):
            _without(names, _NAMES)
        for item in document.objects:
            if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
                _without(item, _EVERYWHERE)
                _without_actions(item)
        for page in document.pages:
            _without_attachments(page.obj)
        out = io.BytesIO()
        document.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _without(holder: pikepdf.Object, names: tuple[str, ...]) -> None:
    for name in names:
        if name in holder:
            del holder[name]


def _without_actions(item: pikepdf.Object) -> None:
    for name in ("/A", "/OpenAction", "/Next"):
        action = item.get(name)
        if isinstance(action, pikepdf.Dictionary) and action.get("/S") in _ACTIONS:
            del item[name]
    if "/JS" in item:
        del item["/JS"]


def _without_attachments(page: pikepdf.Object) -> None:
    notes = page.get("/Annots")
    if isinstance(notes, pikepdf.Array):
        kept = [note for note in notes if note.get("/Subtype") != "/FileAttachment"]
        for note in kept:
            if note.get("/Subtype") == "/Widget":
                continue  # there it is the name of a form's field
            _without(note, ("/T", "/RC"))  # who wrote it; the words themselves are for a person to redact
        page["/Annots"] = pikepdf.Array(kept)


_WAYS: Mapping[str, Callable[[bytes], bytes]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    "image/tiff": _tiff,
    "application/pdf": _pdf,
}
_REFUSALS = (
    *(pikepdf.PdfError, pikepdf.ForeignObjectError, UnidentifiedImageError, Image.DecompressionBombError),
    *(OSError, ValueError, SyntaxError, TypeError, KeyError, EOFError, MemoryError),
)
