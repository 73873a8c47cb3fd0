"""Rule sets that proceedings are pinned to: the package's own, and those of earlier packages as they were stored."""

import logging
from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from vigilancia.core.errors import UnavailableError
from vigilancia.core.work import Work
from vigilancia.law import loader
from vigilancia.law.mechanism import Mechanism
from vigilancia.proceedings.models import RuleSetRow

_MOST = 64  # decoded sets a process keeps; one holds its calendars and takes about a megabyte
_decoded: dict[str, Mechanism] = {}  # by digest, which is of the content: the same in every database, for ever

logger = logging.getLogger(__name__)


async def keep(work: Work, mechanisms: Iterable[Mechanism]) -> None:
    """Store rule sets, so that what is pinned to them is computed with them after newer files have come.

    One statement when all are stored already.
    """
    wanted = {mechanism.digest: mechanism for mechanism in mechanisms}
    known = set(await work.session.scalars(select(RuleSetRow.digest).where(RuleSetRow.digest.in_(wanted))))
    rows = [
        {
            "digest": digest,
            "mechanism": mechanism.id,
            "content": msgspec.json.encode(mechanism).decode(),
            "recorded_at": work.now,
        }
        for digest, mechanism in wanted.items()
        if digest not in known
    ]
    if rows:
        await work.session.execute(insert(RuleSetRow).on_conflict_do_nothing(), rows)


async def find(work: Work, digests: Iterable[str]) -> Mapping[str, Mechanism]:
    """Return rule sets by digest; one that nobody stored is left out.

    No statement for those of the package and those this process decoded before, one for all others.

    Raises:
        UnavailableError: One is there and cannot be read by this code: newer code beside it has stored it, or the
            shapes of rule files lost a field, which a test forbids.
    """
    wanted = set(digests)
    ours = {mechanism.digest: mechanism for mechanism in loader.mechanisms().values()}
    known = {digest: found for digest in wanted if (found := ours.get(digest) or _decoded.get(digest))}
    missing = wanted - set(known)
    if missing:
        query = select(RuleSetRow.digest, RuleSetRow.content).where(RuleSetRow.digest.in_(sorted(missing)))
        for row in await work.session.execute(query):
            known[row.digest] = _remembered(row.digest, row.content)
    return known


async def of(work: Work, *, mechanism: str, digest: str) -> Mechanism:
    """Return the rule set a proceeding is pinned to; the package's, where nobody stored it.

    Raises:
        UnavailableError: As for `find`.
    """
    return (await find(work, [digest])).get(digest) or loader.mechanism(mechanism)


async def for_words(work: Work, digests: Iterable[str]) -> Mapping[str, Mechanism]:
    """Return rule sets to name things with; where one cannot be read, the package's words have to do."""
    try:
        return await find(work, digests)
    except UnavailableError:
        return {mechanism.digest: mechanism for mechanism in loader.mechanisms().values()}


def decode(content: str) -> Mechanism:
    """Read a stored rule set; fields that the shapes have got since are as their defaults say.

    Raises:
        msgspec.ValidationError: It does not fit the shapes of this code.
    """
    return msgspec.json.decode(content, type=Mechanism)


def _remembered(digest: str, content: str) -> Mechanism:
    try:
        found = decode(content)
    except msgspec.ValidationError as error:
        logger.error("rule_set_unreadable digest=%s", digest)  # noqa: TRY400 - the digest says it all
        raise UnavailableError(headers={"Retry-After": "60"}) from error
    while len(_decoded) >= _MOST:
        del _decoded[next(iter(_decoded))]
    _decoded[digest] = found
    return found
