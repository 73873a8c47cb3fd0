"""Names without the noise of legal forms: `Aceros del Norte, S.A. de C.V.` is looked for as `Aceros del Norte`."""

import re

# Mexican, United States and Canadian forms, and those of usual parent companies; dots and spaces as people type them.
_FORMS = (
    r"s\.?\s*a\.?\s*p\.?\s*i\.?\s+de\s+c\.?\s*v\.?",
    r"s\.?\s*a\.?\s*b?\.?\s+de\s+c\.?\s*v\.?",
    r"s\.?\s+de\s+r\.?\s*l\.?(\s+de\s+c\.?\s*v\.?)?",
    r"s\.\s*a\.\s*s\.|s\.\s*a\.(\s*b\.)?|s\.\s*c\.|a\.\s*c\.|i\.\s*a\.\s*p\.",
    r"inc\.?|incorporated|corp\.?|corporation|llc|l\.l\.c\.|ltd\.?|limited|lt[ée]e\.?|limitée|ulc",
    r"gmbh|ag|s\.\s*p\.\s*a\.|spa|b\.\s*v\.|n\.\s*v\.|s\.\s*r\.\s*l\.|kg|plc|co\.",
)
_FORM = re.compile(rf"(?<![^\W_])({'|'.join(_FORMS)})(?![^\W_])", re.IGNORECASE)


def without_legal_form(name: str) -> str:
    """Return a name without legal forms; the name itself where nothing else would be left."""
    bare = " ".join(_FORM.sub(" ", name).replace(",", " ").split())
    return bare or name


def names_in(text: str) -> list[str]:
    """Return the names that a filter lists with commas; the comma before a legal form parts nothing."""
    return [bare for part in text.split(",") if (bare := " ".join(_FORM.sub(" ", part).split()))] or [text]
