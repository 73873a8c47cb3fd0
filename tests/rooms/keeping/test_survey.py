"""Every table has a decision, and of what is kept every column that could hold words."""

from pathlib import Path

import psycopg

from tests.conftest import ROOT, Database
from vigilancia.keeping import survey

_WORDS = ("text", "jsonb", "json", "bytea", "character varying", "ARRAY", "tsvector")
WIPED = {part.table for part in survey.WIPED} | {part.table for part in survey.BY_ID}


def _ask(database: Database, query: str) -> list[tuple[str, ...]]:
    with psycopg.connect(database.owner_url.replace("postgresql+psycopg", "postgresql")) as connection:
        return connection.execute(query).fetchall()


def _tables(database: Database) -> set[str]:
    query = (
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        " AND NOT relispartition"
    )
    return {name for (name,) in _ask(database, query)}


def test_every_table_has_exactly_one_decision(database: Database) -> None:
    decided = [*WIPED, *survey.KEPT, *survey.APART]
    assert len(decided) == len(set(decided))
    assert set(decided) - {"alembic_version"} == _tables(database) - {"alembic_version"}


def test_every_column_of_words_that_is_kept_has_a_decision(database: Database) -> None:
    kinds = ", ".join(f"'{kind}'" for kind in _WORDS)
    query = f"SELECT table_name, column_name FROM information_schema.columns WHERE data_type IN ({kinds})"
    found: dict[str, set[str]] = {name: set() for name in survey.KEPT}
    for table, column in _ask(database, query):
        if table in found:
            found[table].add(column)
    assert found == {name: set(columns) for name, columns in survey.KEPT.items()}


def test_nothing_that_points_to_a_case_stays_as_a_matter_of_no_case(database: Database) -> None:
    pointing = _ask(
        database,
        "SELECT DISTINCT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint"
        " WHERE contype = 'f' AND connamespace = 'public'::regnamespace",
    )
    of_a_case = {"complaint"}
    while more := {child for child, parent in pointing if parent in of_a_case} - of_a_case:
        of_a_case |= more
    wiped = {part.table for part in survey.WIPED}
    assert of_a_case <= wiped, "a row that points to a complaint cannot outlive it"
    named = _ask(
        database,
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'complaint_id'",
    )
    assert {table for table, _ in named} <= wiped | set(survey.KEPT)


def test_the_page_for_readers_names_every_table() -> None:
    page = Path(ROOT / "docs" / "retention.md").read_text("utf-8")
    missing = [name for name in sorted([*WIPED, *survey.KEPT]) if f"`{name}`" not in page]
    assert missing == []
