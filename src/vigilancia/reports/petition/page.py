"""The draft as a page to print and as plain text; both say the same in the same order."""

from functools import partial
from textwrap import wrap

from vigilancia.core import i18n
from vigilancia.core.settings import Locale
from vigilancia.reports.page import environment
from vigilancia.reports.petition.schemas import PetitionEntry, PetitionReadiness

_WIDTH, _INDENT = 76, 3


def render(petition: PetitionReadiness) -> str:
    """Return the draft as HTML in its language, with what is to be checked beside it on the screen."""
    locale = petition.locale
    return (
        environment()
        .get_template("petition.html")
        .render(
            petition=petition,
            labels={item.id: item.label for item in petition.items},
            t=partial(_words, locale),
            sure=lambda code: i18n.t(f"reports.confidence.{code}", locale),
            day=partial(i18n.long_date, locale=locale),
            gap=partial(gap, locale),
        )
    )


def text(petition: PetitionReadiness) -> str:
    """Return the draft as plain text in its language; what is not of the document stands above and below a line."""
    t = partial(_words, petition.locale)
    rule = "-" * _WIDTH
    head = [t("page.draft").upper(), t("page.line", name=t("page.case"), value=petition.reference)]
    notes = [*wrap(t("page.notice"), _WIDTH), "", *wrap(petition.chosen_by.text, _WIDTH)]
    cites = petition.version.citation if petition.version else []
    notes += [line for cite in cites for line in wrap(f"{cite.title}, {cite.locator}.", _WIDTH)]
    notes += [line for each in petition.warnings for line in wrap(each.text, _WIDTH)]
    title = wrap(petition.title, _WIDTH)
    if petition.authority:
        title += wrap(t("page.line", name=t("page.to"), value=petition.authority), _WIDTH)
    parts = [_section(petition.locale, number, item) for number, item in enumerate(petition.items, 1)]
    closing = [t("gap.write", note=t("page.signature"))] if parts else []
    whole = [head, notes, [rule], title, *parts, closing, [rule], wrap(t("page.foot"), _WIDTH)]
    return "\n\n".join("\n".join(part) for part in whole if part) + "\n"


def gap(locale: Locale, item: PetitionEntry) -> str | None:
    """Return the mark of what a hand must still write, in brackets; nothing, where nothing is left."""
    if item.note is None:
        return None
    kind = {"missing": "write", "withheld": "withheld"}.get(item.state, "complete")
    return _words(locale, f"gap.{kind}", note=item.note)


def _section(locale: Locale, number: int, item: PetitionEntry) -> list[str]:
    heading = f"{number}. {item.label} ({_words(locale, f'need.{item.need}')})"
    mark = gap(locale, item)
    bullet = "- " if len(item.said) > 1 else ""
    lines = [line for said in item.said for line in _paragraph(said, bullet)]
    return [*wrap(heading, _WIDTH), *lines, *(_paragraph(mark) if mark else [])]


def _paragraph(said: str, bullet: str = "") -> list[str]:
    indent = " " * _INDENT
    return wrap(
        said,
        _WIDTH,
        initial_indent=indent + bullet,
        subsequent_indent=" " * (_INDENT + len(bullet)),
        break_long_words=False,
    )


def _words(locale: Locale, key: str, **places: object) -> str:
    return i18n.t(f"petition.{key}", locale, **places)
