"""`python -m workers.health api|worker|beat`: status 0 while that program gives signs of life; for health checks."""

import sys
from datetime import timedelta
from http.client import HTTPConnection, HTTPException

import psycopg
from sqlalchemy.engine import make_url

from vigilancia.core import clock
from vigilancia.core.settings import settings
from workers.signs import BEAT, WORKER

SILENT = timedelta(minutes=5)
_USAGE = 2


def api_answers() -> bool:
    """Ask the API of this machine whether it is ready."""
    connection = HTTPConnection("127.0.0.1", settings().port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200  # noqa: PLR2004 - HTTP's own number
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def speaks(name: str) -> bool:
    """Tell whether a program left a sign of life within the last minutes."""
    url = make_url(settings().database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            since = clock.now(settings().clock_offset) - SILENT
            row = connection.execute("SELECT 1 FROM heartbeat WHERE name = %s AND at > %s", [name, since]).fetchone()
    except psycopg.OperationalError:
        return False
    return row is not None


def main(words: list[str]) -> int:
    """Check one program and return the exit status."""
    if len(words) != 1 or words[0] not in {"api", WORKER, BEAT}:
        sys.stderr.write(f"{__doc__}\n")
        return _USAGE
    return 0 if (api_answers() if words[0] == "api" else speaks(words[0])) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
