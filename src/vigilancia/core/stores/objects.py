"""A store in a bucket of an S3-compatible service, by obstore; keys and endpoint come from the AWS variables."""

from collections.abc import AsyncIterator
from datetime import datetime
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError, PreconditionError
from obstore.store import S3Store

from vigilancia.core.stores.store import Kept, StoreError


class ObjectStore:
    """Objects below a prefix of a bucket."""

    def __init__(self, address: str) -> None:
        """Open a bucket.

        Args:
            address: `s3://bucket/prefix`.
        """
        parts = urlsplit(address)
        self._bucket = S3Store(parts.netloc, prefix=parts.path.strip("/") or None)

    async def put_new(self, name: str, data: bytes) -> bool:
        """Keep bytes under a free name; see `Store`."""
        try:
            await obstore.put_async(self._bucket, name, data, mode="create")
        except AlreadyExistsError:
            return False
        except BaseError as error:
            raise StoreError from error
        return True

    async def replace(self, name: str, data: bytes) -> None:
        """Keep bytes under a name; see `Store`."""
        try:
            await obstore.put_async(self._bucket, name, data)
        except BaseError as error:
            raise StoreError from error

    async def swap(self, name: str, old: bytes, new: bytes) -> bool:
        """Keep bytes in place of others; see `Store`. The service must know conditional writes (`If-Match`)."""
        try:
            found = await obstore.get_async(self._bucket, name)
            tag = found.meta["e_tag"]
            if bytes(await found.bytes_async()) != old:
                return False
            await obstore.put_async(self._bucket, name, new, mode={"e_tag": tag})
        except (NotFoundError, FileNotFoundError, PreconditionError):
            return False
        except BaseError as error:
            raise StoreError from error
        return True

    async def get(self, name: str) -> bytes | None:
        """Return the bytes of a name; see `Store`."""
        try:
            found = await obstore.get_async(self._bucket, name)
            return bytes(await found.bytes_async())
        except (NotFoundError, FileNotFoundError):
            return None
        except BaseError as error:
            raise StoreError from error

    async def put_stream(self, name: str, parts: AsyncIterator[bytes]) -> None:
        """Keep bytes that come in parts, as one multipart upload that appears when it is whole; see `Store`."""
        try:
            await obstore.put_async(self._bucket, name, parts, max_concurrency=1)
        except BaseError as error:
            raise StoreError from error

    async def get_range(self, name: str, start: int, length: int) -> bytes | None:
        """Return bytes from a place on; see `Store`."""
        try:
            size = (await obstore.head_async(self._bucket, name))["size"]
            if start >= size:
                return None
            return bytes(await obstore.get_range_async(self._bucket, name, start=start, length=length))
        except (NotFoundError, FileNotFoundError):
            return None
        except BaseError as error:
            raise StoreError from error

    async def delete(self, name: str) -> None:
        """Remove a name; see `Store`. A bucket that keeps versions keeps this one too: see docs/operations.md."""
        try:
            await obstore.delete_async(self._bucket, name)
        except (NotFoundError, FileNotFoundError):
            return
        except BaseError as error:
            raise StoreError from error

    async def sweep(self, before: datetime) -> None:
        """Do nothing: parts of uploads that broke off are invisible, and the bucket's own rule removes them."""

    async def names(self, prefix: str = "") -> AsyncIterator[str]:
        """Walk the names; see `Store`."""
        async for kept in self.walk():
            if kept.name.startswith(prefix):
                yield kept.name

    async def walk(self) -> AsyncIterator[Kept]:
        """Walk the names with their instants; see `Store`."""
        try:
            async for page in self._bucket.list():
                for meta in page:
                    yield Kept(meta["path"], meta["last_modified"])
        except BaseError as error:
            raise StoreError from error
