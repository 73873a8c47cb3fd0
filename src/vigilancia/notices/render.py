"""Templates: the two bodies of a message, and the page behind its link."""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from msgspec import Struct

from vigilancia.core import i18n
from vigilancia.core.settings import Locale
from vigilancia.notices.content import Content

_LANGUAGES = (("es", "Español"), ("en", "English"), ("fr", "Français"))


class Note(Struct, frozen=True, kw_only=True):
    """A line at the head of the page; one that warns looks like it."""

    text: str
    warns: bool = False


class Form(Struct, frozen=True, kw_only=True):
    """A button of a page, and what is sent beside the language when it is pressed."""

    label: str
    query: str = ""


def mail_bodies(content: Content, link: str | None) -> tuple[str, str]:
    """Return the plain text and the HTML of a message."""
    text = _fill("mail.txt", content.locale, content=content, link=link)
    return text, _fill("mail.html", content.locale, content=content, link=link)


def deadline_page(content: Content, notes: list[Note], *, asks: bool, promise: str, words: str = "notices.page") -> str:
    """Return the page behind a notice's link.

    Args:
        content: What the notice says, as it is now.
        notes: Lines at the head.
        asks: Whether there is something to acknowledge.
        promise: What acknowledging does.
        words: Where its title stands in the catalogues.
    """
    forms = [Form(label=i18n.t("notices.page.button", content.locale))] if asks else []
    return asking_page(content, notes, forms, promise=promise, words=words)


def asking_page(content: Content, notes: list[Note], forms: list[Form], *, promise: str, words: str) -> str:
    """Return a page that shows a letter as it is now, with a button for each answer.

    Args:
        content: What the letter says.
        notes: Lines at the head.
        forms: The answers that may be given; none: there is nothing to answer.
        promise: What answering does; empty: the letter says it.
        words: Where its title stands in the catalogues.
    """
    title = i18n.t(f"{words}.title", content.locale, reference=content.reference)
    return _page(content.locale, title=title, content=content, notes=notes, forms=forms, promise=promise, message="")


def refusal_page(kind: str, locale: Locale) -> str:
    """Return the page of a link that leads nowhere: `gone` or `unknown`."""
    title = i18n.t(f"notices.page.{kind}_title", locale)
    message = i18n.t(f"notices.page.{kind}", locale)
    return _page(locale, title=title, content=None, notes=[], forms=[], promise="", message=message)


def unsubscribe_page(locale: Locale, what: str) -> str:
    """Return the page behind `List-Unsubscribe`: `ask`, `done`, `gone` or `unknown`."""
    heading = "title" if what == "ask" else f"{what}_title"
    values = {"heading": heading, "message": what, "asks": what == "ask"}
    return _fill("unsubscribe.html", locale, languages=_LANGUAGES, style=Markup(style()), **values)  # noqa: S704 - our own file


@cache
def style() -> str:
    """Return the page's style sheet; it stands in the page, so that nothing is fetched."""
    return files(__package__).joinpath("templates", "style.css").read_text("utf-8")


@cache
def style_hash() -> str:
    """Return the style sheet's source expression for a content security policy."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(style().encode()).digest()).decode() + "'"


def _page(locale: Locale, **values: Any) -> str:  # noqa: ANN401 - values of a template
    return _fill("page.html", locale, languages=_LANGUAGES, style=Markup(style()), **values)  # noqa: S704 - our own file


def _fill(template: str, locale: Locale, **values: Any) -> str:  # noqa: ANN401 - values of a template
    def words(key: str, **places: Any) -> str:  # noqa: ANN401
        return i18n.t(key, locale, **places)

    return _environment().get_template(template).render(t=words, locale=locale, **values)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("vigilancia.notices"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
