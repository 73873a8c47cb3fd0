"""How a file is encrypted: in chunks, each with its place, so that none can be changed, moved, dropped or added.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizar: Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance, 2015), as age uses it, with AES-256-GCM. A file begins with `vgf1` and 16 random bytes; its own key
is derived by HKDF (RFC 5869) from the complaint's key, that salt, the complaint's id and the file's. The nonce of a
chunk is its number and whether it is the last: a file that was cut short, or whose chunks changed places, does not
open. Chunks are 64 KiB in the clear and 16 bytes more in the store; only the last may be shorter.
"""

from collections.abc import AsyncIterator
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CHUNK = 64 * 1024  # bytes in the clear
TAG = 16
SEALED_CHUNK = CHUNK + TAG
SALT = 16
MAGIC = b"vgf1"
HEADER = len(MAGIC) + SALT
BLOCK = 16  # chunks that go to and come from a store at once: a MiB
_KEY_BYTES = 32
_NUMBER_BYTES = 11


class DamagedError(Exception):
    """The bytes in the store are not those that were put there, or not all of them."""


class Cipher:
    """The cipher of one file."""

    def __init__(self, key: bytes, complaint_id: UUID, file_id: UUID, header: bytes) -> None:
        """Derive the file's own key.

        Args:
            key: Of the complaint.
            complaint_id: Whose file it is.
            file_id: Which one; no two files share a key, whatever their header says.
            header: The first bytes of the file in the store.

        Raises:
            DamagedError: The header is none of ours.
        """
        if len(header) != HEADER or not header.startswith(MAGIC):
            raise DamagedError
        info = b"vigilancia/file/" + complaint_id.bytes + file_id.bytes
        kdf = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=header[len(MAGIC) :], info=info)
        self._aead = AESGCM(kdf.derive(key))

    def seal(self, number: int, chunk: bytes, *, last: bool) -> bytes:
        """Encrypt one chunk."""
        return self._aead.encrypt(_nonce(number, last=last), chunk, None)

    def open(self, number: int, sealed: bytes, *, last: bool) -> bytes:
        """Decrypt one chunk.

        Raises:
            DamagedError: It was changed, or it is not the chunk of this number, or not the last, or of another file.
        """
        try:
            return self._aead.decrypt(_nonce(number, last=last), sealed, None)
        except (InvalidTag, ValueError) as error:
            raise DamagedError from error


async def sealed(cipher: Cipher, header: bytes, plain: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Encrypt a file that comes in parts of any size, and hand it on in blocks; one block is held in memory."""
    out, rest, number = bytearray(header), bytearray(), 0
    async for part in plain:
        rest += part
        while len(rest) > CHUNK:  # the last chunk is only known at the end
            out += cipher.seal(number, bytes(rest[:CHUNK]), last=False)
            del rest[:CHUNK]
            number += 1
            if len(out) >= BLOCK * SEALED_CHUNK:
                yield bytes(out)
                out.clear()
    out += cipher.seal(number, bytes(rest), last=True)
    yield bytes(out)


def chunks_of(size: int) -> int:
    """Return how many chunks a file of so many bytes has; an empty file has one, which is empty."""
    return max(1, -(-size // CHUNK))


def sealed_size(size: int) -> int:
    """Return how many bytes a file takes in the store."""
    return HEADER + size + chunks_of(size) * TAG


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_NUMBER_BYTES, "big") + (b"\1" if last else b"\0")
