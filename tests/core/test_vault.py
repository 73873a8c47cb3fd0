"""The keys of complaints: made once, bound to their place, destroyed for good, never made in a lost store."""

import asyncio
import shutil
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidTag

from tests.conftest import KEYS
from vigilancia.core.blind import blind
from vigilancia.core.crypto import KeyRing, KeyRingError
from vigilancia.core.stores import StoreError
from vigilancia.core.stores.local import LocalStore
from vigilancia.core.vault import HOUSE, MARK, Vault, complaint_of, name_of

RING = KeyRing(KEYS)
WORDS = "Nos dijeron: canaryñ\ud800"  # also what no encoding of Unicode holds


def a_vault(folder: Path, *, ring: KeyRing = RING, strict: bool = False) -> Vault:
    """Return the vault of another process on the same folder."""
    return Vault(LocalStore(folder), ring, strict=strict)


async def test_another_process_opens_what_one_sealed(tmp_path: Path) -> None:
    case = uuid4()
    sealed = await a_vault(tmp_path).seal(case, WORDS, field="summary")
    assert b"canary" not in sealed
    assert await a_vault(tmp_path).open(case, sealed, field="summary") == WORDS
    assert await a_vault(tmp_path).open(case, None, field="summary") is None


async def test_the_same_words_are_never_sealed_alike(tmp_path: Path) -> None:
    vault, case = a_vault(tmp_path), uuid4()
    assert len({await vault.seal(case, "x", field="summary") for _ in range(20)}) == 20


async def test_what_was_moved_or_changed_is_refused(tmp_path: Path) -> None:
    vault, case, other = a_vault(tmp_path), uuid4(), uuid4()
    sealed = await vault.seal(case, WORDS, field="summary")
    await vault.key(other)
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    wrong = [(case, value, "summary") for value in (changed, sealed[:10], b"\xff\xfe", b"")]
    for whose, value, field in [(other, sealed, "summary"), (case, sealed, "narrative"), *wrong]:
        with pytest.raises(InvalidTag):
            await vault.open(whose, value, field=field)


async def test_a_destroyed_key_opens_nothing_and_does_not_come_back(tmp_path: Path) -> None:
    vault, case = a_vault(tmp_path), uuid4()
    sealed = await vault.seal(case, WORDS, field="summary")
    copy = (tmp_path / name_of(case)).read_bytes()
    await vault.destroy(case)
    await vault.destroy(case)
    assert await vault.open(case, sealed, field="summary") is None
    assert await vault.rewrap(case, copy) is False
    assert not (tmp_path / name_of(case)).exists()
    await vault.seal(case, "nuevo", field="summary")
    with pytest.raises(InvalidTag):
        await vault.open(case, sealed, field="summary")


async def test_rivals_make_one_key(tmp_path: Path) -> None:
    case = uuid4()
    vaults = [a_vault(tmp_path) for _ in range(20)]
    assert len(set(await asyncio.gather(*(vault.key(case) for vault in vaults)))) == 1


async def test_a_lost_store_gets_no_new_keys_and_calls_nothing_destroyed(tmp_path: Path) -> None:
    vault, case = a_vault(tmp_path / "keys"), uuid4()
    sealed = await vault.seal(case, WORDS, field="summary")
    shutil.move(tmp_path / "keys", tmp_path / "away")
    (tmp_path / "keys").mkdir()  # an empty mount point
    for process in (vault, a_vault(tmp_path / "keys", strict=True)):
        with pytest.raises(StoreError):
            await process.seal(uuid4(), WORDS, field="summary")
    with pytest.raises(StoreError):
        await a_vault(tmp_path / "keys").open(case, sealed, field="summary")
    assert list((tmp_path / "keys").rglob("*")) == []
    shutil.rmtree(tmp_path / "keys")
    shutil.move(tmp_path / "away", tmp_path / "keys")
    assert await vault.open(case, sealed, field="summary") == WORDS
    await vault.seal(uuid4(), WORDS, field="summary")


async def test_another_store_in_its_place_is_refused(tmp_path: Path) -> None:
    vault = a_vault(tmp_path)
    await vault.seal(uuid4(), WORDS, field="summary")
    (tmp_path / MARK).write_text(str(uuid4()))
    with pytest.raises(StoreError):
        await vault.seal(uuid4(), WORDS, field="summary")


async def test_a_key_is_wrapped_anew_and_opens_what_it_sealed(tmp_path: Path) -> None:
    vault, case = a_vault(tmp_path), uuid4()
    sealed = await vault.seal(case, WORDS, field="summary")
    newer = KeyRing.make("newer")
    turning = a_vault(tmp_path, ring=KeyRing(f"{newer},{KEYS}"))
    assert await turning.rewrap(case, (tmp_path / name_of(case)).read_bytes())
    assert await a_vault(tmp_path, ring=KeyRing(newer)).open(case, sealed, field="summary") == WORDS
    with pytest.raises(KeyRingError):
        await a_vault(tmp_path).open(case, sealed, field="summary")


async def test_a_wrapped_key_serves_its_own_case_alone(tmp_path: Path) -> None:
    vault, case, other = a_vault(tmp_path), uuid4(), uuid4()
    await vault.key(case)
    place = tmp_path / name_of(other)
    place.parent.mkdir(exist_ok=True)
    shutil.copy(tmp_path / name_of(case), place)
    with pytest.raises(InvalidTag):
        await a_vault(tmp_path).find(other)


async def test_many_keys_are_asked_for_at_once_and_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [uuid4() for _ in range(100)]
    for case in cases:
        await a_vault(tmp_path).key(case)
    vault = a_vault(tmp_path)
    await vault.warm([*cases, uuid4()])
    monkeypatch.setattr(vault, "store", None)
    assert all([await vault.find(case) for case in cases])


def test_names_tell_whose_key_lies_there() -> None:
    case = uuid4()
    assert complaint_of(name_of(case)) == case
    assert complaint_of(name_of(HOUSE)) == HOUSE == UUID(int=0)
    assert [complaint_of(name) for name in (MARK, f"zz/{case}", f"{case}")] == [None, None, None]


def test_a_value_is_found_by_its_print_across_a_rotation() -> None:
    written = blind(RING, "person.phone", "5512345678")[0]
    turned = KeyRing(f"{KeyRing.make('newer')},{KEYS}")
    assert written in blind(turned, "person.phone", "5512345678")
    assert [each.partition(b"\0")[0] for each in blind(turned, "person.phone", "5")] == [b"newer", b"test"]
    for other in (
        blind(RING, "person.email", "5512345678"),
        blind(RING, "person.phone", "5512345679"),
        blind(KeyRing(KeyRing.make("test")), "person.phone", "5512345678"),
    ):
        assert written not in other
