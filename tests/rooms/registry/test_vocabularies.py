"""The code lists through the API."""

from tests.conftest import Api
from vigilancia.core import vocabularies


async def test_every_list_is_named_with_its_titles(api: Api) -> None:
    """In three languages, with the number of codes."""
    answer = await api.get("/v1/vocabularies", role="analyst")
    assert answer.status_code == 200
    assert answer.json()["next"] is None
    assert [one["id"] for one in answer.json()["items"]] == list(vocabularies.load())
    kinds = next(one for one in answer.json()["items"] if one["id"] == "organization_kind")
    assert kinds["size"] == 19
    assert set(kinds["titles"]) == {"es", "en", "fr"}


async def test_a_list_has_all_its_codes_with_labels(api: Api) -> None:
    """The same codes that bodies are checked against."""
    for name in vocabularies.load():
        answer = (await api.get(f"/v1/vocabularies/{name}")).json()
        assert {one["code"] for one in answer["codes"]} == vocabularies.codes(name)
        assert all(one["labels"]["es"] and one["labels"]["en"] and one["labels"]["fr"] for one in answer["codes"])


async def test_an_unchanged_list_is_not_sent_twice(api: Api) -> None:
    """A phone in the field keeps its copy."""
    first = await api.get("/v1/vocabularies/sector")
    again = await api.get("/v1/vocabularies/sector", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await api.get("/v1/vocabularies/place", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


async def test_a_list_that_does_not_exist_is_not_found(api: Api) -> None:
    """Nor is a file beside the lists."""
    for name in ("colour", "..%2Froutes", "__init__"):
        assert (await api.get(f"/v1/vocabularies/{name}")).status_code == 404


async def test_the_lists_want_a_token_like_everything(api: Api) -> None:
    """Under /v1 nothing is open."""
    for path in ("/v1/vocabularies", "/v1/vocabularies/sector"):
        assert (await api.get(path, role=None)).status_code == 401
