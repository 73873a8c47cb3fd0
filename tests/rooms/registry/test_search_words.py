"""A search finds words however they are joined, and whatever their accents."""

import pytest

from tests.builders import a_complaint, an_organization
from tests.conftest import Api


@pytest.mark.parametrize("words", ["slp", "SLP goodyear", "t.p.i.", "tpi", "nunez", "NÚÑEZ"])
async def test_joined_and_accented_names_are_found(api: Api, words: str) -> None:
    await an_organization(api, name="Goodyear/SLP Núñez", aliases=["T.P.I.", "TPI"])
    assert len((await api.get("/v1/organizations", params={"q": words})).json()["items"]) == 1


async def test_a_reference_is_found_by_its_end(api: Api) -> None:
    made = await a_complaint(api)
    for words in (made["reference"], made["reference"].split("-", 1)[1], made["reference"][-6:]):
        assert len((await api.get("/v1/complaints", params={"q": words})).json()["items"]) == 1
