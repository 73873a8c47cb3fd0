"""People's prints as a place of the rotation of master keys: counted by key, and renewed in small steps.

Where it stopped it goes on: what was made under an older key is still to be done. A row whose words cannot be opened
just now, because the key store is away, ends the rotation as elsewhere; nothing is lost by that.
"""

from collections.abc import Callable, Mapping

from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.people import prints

BATCH = 200


class PersonPrints:
    """The blind index of people; without renewal nobody would be found once the older key is taken out of the ring."""

    name = "person_prints"

    async def count(self, desk: Desk) -> Mapping[str, int]:
        """Return how many people each master key has made prints of, by its id."""
        async with desk.work(SYSTEM) as work:
            return await prints.counts(work)

    async def renew(self, desk: Desk, tell: Callable[[int], None]) -> int:
        """Make all prints under the newest key; tell how many were done meanwhile, and return how many in all.

        Raises:
            StoreError: The key store is away; what was done stays so.
        """
        done, after = 0, None
        while True:
            async with desk.work(SYSTEM) as work:
                found = await prints.due_after(work, after, BATCH)
                done += sum([await prints.renew(work, id_) for id_ in found])
            if not found:
                return done
            after = found[-1]
            tell(done)
