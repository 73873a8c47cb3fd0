"""What is a country, a zone, an address; and names without their legal form."""

import pytest

from vigilancia.registry import checks
from vigilancia.registry.names import names_in, without_legal_form


def test_countries_are_those_of_the_standard() -> None:
    """249 codes; no union of states, no withdrawn one, no small letters."""
    assert len(checks.countries()) == 249
    assert {"MX", "US", "CA", "GT", "HN"} <= checks.countries()
    assert not {"EU", "UK", "XX", "mx", ""} & checks.countries()


def test_zones_are_those_that_exist() -> None:
    """What is accepted can be counted with."""
    assert {"America/Mexico_City", "America/Tijuana", "UTC"} <= checks.zones()
    assert not {"CST", "Factory", "localtime", "America", ""} & checks.zones()


@pytest.mark.parametrize("text", ["MX-CMX", "US-TX", "CA-ON", "FR-75C", "GT-1"])
def test_a_subdivision_has_the_shape_of_the_standard(text: str) -> None:
    """Country, hyphen, one to three letters or digits."""
    assert checks.is_subdivision(text)


@pytest.mark.parametrize("text", ["MX", "MX-", "MX-CMXX", "mx-cmx", "XX-1", "MX-CMX\n", "MX_CMX"])
def test_what_has_another_shape_is_no_subdivision(text: str) -> None:
    """Not even with a line break behind it."""
    assert not checks.is_subdivision(text)


@pytest.mark.parametrize("text", ["https://example.org", "http://example.org:8080/a?b=c#d", "https://[2001:db8::1]/"])
def test_a_web_address_is_absolute(text: str) -> None:
    """Scheme and host are there."""
    assert checks.is_web_address(text)


@pytest.mark.parametrize(
    "text",
    ["example.org", "//example.org", "javascript:alert(1)", "https://", "https://a b", "https://[::1", "file:///x"],
)
def test_what_leads_nowhere_or_elsewhere_is_no_web_address(text: str) -> None:
    """A link in a notice or a report must not run anything."""
    assert not checks.is_web_address(text)


@pytest.mark.parametrize(
    "text", ["a@b", "o'brien+x@example.org", f"{'a' * 64}@example.org", "casos@sub-dominio.example.org", "1@2.mx"]
)
def test_a_mailbox_is_dotted_atoms_at_a_host(text: str) -> None:
    """RFC 5321 without quoting and literals."""
    assert checks.is_mailbox(text)


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "two@at@example.org",
        "line@example.org\r\nBcc: all@example.org",
        "line@example.org\n",
        "sp ace@example.org",
        "dot..dot@example.org",
        ".dot@example.org",
        "a@-example.org",
        "a@example..org",
        "a@",
        "@example.org",
        '"quoted"@example.org',
        "a@[127.0.0.1]",
        f"{'a' * 65}@example.org",
        f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 60}",
        "<a@example.org>",
        "ñ@example.org",
        "a@example.org,b@example.org",
    ],
)
def test_what_is_not_one_inbox_is_no_mailbox(text: str) -> None:
    """A notice must go to one inbox, and nothing may be smuggled into its header."""
    assert not checks.is_mailbox(text)


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("Aceros del Norte, S.A. de C.V.", "Aceros del Norte"),
        ("Aceros del Norte SA de CV", "Aceros del Norte"),
        ("Aceros del Norte, S. A. B. de C. V.", "Aceros del Norte"),
        ("Aceros S.A.P.I. de C.V.", "Aceros"),
        ("Arneses, S. de R.L. de C.V.", "Arneses"),
        ("Arneses S de RL", "Arneses"),
        ("Casa del Obrero, A.C.", "Casa del Obrero"),
        ("Example Harness Corp.", "Example Harness"),
        ("Example Incorporated", "Example"),
        ("Incalpa", "Incalpa"),
        ("Sal y Agua de Cova", "Sal y Agua de Cova"),
        ("S.A. de C.V.", "S.A. de C.V."),
        ("", ""),
    ],
)
def test_legal_forms_are_noise(name: str, bare: str) -> None:
    """They are dropped as whole words, and never all of a name."""
    assert without_legal_form(name) == bare


def test_the_comma_before_a_legal_form_parts_no_names() -> None:
    """Other commas do."""
    assert names_in("Aceros, S.A. de C.V., Arneses Corp.") == ["Aceros", "Arneses"]
    assert names_in("S.A.") == ["S.A."]
