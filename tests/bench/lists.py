"""Lists among 100,000 complaints: a page and a full-text search through the API, against the plain statement."""

import asyncpg
import psycopg

from tests.bench.measure import show, take_turns
from tests.bench.requests import call
from tests.builders import settle_people
from vigilancia.api.app import build
from vigilancia.core.work import Desk

COUNT = 100_000
CASES = """
INSERT INTO complaint (id, reference, owner_id, title, summary, status, received_on, incidents, allegations, groups,
  languages, confidentiality, external_ids, tags, source_urls, findings, outcomes, version, created_at, updated_at)
SELECT gen_random_uuid(), 'VIG-2026-S' || n, %(owner)s,
  'Despidos en la línea ' || mod(n, 977) || ' tras una asamblea de la sección ' || mod(n, 31),
  'Caso número ' || n || ': injerencia en la elección sindical, reinstalación en ' || mod(n, 13) || ' semanas',
  'open', date '2024-01-01' + mod(n, 900),
  '[]', '{}', '{}', '{}', 'restricted', '[]', '{}', '{}', '[]', '[]', 1, now(), now()
FROM generate_series(1, %(count)s) n
"""
PAGE = "SELECT * FROM complaint WHERE owner_id = $1 ORDER BY received_on DESC, id DESC LIMIT 51"
SEARCH = """
SELECT * FROM complaint WHERE owner_id = $1 AND search @@ to_tsquery('simple', $2) ORDER BY received_on DESC LIMIT 51
"""


async def run(desk: Desk) -> None:
    """Measure and print."""
    people = await settle_people(desk)
    with psycopg.connect(desk.settings.owner_database_url, autocommit=True) as owner:
        owner.execute(CASES, {"owner": people.centre_id, "count": COUNT})
        owner.execute("VACUUM ANALYZE complaint")
    app, token = build(desk), people.tokens["staff"]
    connection = await asyncpg.connect(desk.settings.owner_database_url)
    centre = people.centre_id

    async def ask(query: str) -> None:
        await call(app, "GET", "/v1/complaints", token=token, query=query)

    figures = await take_turns(
        {
            "plain SELECT, first page": lambda: connection.fetch(PAGE, centre),
            "page of 50": lambda: ask(""),
            "plain SELECT, words in 100 rows": lambda: connection.fetch(SEARCH, centre, "linea & 500:*"),
            "q=linea 500": lambda: ask("q=l%C3%ADnea+500"),
            "q=reinstalacion (every row)": lambda: ask("q=reinstalacion"),
            "q=Caso 77123 (one row)": lambda: ask("q=Caso+77123"),
        },
        rounds=10,
        inner=3,
    )
    await connection.close()
    show(f"Lists among {COUNT} complaints", figures, "plain SELECT, first page")
