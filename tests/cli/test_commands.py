"""Commands that need no running installation: results, refusals, exit codes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import vigilancia.law
from tests.conftest import KEYS, Database
from vigilancia.cli.main import main
from vigilancia.core.settings import settings

RULES = Path(vigilancia.law.__file__).parent / "data" / "mechanisms"
MECHANISM = "usmca-31a-us-mx"


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Commands of these tests speak English and know no installation."""
    for name in settings().model_fields_set:
        monkeypatch.delenv(f"VIGILANCIA_{name.upper()}", raising=False)
    monkeypatch.setenv("VIGILANCIA_LOCALE", "en")
    monkeypatch.setenv("VIGILANCIA_DATA_DIR", str(tmp_path / "var"))
    settings.cache_clear()


def run(*words: str) -> Result:
    settings.cache_clear()
    return CliRunner().invoke(main, words)


def test_deadlines_are_computed_without_a_database() -> None:
    result = run("deadlines", MECHANISM, "petition_received=2026-03-02", "--as-of", "2026-03-10", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    (answer,) = [each for each in told["deadlines"] if each["rule"] == "ilc_determination"]
    assert (answer["due_on"], answer["status"]) == ("2026-04-01", "pending")
    assert answer["explanation"]


def test_deadlines_are_explained_to_people_in_their_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGILANCIA_LOCALE", "es")
    short = run("deadlines", MECHANISM, "petition_received=2026-03-02", "--as-of", "2026-03-10")
    long = run("deadlines", MECHANISM, "petition_received=2026-03-02", "--as-of", "2026-03-10", "--explain")
    assert short.exit_code == long.exit_code == 0
    assert "2026" in short.stdout
    assert len(long.stdout) > len(short.stdout)
    assert max(map(len, short.stdout.splitlines())) <= 80


def test_an_agreed_day_travels_with_its_event() -> None:
    result = run("deadlines", MECHANISM, "remediation_agreed=2026-03-02,due_on=2026-06-01", "--json")
    due = {each["rule"]: each["due_on"] for each in json.loads(result.stdout)["deadlines"]}
    assert due["remediation_due"] == "2026-06-01"


@pytest.mark.parametrize(
    "event", ["petition_received", "petition_received=2026-02-30", "petition_received=2026-03-02,x=1"]
)
def test_an_event_that_cannot_be_read_is_refused(event: str) -> None:
    result = run("deadlines", MECHANISM, event)
    assert result.exit_code == 1
    assert event in result.stderr


def test_an_unknown_mechanism_is_refused_with_those_that_exist() -> None:
    result = run("deadlines", "no-such", "petition_received=2026-03-02", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stderr)["code"] == "unknown_mechanism"
    assert MECHANISM in result.stderr
    assert result.stdout == ""


def test_an_unknown_event_is_refused() -> None:
    assert run("deadlines", MECHANISM, "no_such_event=2026-03-02").exit_code == 1


def test_wrong_usage_ends_with_two() -> None:
    assert run("deadlines").exit_code == 2
    assert run("token", "create", "--role", "staff", "--name", "x").exit_code == 2
    assert run("token", "create", "--role", "king", "--name", "x").exit_code == 2
    assert run("nothing").exit_code == 2


def test_our_own_rules_have_no_fault() -> None:
    result = run("mechanisms", "check", str(RULES))
    assert result.exit_code == 0, result.output


def test_a_fault_in_a_rule_file_is_named_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "mechanism.yaml").write_text("id: broken\nid: twice\n")
    result = run("mechanisms", "check", str(tmp_path), "--json")
    assert result.exit_code == 1
    (first, *_) = json.loads(result.stdout)["faults"]
    assert first["file"] == "mechanism.yaml"
    assert first["line"] >= 1


def test_a_variable_that_does_not_fit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGILANCIA_PORT", "many")
    result = run("mechanisms", "check", str(RULES))
    assert result.exit_code == 1
    assert "VIGILANCIA_PORT" in result.stderr


def test_a_port_that_no_machine_has_is_refused_and_not_wrapped_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGILANCIA_PORT", "99999")
    result = run("up")
    assert result.exit_code == 1
    assert "VIGILANCIA_PORT" in result.stderr


def test_a_data_folder_that_is_a_file_is_refused_for_what_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VIGILANCIA_DATA_DIR", str(tmp_path / "file"))
    result = run("migrate")
    assert result.exit_code == 1
    assert result.stderr.startswith("Cannot write")


def test_a_database_that_is_away_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGILANCIA_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("VIGILANCIA_MASTER_KEYS", KEYS)
    result = run("migrate")
    assert result.exit_code == 1
    assert "does not answer" in result.stderr


@pytest.mark.parametrize(("keys", "code"), [("", "no_keys"), ("k1:short", "bad_keys")])
def test_without_good_keys_no_command_touches_a_database(monkeypatch: pytest.MonkeyPatch, keys: str, code: str) -> None:
    monkeypatch.setenv("VIGILANCIA_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("VIGILANCIA_MASTER_KEYS", keys)
    result = run("migrate", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stderr)["code"] == code


class TestOnADatabase:
    """Commands on a database of the operator's."""

    @pytest.fixture(autouse=True)
    def _reached(self, monkeypatch: pytest.MonkeyPatch, empty: Database) -> None:
        monkeypatch.setenv("VIGILANCIA_DATABASE_URL", empty.url)
        monkeypatch.setenv("VIGILANCIA_OWNER_DATABASE_URL", empty.owner_url)
        monkeypatch.setenv("VIGILANCIA_MASTER_KEYS", KEYS)

    def test_migrating_again_changes_nothing(self) -> None:
        result = run("migrate", "--json")
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout) == {"status": "done"}

    def test_the_first_admin_needs_no_organisation(self) -> None:
        result = run("token", "create", "--role", "admin", "--name", "first", "--json")
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["token"].startswith("vgl_")

    def test_an_unknown_organisation_is_refused(self) -> None:
        result = run("token", "create", "--role", "staff", "--organization", "Nobody", "--name", "x")
        assert result.exit_code == 1
        assert "Nobody" in result.stderr

    def test_a_scope_that_does_not_exist_is_refused(self) -> None:
        result = run("token", "create", "--role", "admin", "--name", "x", "--scopes", "everything")
        assert result.exit_code == 1
        assert "complaints:read" in result.stderr

    def test_an_export_is_written_with_its_dictionary(self, tmp_path: Path) -> None:
        assert run("token", "create", "--role", "admin", "--name", "first").exit_code == 0
        target = tmp_path / "cases.csv"
        words = ("--organization", "Administración", "--purpose", "a test", "--output", str(target), "--json")
        result = run("export", "complaints", *words)
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["rows"] == 0
        assert "reference" in target.read_text(encoding="utf-8-sig").splitlines()[0]
        assert json.loads((tmp_path / "cases.columns.json").read_text())["columns"]

    def test_a_filter_that_does_not_fit_is_refused(self) -> None:
        assert run("token", "create", "--role", "admin", "--name", "first").exit_code == 0
        words = ("--organization", "Administración", "--purpose", "a test", "--filter", "colour=red")
        result = run("export", "complaints", *words)
        assert result.exit_code == 1
        assert "colour" in result.stderr
