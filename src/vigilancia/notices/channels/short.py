"""A letter in a few words, for telephones: subject, the day, how sure it is, and the address of its page."""

from vigilancia.notices.content import Content
from vigilancia.notices.letters.letter import Letter

_TITLE = 120  # characters
_BODY = 300  # besides the address: two text messages
_WANTED = ("day", "first_day", "sure")


def words(letter: Letter) -> tuple[str, str]:
    """Return title and body, plain text."""
    body = _cut(" ".join(_lines(letter.content)), _BODY)
    parts = [part for part in (body, letter.link) if part]
    return _cut(letter.content.subject, _TITLE), "\n".join(parts) or letter.content.greeting


def _lines(content: Content) -> list[str]:
    wanted = [section for section in content.sections if section.name in _WANTED] or content.sections[:1]
    return [f"{section.label}: {section.lines[0]}" for section in wanted if section.lines]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
