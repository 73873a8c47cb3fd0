"""Names that look or sound alike are found, typing errors included; legal forms and accents count for nothing."""

from typing import Any

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.builders import a_facility, an_organization
from tests.conftest import Api, Database, People


async def similar(api: Api, place: str, name: str, *, role: str = "staff", **params: Any) -> list[dict[str, Any]]:
    """Return what is found for a name."""
    answer = await api.get(f"/v1/{place}", role=role, params={"similar": name, **params})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.mark.parametrize(
    ("typed", "found", "similarity"),
    [
        ("Panasonik", "Panasonic Automotive Systems de México, S.A. de C.V.", 0.67),
        ("Manufactura VU", "Manufacturas VU", 0.82),
        ("Goodyer SLP", "Goodyear-SLP, S. de R.L. de C.V.", 0.67),
        ("Teksyd", "Teksid Hierro de México", 0.4),
        ("Franquische", "Fränkische Industrial Pipes México", 0.53),
        ("ARNES NUNEZ", "Arnés Núñez", 1.0),
        ("Arnés Núñez", "ARNES NUNEZ", 1.0),
        ("Arnes Nuñes SA de CV", "Arnés Núñez, S. de R.L.", 0.83),
        ("Good Year", "Goodyear", 0.58),
        ("Goodyear", "Good Year", 0.58),
    ],
)
async def test_a_plant_is_found_in_spite_of_typing_errors(api: Api, typed: str, found: str, similarity: float) -> None:
    """As people type what they heard at the gate."""
    made = await a_facility(api, name=found)
    await a_facility(api, name="Textiles Omega")
    assert [(one["id"], one["similarity"]) for one in await similar(api, "facilities", typed)] == [
        (made["id"], similarity)
    ]


async def test_a_union_is_found_with_two_letters_swapped(api: Api) -> None:
    made = await an_organization(api, name="Sindicato Libre del Norte")
    await an_organization(api, name="Asociación de Jubilados de Puebla")
    found = {one["name"]: one["similarity"] for one in await similar(api, "organizations", "Sindicato Libre del Nrote")}
    assert found == {made["name"]: 0.73}


async def test_names_that_only_begin_alike_are_apart(api: Api) -> None:
    """One letter in three is no typing error."""
    await a_facility(api, name="Fujitsu")
    await a_facility(api, name="Mina San Marcos")
    assert await similar(api, "facilities", "Fujikura") == []
    assert await similar(api, "facilities", "Zan Martin") == []


async def test_an_alias_and_the_company_count_like_the_name(api: Api) -> None:
    """The best of all names is told, and other names do not make it less like."""
    plant = await a_facility(
        api,
        name="Planta 4",
        aliases=["La maquila de la curva", "Tridonex, S. de R.L. de C.V."],
        company="Cardone de México",
        parent_company="Brookfield",
    )
    party = await an_organization(api, name="T.P.I.", aliases=["Trabajadores por Igual"])
    for name, similarity in (("Tridonec", 0.64), ("Cardoni", 0.6), ("Tridonex SA", 0.75)):
        assert [(one["id"], one["similarity"]) for one in await similar(api, "facilities", name)] == [
            (plant["id"], similarity)
        ], name
    assert await similar(api, "facilities", "Brookfield") == []
    assert [one["id"] for one in await similar(api, "organizations", "Trabajadores por igua")] == [party["id"]]


async def test_a_legal_form_makes_nobody_alike(api: Api) -> None:
    """Half of all companies end in the same words; and a name that is nothing else is still a name."""
    await a_facility(api, name="Aceros Unidos, S.A. de C.V.")
    await a_facility(api, name="Rines S de RL de CV")
    await a_facility(api, name="Bujías, S.A.P.I. de C.V.")
    assert await similar(api, "facilities", "Zapatos S.A. de C.V.") == []
    bare = await a_facility(api, name="S.A. de C.V.")
    assert [one["id"] for one in await similar(api, "facilities", "S.A. DE C.V.")] == [bare["id"]]


async def test_a_legal_form_never_spans_two_names(api: Api) -> None:
    """An alias begins anew: `Taller S` and `de RL` are two names, and both are found."""
    made = await a_facility(api, name="Taller S", aliases=["de RL"])
    assert [one["id"] for one in await similar(api, "facilities", "de rl")] == [made["id"]]


async def test_a_name_without_letters_is_like_none(api: Api) -> None:
    await a_facility(api, name="???")
    assert await similar(api, "facilities", "!!!") == []
    refused = await api.get("/v1/facilities", params={"similar": ""})
    assert refused.status_code == 400


@pytest.mark.parametrize("place", ["organizations", "facilities"])
async def test_similarity_is_null_where_none_was_asked_for(api: Api, place: str) -> None:
    made = await (an_organization if place == "organizations" else a_facility)(api)
    assert made["similarity"] is None
    assert (await api.get(f"/v1/{place}/{made['id']}")).json()["similarity"] is None
    assert {one["similarity"] for one in (await api.get(f"/v1/{place}")).json()["items"]} == {None}


@pytest.mark.parametrize("place", ["organizations", "facilities"])
async def test_what_a_caller_may_not_see_is_like_nothing(api: Api, place: str) -> None:
    """Typing a name near a hidden one tells nothing of it."""
    make = an_organization if place == "organizations" else a_facility
    for visibility in ("private", "linked", "public"):
        await make(api, name=f"Panasonic {visibility}", visibility=visibility)
    assert len(await similar(api, place, "Panasonik")) == 3
    assert [one["name"] for one in await similar(api, place, "Panasonik", role="partner")] == ["Panasonic public"]


async def test_like_names_are_narrowed_sorted_and_paged_as_any_list(api: Api) -> None:
    """By the usual sort, with a cursor that repeats and loses nothing; words of `q` stay exact."""
    for name, country in (("Panasonic C", "MX"), ("Panasonik A", "MX"), ("Panasonic B", "US")):
        await a_facility(api, name=name, country=country)
    first = await api.get("/v1/facilities", params={"similar": "panasonic", "sort": "name", "limit": 2})
    rest = await api.get(
        "/v1/facilities", params={"similar": "panasonic", "sort": "name", "cursor": first.json()["next"]}
    )
    listed = first.json()["items"] + rest.json()["items"]
    assert [one["name"] for one in listed] == ["Panasonic B", "Panasonic C", "Panasonik A"]
    assert [one["similarity"] for one in listed] == [1.0, 1.0, 0.67]
    assert [one["name"] for one in await similar(api, "facilities", "panasonic", country="US")] == ["Panasonic B"]
    assert [one["name"] for one in await similar(api, "facilities", "panasonik", q="panasonik")] == ["Panasonik A"]


async def test_a_change_of_name_changes_what_is_like_it(api: Api) -> None:
    made = await a_facility(api, name="Teksid")
    renamed = await api.patch(f"/v1/facilities/{made['id']}", json={"name": "Stellantis Frontera"}, version=1)
    assert renamed.json()["similarity"] is None
    assert await similar(api, "facilities", "Teksid") == []
    assert [one["id"] for one in await similar(api, "facilities", "Stelantis")] == [made["id"]]


class TestPlan:
    """With many records the index finds those that are like."""

    @pytest.fixture
    def many(self, database: Database, people: People) -> psycopg.Connection[Any]:
        """Write 20,000 organisations and as many plants with names of made-up words, and one that is looked for."""
        name = "CASE i WHEN 1 THEN 'Panasonic Reynosa' ELSE md5(i::text) || ' ' || md5((7 * i)::text) END"
        every = "gen_random_uuid(), %s, 'linked', '{}', 1, now(), now()"
        columns = "id, owner_id, visibility, aliases, version, created_at, updated_at, name"
        with psycopg.connect(database.owner_url, autocommit=True) as owner:
            for into, more in (
                (f"organization ({columns}, kind)", "'union'"),
                (f"facility ({columns}, country, products, hs_codes)", "'MX', '{}', '{}'"),
            ):
                rows = f"SELECT {every}, {name}, {more} FROM generate_series(1, 20000) AS i"
                owner.execute(f"INSERT INTO {into} {rows}".encode(), (people.centre_id,))
            owner.execute("ANALYZE organization, facility")
        return owner

    @pytest.mark.usefixtures("many")
    @pytest.mark.parametrize(("place", "table"), [("organizations", "organization"), ("facilities", "facility")])
    async def test_the_index_serves(
        self, api: Api, engine: AsyncEngine, database: Database, place: str, table: str
    ) -> None:
        """The list asks the function, and what the function asks is served by the index."""
        sent: list[tuple[str, Any]] = []

        def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            sent.append((statement, parameters))

        event.listen(engine.sync_engine, "before_cursor_execute", note)
        try:
            found = await similar(api, place, "Panasonik")
        finally:
            event.remove(engine.sync_engine, "before_cursor_execute", note)
        assert [one["name"] for one in found] == ["Panasonic Reynosa"]
        statement, parameters = next(one for one in sent if "likeness" in one[0] and "LIMIT" in one[0])
        assert f"{table}_like(" in statement
        (telling,) = [one for one in parameters if isinstance(one, list) and len(one) < len("panasonik")]
        plan = explain_inner(database, f"{table}_like", telling)
        assert f"Bitmap Index Scan on ix_{table}_trigrams" in plan, plan


def explain_inner(database: Database, function: str, argument: Any) -> str:
    """Return how the owner's database would carry out what a searching function asks."""
    with psycopg.connect(database.owner_url) as owner:
        row = owner.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", (function,)).fetchone()
        assert row is not None
        query = "EXPLAIN " + row[0].replace("%", "%%").replace("$1", "%s")
        return "\n".join(line for (line,) in owner.execute(query.encode(), (argument,)))
