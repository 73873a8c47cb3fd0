"""`docker-compose.yml` fits the schema of Compose, and everything it names exists: no engine is at hand to try it."""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner
from granian.cli import cli as granian
from kombu.utils.url import parse_url
from sqlalchemy.engine import make_url

from vigilancia.cli import programs
from vigilancia.cli.main import main
from vigilancia.core.crypto import KeyRing
from vigilancia.core.settings import Settings
from workers import health

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
OURS = ("migrate", "api", "worker", "beat")
VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?P<form>:[?-])?(?P<rest>[^}]*)\}")


def strings(value: Any) -> Iterator[str]:
    """Walk through every text of the file."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def filled(text: str) -> str:
    """Fill the places as an operator would."""
    return VARIABLE.sub(lambda found: found["rest"] if found["form"] == ":-" else "given", text)


def test_the_file_fits_the_compose_specification() -> None:
    schema = json.loads((ROOT / "tests" / "schemas" / "compose-spec.json").read_text())
    jsonschema.validators.validator_for(schema)(schema).validate(COMPOSE)


def test_the_check_against_the_specification_can_fail() -> None:
    schema = json.loads((ROOT / "tests" / "schemas" / "compose-spec.json").read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"services": {"api": {"program": "vigilancia up"}}}, schema)


def test_all_services_of_an_installation_are_there() -> None:
    assert set(COMPOSE["services"]) == {"postgres", "rabbitmq", "mail", *OURS}


def test_every_service_that_stays_has_a_health_check_and_every_volume_a_name() -> None:
    for name, service in COMPOSE["services"].items():
        assert name == "migrate" or service["healthcheck"]["test"][0] == "CMD", name
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (ROOT / source).is_file(), volume
        assert set(service["networks"]) <= set(COMPOSE["networks"])


def test_our_programs_wait_for_what_they_need() -> None:
    for name in ("api", "worker", "beat"):
        assert COMPOSE["services"][name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "postgres": {"condition": "service_healthy"},
            "rabbitmq": {"condition": "service_healthy"},
        }


def test_no_secret_has_a_default() -> None:
    secret = re.compile(r"PASSWORD|KEYS|SECRET|TOKEN")
    found = {match["name"]: match for text in strings(COMPOSE) for match in VARIABLE.finditer(text)}
    assert {name for name in found if secret.search(name)} == {
        "POSTGRES_PASSWORD",
        "VIGILANCIA_OWNER_PASSWORD",
        "VIGILANCIA_APP_PASSWORD",
        "RABBITMQ_PASSWORD",
        "VIGILANCIA_MASTER_KEYS",
    }
    for name, match in found.items():
        wanted = ":?" if secret.search(name) else ":-"
        assert match["form"] == wanted, name
        assert match["rest"], name


def test_every_variable_of_our_programs_is_a_setting_and_fits_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OURS:
        given = {key: filled(str(value)) for key, value in COMPOSE["services"][name]["environment"].items()}
        fields = {key.removeprefix("VIGILANCIA_").lower() for key in given if key.startswith("VIGILANCIA_")}
        assert len(fields) == len(given)
        assert fields <= set(Settings.model_fields)
        given["VIGILANCIA_MASTER_KEYS"] = KeyRing.make("k1")
        for key, value in given.items():
            monkeypatch.setenv(key, value)
        chosen = Settings()
        url = make_url(chosen.database_url)
        assert (url.host, url.username, url.database) == ("postgres", "vigilancia_app", "vigilancia")
        assert parse_url(chosen.broker_url)["hostname"] == "rabbitmq"
    owner = make_url(filled(COMPOSE["services"]["migrate"]["environment"]["VIGILANCIA_OWNER_DATABASE_URL"]))
    assert owner.username == "vigilancia_owner"


def test_only_the_migration_knows_the_owner() -> None:
    for name in ("api", "worker", "beat"):
        assert "owner" not in str(COMPOSE["services"][name]["environment"]).lower()


def test_the_roles_script_makes_the_roles_the_addresses_name() -> None:
    script = (ROOT / "docker" / "roles.sh").read_text()
    for name in ("VIGILANCIA_OWNER_PASSWORD", "VIGILANCIA_APP_PASSWORD"):
        assert name in script
        assert name in COMPOSE["services"]["postgres"]["environment"]
    assert "CREATE ROLE vigilancia_owner LOGIN" in script
    assert "CREATE ROLE vigilancia_app LOGIN" in script


def test_migrate_is_a_command_of_ours() -> None:
    program, command = COMPOSE["services"]["migrate"]["command"]
    assert program == "vigilancia"
    assert CliRunner().invoke(main, [command, "--help"]).exit_code == 0


def test_the_api_server_knows_every_option_and_finds_the_application() -> None:
    program, *words = COMPOSE["services"]["api"]["command"]
    assert program == "granian"
    context = granian.make_context("granian", list(words))
    module, factory = str(context.params["app"]).split(":")
    assert callable(getattr(import_module(module), factory))
    assert COMPOSE["services"]["api"]["ports"] == [f"127.0.0.1:8000:{context.params['port']}"]


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_celery_knows_every_option_of(name: str) -> None:
    from celery.bin.celery import celery

    program, app, command, *words = COMPOSE["services"][name]["command"]
    assert (program, app, command) == ("celery", "--app=workers.app", name)
    assert find_spec("workers.app") is not None
    assert celery.commands[name].make_context(name, list(words), resilient_parsing=True) is not None
    known = {option for each in celery.commands[name].params for option in (*each.opts, *each.secondary_opts)}
    assert {word.split("=")[0] for word in words} <= known


def test_compose_runs_the_same_programs_as_make_run() -> None:
    chosen = Settings(host="0.0.0.0", port=8000)  # noqa: S104 - inside a container
    for name in ("api", "worker", "beat"):
        here = set(" ".join(getattr(programs, name)(chosen)).replace("=", " ").split()) - {"--log-level", "--loglevel"}
        there = set(" ".join(COMPOSE["services"][name]["command"]).replace("=", " ").split())
        assert there - {"--app", "workers.app"} <= here, name


def test_the_health_checks_of_our_programs_exist() -> None:
    for name in ("api", "worker", "beat"):
        words = COMPOSE["services"][name]["healthcheck"]["test"]
        assert words == ["CMD", "python", "-m", "workers.health", name]
    assert health.main(["nobody"]) == 2


def test_the_image_copies_what_is_there() -> None:
    for line in (ROOT / "docker" / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY "):
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source
