"""A message about a search holds how many cases and their numbers: no name, no filter, no word of a case."""

from uuid import uuid4

import pytest

from tests.builders import a_complaint
from tests.conftest import Api, Clock
from tests.rooms.complaints.cases import everything
from tests.rooms.searches.finding import a_search, look, tell
from vigilancia.core import i18n
from vigilancia.core.settings import Locale
from vigilancia.core.work import Desk
from vigilancia.notices.searches.figures import figures
from vigilancia.notices.searches.letters import Letter, compose
from vigilancia.notices.searches.untold import Tidings


def tidings(count: int) -> Tidings:
    return Tidings(
        search_id=uuid4(),
        owner_id=uuid4(),
        contact_id=uuid4(),
        complaint_ids=[uuid4() for _ in range(count)],
        references=[f"VIG-2026-{place:06}" for place in range(count)],
    )


def text(letter: Letter) -> str:
    lines = [letter.subject, letter.greeting, *letter.references, letter.more or "", letter.action, letter.link]
    return "\n".join([*lines, letter.footer])


@pytest.mark.parametrize(
    ("locale", "one", "several"),
    [
        ("es", "Un caso nuevo cumple una búsqueda guardada", "3 casos nuevos cumplen una búsqueda guardada"),
        ("en", "A new case fits a saved search", "3 new cases fit a saved search"),
        (
            "fr",
            "Un nouveau dossier répond à une recherche enregistrée",
            "3 nouveaux dossiers répondent à une recherche enregistrée",
        ),
    ],
)
def test_the_subject_says_how_many_in_each_language(locale: Locale, one: str, several: str) -> None:
    assert compose(tidings(1), locale, "http://x").subject == one
    assert compose(tidings(3), locale, "http://x").subject == several


def test_a_message_names_so_many_cases_and_says_how_many_it_does_not_name() -> None:
    most = figures().most_references
    whole = compose(tidings(most), "en", "http://x")
    assert (len(whole.references), whole.more) == (most, None)
    assert compose(tidings(most + 1), "en", "http://x").more == "And one more case."
    cut = compose(tidings(most + 5), "en", "http://x")
    assert (len(cut.references), cut.more) == (most, "And 5 more cases.")
    assert cut.subject.startswith(str(most + 5))


async def test_no_word_of_case_filter_or_search_stands_in_a_message(api: Api, desk: Desk, clock: Clock) -> None:
    await a_search(api, name="canaryname", filter={"q": "canarytitle"})
    case = await a_complaint(api, **everything())
    await look(desk, clock)
    (found,) = await tell(desk)
    for locale in i18n.LOCALES:
        said = text(compose(found, locale, "http://vigilancia.test"))
        assert case["reference"] in said
        assert f"/v1/saved-searches/{found.search_id}/matches" in said
        assert "canary" not in said.lower()
