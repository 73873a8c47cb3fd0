"""The one settings class: every `VIGILANCIA_*` variable, read once at the edge of a process."""

from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Locale = Literal["es", "en", "fr"]


class Settings(BaseSettings):
    """What an operator may set; the README lists the same names.

    A process reads the environment once through `settings()`; services never do, they are given what they need.
    """

    model_config = SettingsConfigDict(env_prefix="VIGILANCIA_", extra="ignore", frozen=True)

    data_dir: Path = Field(default=Path("var"), description="Folder of everything this installation writes.")
    host: str = Field(default="127.0.0.1", description="Address the API listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port the API listens on; 0 picks a free one.")
    database_url: str = Field(default="", description="PostgreSQL of the application role; empty: embedded.")
    owner_database_url: str = Field(default="", description="PostgreSQL of the owner role, for migrations only.")
    broker_url: str = Field(default="", description="amqp:// or redis://; empty: the queue on the database.")
    smtp_url: SecretStr = Field(
        default=SecretStr(""), description="smtp://, smtps:// or smtp+starttls://; empty: .eml files in DATA_DIR/mail."
    )
    mail_from: str = Field(default="vigilancia <vigilancia@localhost>", description="Sender of every notice.")
    confirm_addresses: bool = Field(
        default=True,
        description="Whether an address nobody vouched for is first only asked to confirm; embedded mode: false.",
    )
    master_keys: SecretStr = Field(
        default=SecretStr(""),
        description="Key ring `id:base64-of-32-bytes`, comma separated, newest first; embedded mode makes its own.",
    )
    passphrase: SecretStr = Field(
        default=SecretStr(""),
        description="Embedded mode: what opens the keys on the disk; empty: asked on the terminal.",
    )
    new_passphrase: SecretStr = Field(
        default=SecretStr(""), description="For `vigilancia keys passphrase` where there is no terminal to ask on."
    )
    key_store: str = Field(
        default="", description="Keys of complaints: a folder or s3://bucket/prefix; empty: DATA_DIR/complaint-keys."
    )
    file_store: str = Field(default="", description="Files: a folder or s3://bucket/prefix; empty: DATA_DIR/files.")
    max_file_mb: int = Field(default=50, ge=1, le=5000, description="Largest file of a case, in millions of bytes.")
    scan: str = Field(
        default="",
        description="Who scans files: clamd://host:port, clamd:///path/to/socket, or `command:` and a program that "
        "reads one on standard input (0 clean, 1 infected); `none`: nobody, and files are given out all the same; "
        "empty: nobody, and none is given out. Embedded mode: none.",
    )
    public_url: str = Field(default="", description="Address under which people reach the API; empty: HOST and PORT.")
    intake: str = Field(
        default="",
        description="Ids of the organisations that take complaints without a name, comma separated; empty: none.",
    )
    locale: Locale = Field(default="es", description="Language where nobody has chosen one.")
    allow_private_targets: bool = Field(
        default=False,
        description="Whether webhooks and Apprise may reach loopback and private networks, and do without TLS.",
    )
    deadman_url: SecretStr = Field(
        default=SecretStr(""),
        description="Address of a service that raises the alarm when nobody calls it: called after each sweep.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="Least level logged.")
    clock_offset: int = Field(default=0, description="Seconds added to the clock; for tests only.")

    @field_validator("public_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("scan")
    @classmethod
    def _known_scanner(cls, value: str) -> str:
        if value in ("", "none") or (value.startswith("command:") and value.removeprefix("command:").strip()):
            return value
        parts = urlsplit(value)
        if parts.scheme != "clamd" or not (parts.path.strip("/") if not parts.netloc else parts.hostname):
            msg = "is none of none, clamd://host:port, clamd:///path, command:program"
            raise ValueError(msg)
        try:
            parts.port  # noqa: B018 - it is read when asked for
        except ValueError:
            msg = "names no port between 0 and 65535"
            raise ValueError(msg) from None
        return value

    @field_validator("smtp_url")
    @classmethod
    def _known_way_out(cls, value: SecretStr) -> SecretStr:
        scheme = value.get_secret_value().partition("://")[0]
        if scheme not in ("", "smtp", "smtps", "smtp+starttls"):
            msg = "begins with none of smtp://, smtps://, smtp+starttls://"
            raise ValueError(msg)
        try:
            urlsplit(value.get_secret_value()).port  # noqa: B018 - it is read when asked for
        except ValueError:
            msg = "names no port between 0 and 65535"
            raise ValueError(msg) from None  # the cause would show a part of the address
        return value

    @field_validator("intake")
    @classmethod
    def _ids(cls, value: str) -> str:
        for part in filter(None, (part.strip() for part in value.split(","))):
            UUID(part)
        return value

    @property
    def intake_organizations(self) -> tuple[UUID, ...]:
        """The organisations that take complaints without a name."""
        return tuple(UUID(part.strip()) for part in self.intake.split(",") if part.strip())

    @property
    def base_url(self) -> str:
        """The address people use, without a trailing slash."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def mail_dir(self) -> Path:
        """Where messages are stored when no SMTP server is set."""
        return self.data_dir / "mail"

    @property
    def key_dir(self) -> Path:
        """Where keys of complaints lie, when no store is set; never part of a backup of the database."""
        return self.data_dir / "complaint-keys"

    @property
    def file_dir(self) -> Path:
        """Where files lie, when no store is set."""
        return self.data_dir / "files"

    @property
    def exports_dir(self) -> Path:
        """Where finished exports wait for their requester."""
        return self.data_dir / "exports"


@cache
def settings() -> Settings:
    """Return the settings of this process, read from the environment once.

    Raises:
        pydantic.ValidationError: A variable does not fit; the process must not start.
    """
    return Settings()
