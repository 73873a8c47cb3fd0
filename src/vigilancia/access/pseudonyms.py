"""Names that tell nothing: what analysts are given in place of ids that lead from a case to other records.

They are the same for the same record at every address of an installation and in every file, and silent without its
key. They hang on the newest master key of the ring: when it is changed, they change.
"""

import hashlib
from uuid import UUID

from vigilancia.core.crypto import KeyRing

LENGTH = 16
_VERSION, _VARIANT = 8, 0b10  # a UUID of our own making (RFC 9562, 5.8)


class Pseudonyms:
    """The pseudonyms of an installation."""

    def __init__(self, keys: KeyRing) -> None:
        """Stand on the key ring."""
        self._keys = keys

    def of(self, kind: str, id_: UUID) -> UUID:
        """Return what stands for a record, in the shape of an id.

        Args:
            kind: Such as `organization`: an id means nothing in another kind.
            id_: Of the record.
        """
        print_ = self._keys.fingerprint(f"{kind}/{id_}".encode(), purpose="pseudonym")
        number = int.from_bytes(print_[:16], "big")
        number = number & ~(0xF << 76) | _VERSION << 76
        number = number & ~(0b11 << 62) | _VARIANT << 62
        return UUID(int=number)

    def of_case(self, complaint_id: UUID) -> str:
        """Return what stands for a complaint's reference; files of exports, which make it in SQL, say the same."""
        return hashlib.sha256(self.case_key + str(complaint_id).encode()).hexdigest()[:LENGTH]

    def all_of_case(self, complaint_id: UUID) -> list[str]:
        """Return what may stand for a complaint in files that are still there: one for each master key of the ring."""
        keys = self._keys.fingerprints(b"case", purpose="pseudonym")
        return [hashlib.sha256(key + str(complaint_id).encode()).hexdigest()[:LENGTH] for key in keys]

    @property
    def case_key(self) -> bytes:
        """The key of `of_case`, for making it in SQL."""
        return self._keys.fingerprint(b"case", purpose="pseudonym")
