"""Holding a bundle against its manifest and its signature, without a network, a database or a key of ours."""

import base64
import binascii
import re
import zipfile
from collections import Counter
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from msgspec import Struct

from vigilancia.core.signing_keys import key_id
from vigilancia.evidence.layout import KEY, MANIFEST, SIGNATURE

_LINE = re.compile(r"(?P<digest>[0-9a-f]{64})  (?P<name>[^\r\n\0]{1,500})")
_MOST_TEXT = 50_000_000  # bytes of a manifest, signature or key
_PIECE = 1 << 20
_BEGIN, _END = b"-----BEGIN PUBLIC KEY-----", b"-----END PUBLIC KEY-----"


class Finding(Struct, frozen=True, kw_only=True):
    """Something wrong with a bundle.

    Attributes:
        code: `no_zip`, `no_manifest`, `broken_manifest`, `no_signature`, `bad_signature`, `no_key`, `other_key`,
            `differs`, `missing`, `extra` or `twice`.
        name: Of the file it is about; empty: the bundle.
    """

    code: str
    name: str = ""


class Report(Struct, frozen=True, kw_only=True):
    """What was found.

    Attributes:
        files: How many files agree with the manifest.
        key: Short name of the key that signed; empty where there is none.
        known: Whether that key is one that came another way: otherwise it only says that nothing was changed since
            somebody signed, not who that was.
        findings: What is wrong; none: the bundle is as it was made.
    """

    files: int
    key: str
    known: bool
    findings: list[Finding]


def verify(bundle: Path, public_key: bytes | None = None) -> Report:
    """Hold a bundle against its manifest, and the manifest against its signature.

    Args:
        bundle: The ZIP.
        public_key: PEM of the key it should be signed with; none: whichever it brings along.

    Raises:
        OSError: The file cannot be read.
        ValueError: The given key is none.
    """
    trusted = _key(public_key) if public_key is not None else None
    if public_key is not None and trusted is None:
        raise ValueError
    try:
        with zipfile.ZipFile(bundle) as opened:
            return _verify(opened, trusted)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError):
        return Report(files=0, key="", known=False, findings=[Finding(code="no_zip")])


def _verify(opened: zipfile.ZipFile, trusted: Ed25519PublicKey | None) -> Report:
    names = Counter(entry.filename for entry in opened.infolist())
    findings = [Finding(code="twice", name=name) for name, many in names.items() if many > 1]
    manifest = _text(opened, names, MANIFEST)
    if manifest is None:
        return Report(files=0, key="", known=False, findings=[*findings, Finding(code="no_manifest", name=MANIFEST)])
    own = _key(_text(opened, names, KEY))
    findings += _signature_findings(_text(opened, names, SIGNATURE), manifest, own, trusted)
    listed = _lines(manifest)
    if listed is None:
        return _report(0, own, trusted, [*findings, Finding(code="broken_manifest", name=MANIFEST)])
    agreed = 0
    for name, digest in listed.items():
        if name not in names:
            findings.append(Finding(code="missing", name=name))
        elif _digest(opened, name) != digest:
            findings.append(Finding(code="differs", name=name))
        else:
            agreed += 1
    findings += [Finding(code="extra", name=name) for name in names if name not in {*listed, MANIFEST, SIGNATURE}]
    return _report(agreed, own, trusted, findings)


def _report(
    files: int, own: Ed25519PublicKey | None, trusted: Ed25519PublicKey | None, findings: list[Finding]
) -> Report:
    signer = trusted or own
    return Report(files=files, key=key_id(signer) if signer else "", known=trusted is not None, findings=findings)


def _signature_findings(
    signature: bytes | None, manifest: bytes, own: Ed25519PublicKey | None, trusted: Ed25519PublicKey | None
) -> list[Finding]:
    if signature is None:
        return [Finding(code="no_signature", name=SIGNATURE)]
    if own is None and trusted is None:
        return [Finding(code="no_key", name=KEY)]
    signer = trusted or own
    try:
        if signer is not None:
            signer.verify(base64.b64decode(signature.strip(), validate=True), manifest)
    except (InvalidSignature, binascii.Error):
        other = trusted is not None and own is not None and key_id(own) != key_id(trusted)
        return [Finding(code="other_key", name=KEY) if other else Finding(code="bad_signature", name=SIGNATURE)]
    return []


def _lines(manifest: bytes) -> dict[str, str] | None:
    """Return the digests of a manifest by name; none where a line does not fit or a name stands twice."""
    try:
        found = [_LINE.fullmatch(line) for line in manifest.decode("utf-8").splitlines()]
    except UnicodeDecodeError:
        return None
    listed = {line["name"]: line["digest"] for line in found if line is not None}
    return listed if listed and len(listed) == len(found) else None


def _text(opened: zipfile.ZipFile, names: Counter[str], name: str) -> bytes | None:
    if name not in names or opened.getinfo(name).file_size > _MOST_TEXT:
        return None
    try:
        with opened.open(name) as entry:
            return entry.read(_MOST_TEXT)
    except zipfile.BadZipFile:
        return None


def _digest(opened: zipfile.ZipFile, name: str) -> str | None:
    digest = sha256()
    try:
        with opened.open(name) as entry:
            while piece := entry.read(_PIECE):
                digest.update(piece)
    except zipfile.BadZipFile:  # its own checksum already says so
        return None
    return digest.hexdigest()


def _key(pem: bytes | None) -> Ed25519PublicKey | None:
    """Return the key of a PEM that is nothing else: the library would also find one in the middle of a bundle."""
    text = (pem or b"").strip()
    if not (text.startswith(_BEGIN) and text.endswith(_END)):
        return None
    try:
        key = load_pem_public_key(text)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, Ed25519PublicKey) else None
