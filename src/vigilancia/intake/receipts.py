"""Receipts: 16 random digits that look like a telephone number, and the hash they are found by.

Argon2id (RFC 9106) with 64 MiB and three passes. All receipts of an installation share one salt, so that one can be
found without knowing whose it is.
"""

import asyncio
import secrets

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from vigilancia.core.work import Work
from vigilancia.intake.models import ReceiptSaltRow

DIGITS = 16
_SALT_BYTES = 16
_HASH_BYTES = 32
_PASSES, _KIBIBYTES, _LANES = 3, 64 * 1024, 1
_AT_ONCE = asyncio.Semaphore(2)  # each takes 64 MiB and a core; nobody may take them all


def new_receipt() -> str:
    """Return a fresh receipt."""
    return "".join(secrets.choice("0123456789") for _ in range(DIGITS))


async def digest_of(work: Work, receipt: str) -> bytes:
    """Return the hash a receipt is found by; spaces and dashes do not count."""
    plain = "".join(character for character in receipt if character.isdecimal() and character.isascii())
    salt = await _salt(work)
    async with _AT_ONCE:
        return await asyncio.to_thread(
            hash_secret_raw,
            plain.encode(),
            salt,
            time_cost=_PASSES,
            memory_cost=_KIBIBYTES,
            parallelism=_LANES,
            hash_len=_HASH_BYTES,
            type=Type.ID,
        )


async def _salt(work: Work) -> bytes:
    query = select(ReceiptSaltRow.salt)
    salt: bytes | None = await work.session.scalar(query)
    if salt is not None:
        return salt
    fresh = insert(ReceiptSaltRow).values(one=True, salt=secrets.token_bytes(_SALT_BYTES))
    await work.session.execute(fresh.on_conflict_do_nothing())
    return (await work.session.scalars(query)).one()
