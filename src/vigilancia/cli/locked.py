"""Files of the data folder under a passphrase: AES-256-GCM under a key that Argon2id (RFC 9106) makes of it.

Salt and cost stand in the file and are part of what is sealed; the passphrase and its key are kept nowhere.
"""

import base64
import json
import secrets

from argon2.low_level import ARGON2_VERSION, Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vigilancia.embedded.errors import EmbeddedError

LEAST = 12  # characters of a passphrase
MEMORY_KIB, PASSES, LANES = 64 * 1024, 3, 4
_MOST_MEMORY_KIB, _MOST_PASSES, _MOST_LANES = 4 * 1024 * 1024, 100, 64  # a file that asks for more was tampered with
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES = 16, 12, 32
_FORM = "vigilancia-locked-1"


def is_locked(content: str) -> bool:
    """Tell whether a file's content is under a passphrase."""
    return content.lstrip().startswith("{") and f'"{_FORM}"' in content


def lock(text: str, passphrase: str, *, what: str) -> str:
    """Return what to write in place of a text.

    Args:
        text: To hide.
        passphrase: Of at least `LEAST` characters.
        what: What the file is for; opening wants the same.
    """
    head = {
        "form": _FORM,
        "what": what,
        "kdf": "argon2id",
        "version": ARGON2_VERSION,
        "memory_kib": MEMORY_KIB,
        "passes": PASSES,
        "lanes": LANES,
        "salt": _text(secrets.token_bytes(_SALT_BYTES)),
    }
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(_key(head, passphrase)).encrypt(nonce, text.encode(), _bound(head))
    return json.dumps({**head, "nonce": _text(nonce), "sealed": _text(sealed)}, indent=1) + "\n"


def unlock(content: str, passphrase: str, *, what: str, path: str) -> str:
    """Return the text of a locked file.

    Raises:
        EmbeddedError: `passphrase_wrong`: it is another, or the file was changed.
    """
    try:
        told = dict(json.loads(content))
        nonce, sealed = base64.b64decode(told.pop("nonce")), base64.b64decode(told.pop("sealed"))
        return AESGCM(_key(told, passphrase)).decrypt(nonce, sealed, _bound(told | {"what": what})).decode()
    except (InvalidTag, ValueError, KeyError, TypeError) as error:
        raise EmbeddedError("passphrase_wrong", path=path) from error


def _key(head: dict[str, object], passphrase: str) -> bytes:
    memory, passes, lanes = (int(str(head[name])) for name in ("memory_kib", "passes", "lanes"))
    if memory > _MOST_MEMORY_KIB or passes > _MOST_PASSES or lanes > _MOST_LANES:
        raise InvalidTag
    return hash_secret_raw(
        passphrase.encode("utf-8", "surrogatepass"),
        base64.b64decode(str(head["salt"])),
        time_cost=passes,
        memory_cost=memory,
        parallelism=lanes,
        hash_len=_KEY_BYTES,
        type=Type.ID,
    )


def _bound(head: dict[str, object]) -> bytes:
    return json.dumps(head, sort_keys=True).encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
