"""Which language tags are taken: a language of ISO 639, and if need be a script and a region (BCP 47).

Private parts and variants are refused: they are free words, and this field is not sealed. A language is known where
the Unicode locale data have it, which hold nearly all of ISO 639-3, or where our own list `language` does: it adds the
names of families, such as `nah`, and sign languages.
"""

import re
from functools import cache

from babel import Locale
from babel.core import get_global

from vigilancia.core import vocabularies

_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(-(?P<script>[a-z]{4}))?(-(?P<region>[a-z]{2}|[0-9]{3}))?", re.IGNORECASE | re.ASCII
)


def known(tag: str) -> bool:
    """Tell whether a tag such as `nah`, `yua`, `es-MX` or `zh-Hant-TW` names a language."""
    found = _TAG.fullmatch(tag)
    if found is None or found["language"].lower() not in _languages():
        return False
    names = Locale("en")
    script, region = found["script"], found["region"]
    return (script is None or script.title() in names.scripts) and (
        region is None or region.upper() in names.territories
    )


@cache
def _languages() -> frozenset[str]:
    tags = (*get_global("likely_subtags"), *get_global("language_aliases"))
    return frozenset(tag.split("_")[0] for tag in tags) | vocabularies.codes("language")
