"""`vigilancia keys`: which master keys are needed, wrapping everything under the newest, the passphrase of the disk."""

import asyncio
from collections.abc import Mapping, Sequence

import click
from msgspec import Struct

from vigilancia.cli import passphrases
from vigilancia.cli.frame import REFUSED, framed
from vigilancia.cli.installation import Folder, checked, folder_of, open_desk, reach, write_run
from vigilancia.cli.screen import Screen
from vigilancia.core import clock
from vigilancia.core.crypto import KeyRing
from vigilancia.core.identity import SYSTEM
from vigilancia.core.sealing import earlier, mark, rotation
from vigilancia.core.settings import Settings
from vigilancia.core.work import Desk
from vigilancia.embedded.errors import EmbeddedError
from vigilancia.people.rotation import PersonPrints

_PLACES = (PersonPrints(),)  # of rooms that the furniture does not know
_EVERY = 5_000  # renewed values between two lines
_AGAIN = 26


class KeyStatus(Struct, frozen=True, kw_only=True):
    """One master key, and how many values of each place it wraps or seals."""

    id: str
    newest: bool
    in_ring: bool
    values: Mapping[str, int]

    @property
    def total(self) -> int:
        """Of all places."""
        return sum(self.values.values())


@click.group("keys", help="Master keys, and what they wrap.")
def keys_group() -> None:
    """Group the commands on keys."""


@keys_group.command("status", help="Say which master keys wrap how many values, and what is not sealed yet.")
@framed
def status(settings: Settings, screen: Screen) -> None:  # noqa: D103 - the help text says it
    async def look(reached: Settings) -> tuple[list[KeyStatus], int]:
        async with open_desk(reached) as desk:
            async with desk.work(SYSTEM) as work:
                left = await earlier.left(work)
            return await _statuses(desk), left

    with reach(settings, screen.say) as reached:
        found, left = asyncio.run(look(reached))
    for each in found:
        screen.line(screen.t(f"keys.{_kind(each)}", id=each.id, values=each.total))
    screen.line(screen.t("keys.left", count=left))
    screen.value({"keys": found, "unsealed": left, "unneeded": _unneeded(found)})
    _refuse_missing(screen, found)


@keys_group.command("rotate", help="Wrap everything under the newest master key; may be stopped and run again.")
@framed
def rotate(settings: Settings, screen: Screen) -> None:  # noqa: D103 - the help text says it
    said = dict[str, int]()

    def tell(place: str, done: int) -> None:
        if done >= said.get(place, 0) + _EVERY:
            said[place] = done
            screen.note(screen.t("keys.on_the_way", place=screen.t(f"keys.place.{place}"), done=done))

    async def renew(reached: Settings) -> tuple[Mapping[str, int], list[KeyStatus]]:
        async with open_desk(reached) as desk:
            await earlier.seal_all(desk)
            return await rotation.rotate(desk, tell, _PLACES), await _statuses(desk)

    with reach(settings, screen.say) as reached:
        renewed, found = asyncio.run(renew(reached))
    screen.line(screen.t("keys.renewed", count=sum(renewed.values()), id=found[0].id))
    for key_id in _unneeded(found):
        screen.line(screen.t("keys.unneeded", id=key_id))
    screen.value({"renewed": renewed, "keys": found, "unneeded": _unneeded(found)})
    _refuse_missing(screen, found)


@keys_group.command("seal", help="Seal what earlier releases left in plain words; `up` and `migrate` do it too.")
@framed
def seal(settings: Settings, screen: Screen) -> None:  # noqa: D103 - the help text says it
    async def run(reached: Settings) -> earlier.Done:
        async with open_desk(reached) as desk:
            return await earlier.seal_all(desk)

    with reach(settings, screen.say) as reached:
        done = asyncio.run(run(reached))
    screen.line(screen.t("keys.sealed", count=done.sealed))
    screen.value({"sealed": done.sealed, "failed": done.failed, "left": done.left})
    if done.left:
        screen.refuse("not_all_sealed", left=done.left, failed=done.failed)
        raise SystemExit(REFUSED)


@keys_group.command("new", help="Make a master key; an embedded installation takes it into use at its next start.")
@framed
def new(settings: Settings, screen: Screen) -> None:  # noqa: D103 - the help text says it
    if settings.database_url or settings.master_keys.get_secret_value():
        ring = checked(settings, keys="").master_keys.get_secret_value()
        made = KeyRing.make(_fresh_id(KeyRing(ring).ids))
        screen.line(screen.t("keys.put_last"))
        screen.line(made)
        screen.value({"key": made})
        return
    folder = _stopped(settings)
    ring = folder.keys()
    made = KeyRing.make(_fresh_id(KeyRing(ring).ids))
    folder.write_keys(f"{made},{ring}")
    key_id = made.partition(":")[0]
    screen.line(screen.t("keys.made", id=key_id))
    screen.value({"id": key_id})


@keys_group.command("drop", help="Take a master key that nothing needs out of an embedded installation's ring.")
@click.argument("key_id")
@framed
def drop(settings: Settings, screen: Screen, key_id: str) -> None:  # noqa: D103 - the help text says it
    if settings.database_url or settings.master_keys.get_secret_value():
        raise EmbeddedError("keys_are_yours")
    folder = _stopped(settings)

    async def look(reached: Settings) -> list[str]:
        async with open_desk(reached) as desk:
            return _unneeded(await _statuses(desk))

    with reach(settings, screen.say) as reached:
        if key_id not in asyncio.run(look(reached)):
            raise EmbeddedError("key_needed", id=key_id)
    rest = [part for part in folder.keys().split(",") if part.strip().partition(":")[0] != key_id]
    folder.write_keys(",".join(rest))
    screen.line(screen.t("keys.dropped", id=key_id))
    screen.value({"dropped": key_id})


@keys_group.command("passphrase", help="Set, change or remove the passphrase of an embedded installation's keys.")
@click.option("--remove", is_flag=True, help="Let the keys lie on the disk as they are.")
@framed
def passphrase(settings: Settings, screen: Screen, *, remove: bool) -> None:  # noqa: D103 - the help text says it
    if settings.database_url or settings.master_keys.get_secret_value():
        raise EmbeddedError("keys_are_yours")
    folder = folder_of(settings)
    folder.make()
    folder.keys()  # the passphrase in force is asked for before a new one
    folder.lock(None if remove else passphrases.next_one(settings))
    told = folder.run()
    if told is not None and not remove:
        write_run(folder, {**told, "tokens": {}})
    screen.line(screen.t("passphrase.removed" if remove else "passphrase.set"))
    screen.value({"locked": not remove})


@keys_group.command("accept-loss", help="Go on with the present key store although the former one is lost.")
@click.option("--yes", is_flag=True, required=True, help="I know that what the lost keys sealed stays unreadable.")
@framed
def accept_loss(settings: Settings, screen: Screen, *, yes: bool) -> None:  # noqa: ARG001, D103 - required is enough
    async def begin(reached: Settings) -> None:
        async with open_desk(reached, any_store=True) as desk:
            await mark.begin_anew(desk)

    with reach(settings, screen.say) as reached:
        asyncio.run(begin(reached))
    screen.line(screen.t("keys.begun_anew"))
    screen.value({"status": "done"})


async def _statuses(desk: Desk) -> list[KeyStatus]:
    found = await rotation.counts(desk, _PLACES)
    ring = desk.keys.ids
    order = [*ring, *sorted(set(found) - set(ring))]
    return [
        KeyStatus(id=key_id, newest=key_id == ring[0], in_ring=key_id in ring, values=dict(found[key_id]))
        for key_id in order
    ]


def _unneeded(found: Sequence[KeyStatus]) -> list[str]:
    return [each.id for each in found if each.in_ring and not each.newest and not each.total]


def _kind(each: KeyStatus) -> str:
    if not each.in_ring:
        return "missing"
    return "newest" if each.newest else "older" if each.total else "unneeded"


def _refuse_missing(screen: Screen, found: Sequence[KeyStatus]) -> None:
    missing = [each.id for each in found if not each.in_ring]
    if missing:
        screen.refuse("keys_missing", ids=", ".join(missing))
        raise SystemExit(REFUSED)


def _fresh_id(taken: Sequence[str]) -> str:
    day = f"k{clock.now():%Y%m%d}"
    names = [day, *(f"{day}{chr(ord('a') + place)}" for place in range(_AGAIN))]
    return next(name for name in names if name not in taken)


def _stopped(settings: Settings) -> Folder:
    """Return the folder of an installation that does not run: its programs know the ring they were started with."""
    folder = folder_of(settings)
    folder.make()
    told = folder.run()
    if told is not None:
        raise EmbeddedError("stop_first", base_url=str(told["base_url"]))
    checked(settings, keys=folder.keys())
    return folder
