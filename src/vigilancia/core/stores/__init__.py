"""Where bytes lie that do not belong into the database: keys of complaints, and files.

A store is a folder, or a bucket of any S3-compatible service. What is kept is complete or not there at all.
"""

from pathlib import Path

from vigilancia.core.stores.local import LocalStore
from vigilancia.core.stores.objects import ObjectStore
from vigilancia.core.stores.store import Kept, Store, StoreError

__all__ = ["Kept", "Store", "StoreError", "open_store"]


def open_store(address: str, default: Path) -> Store:
    """Return the store an operator has set.

    Args:
        address: A folder, or `s3://bucket/prefix`; empty: the default.
        default: Folder of an installation that sets none.

    Raises:
        StoreError: An address of another kind.
    """
    if address.startswith("s3://"):
        return ObjectStore(address)
    if "://" in address:
        raise StoreError
    return LocalStore(Path(address) if address else default)
