"""Numbers of parties and facilities: one spelling each, checked where there is a check."""

import pytest

from tests.conftest import Api
from vigilancia.registry.identifiers import is_scheme, normalise

SPELLINGS = [
    ("rfc", "gode 561231-gr8", "GODE561231GR8"),
    ("rfc", "NWM9709244W4", "NWM9709244W4"),
    ("ein", "91-1144442", "911144442"),
    ("bn", "12302 6635 rc 0001", "123026635RC0001"),
    ("lei", "5493 00example0 test08", "549300EXAMPLE0TEST08"),
    ("duns", "15-048-3782", "150483782"),
    ("cfcrl", " d-2020/1234 ", "D-2020/1234"),
    ("usmca-docket", "mex2021-0001", "MEX2021-0001"),
    ("x-imss", "  Y54  1234 ", "Y54 1234"),
]


@pytest.mark.parametrize(("scheme", "typed", "kept"), SPELLINGS)
def test_a_number_has_one_spelling(scheme: str, typed: str, kept: str) -> None:
    """However it was typed; spelling it again changes nothing."""
    assert normalise(scheme, typed) == kept
    assert normalise(scheme, kept) == kept


async def test_a_number_is_found_in_any_spelling(api: Api) -> None:
    """What is stored is the one spelling, and what is asked for is brought to it."""
    numbers = [{"scheme": scheme, "value": typed} for scheme, typed, _ in SPELLINGS]
    made = await api.post("/v1/organizations", json={"kind": "company", "name": "C", "identifiers": numbers})
    kept = [{"scheme": scheme, "value": value} for scheme, _, value in SPELLINGS]
    assert made.json()["identifiers"] == sorted(kept, key=lambda one: (one["scheme"], one["value"]))
    for scheme, typed, value in SPELLINGS:
        for spelling in (typed, value):
            found = await api.get("/v1/organizations", params={"identifier": f"{scheme}:{spelling}"})
            assert [one["id"] for one in found.json()["items"]] == [made.json()["id"]], spelling


async def test_a_number_that_fails_its_check_is_refused(api: Api) -> None:
    """A slip of the pen does not become a second company."""
    cases = [
        ("rfc", "GODE561231GR9", "checksum"),
        ("rfc", "GODE561331GR8", "format"),
        ("rfc", "XAXX010101000", "format"),
        ("rfc", "GODE", "format"),
        ("ein", "07-1144442", "format"),
        ("ein", "911-14-4442", "format"),
        ("bn", "123456783", "checksum"),
        ("lei", "549300EXAMPLE0TEST09", "checksum"),
        ("duns", "12345678", "format"),
        ("cfcrl", "   ", "format"),
        ("x-own", " ", "format"),
    ]
    numbers = [{"scheme": scheme, "value": value} for scheme, value, _ in cases]
    answer = await api.post("/v1/organizations", json={"kind": "company", "name": "C", "identifiers": numbers})
    assert answer.status_code == 422
    found = [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]
    assert found == [(f"/identifiers/{place}/value", code) for place, (_, _, code) in enumerate(cases)]


def test_own_schemes_begin_with_an_x() -> None:
    """So that a scheme named later never meets an own one."""
    assert is_scheme("x-imss")
    for other in ("imss", "X-imss", "x-", "x-a b", "x_imss", "RFC"):
        assert not is_scheme(other)


async def test_the_same_number_twice_in_a_body_is_one_too_many(api: Api) -> None:
    """In whatever spelling."""
    numbers = [{"scheme": "ein", "value": "91-1144442"}, {"scheme": "ein", "value": "911144442"}]
    answer = await api.post("/v1/organizations", json={"kind": "company", "name": "C", "identifiers": numbers})
    assert answer.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [("/identifiers/1", "duplicate")]
