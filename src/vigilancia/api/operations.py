"""What operators and their monitors ask: is it alive, is it ready, does the clock tick, how far behind are we."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import inf

from kombu import Connection
from kombu.exceptions import OperationalError
from litestar import Response, get
from litestar.enums import MediaType
from msgspec import Struct
from prometheus_client import generate_latest
from prometheus_client.core import CollectorRegistry, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from vigilancia.access.chain import metrics as audit_metrics
from vigilancia.api.logs import REGISTRY
from vigilancia.core import jobs
from vigilancia.core.errors import UnavailableError
from vigilancia.core.http import ApiRequest
from vigilancia.core.identity import SYSTEM
from vigilancia.core.settings import Settings
from vigilancia.core.tables import HeartbeatRow
from vigilancia.core.work import Desk
from vigilancia.escalation import metrics as escalation_metrics
from vigilancia.notices import metrics as notice_metrics
from vigilancia.notices.webhooks import metrics as webhook_metrics

SILENCE = timedelta(minutes=5)
_SIGNS = {"beat": "Since beat last ticked.", "sweep": "Since a worker last climbed what was due."}
_BROKER_SECONDS = 2


class Health(Struct, frozen=True, kw_only=True):
    """A good answer; a bad one is a problem."""

    status: str


@get("/health/live", operation_id="IsAlive", summary="Is the process alive", tags=["Operations"], sync_to_thread=False)
def live() -> Health:
    """Answer at all."""
    return Health(status="ok")


@get("/health/ready", operation_id="IsReady", summary="Are database and queue there", tags=["Operations"])
async def ready(request: ApiRequest) -> Health:
    """Ask the database and the queue."""
    desk: Desk = request.app.state.desk
    async with desk.sessions() as session:
        await session.execute(text("SELECT 1"))
    if desk.settings.broker_url and not await asyncio.to_thread(_broker_answers, desk.settings):
        raise UnavailableError(headers={"Retry-After": "5"})
    return Health(status="ok")


@get(
    "/health/scheduler",
    operation_id="DoesTheClockTick",
    summary="Did beat tick and a worker sweep",
    tags=["Operations"],
)
async def scheduler(request: ApiRequest) -> Health:
    """Fail when beat was silent for five minutes, or no worker swept for as long: then nobody is being warned."""
    desk: Desk = request.app.state.desk
    async with desk.sessions() as session:
        ages = await _ages(session, desk.now())
    if max(ages.values()) > SILENCE.total_seconds():
        raise UnavailableError(headers={"Retry-After": "60"})
    return Health(status="ok")


@get("/metrics", operation_id="GetMetrics", summary="Figures for Prometheus", tags=["Operations"])
async def metrics(request: ApiRequest) -> Response[bytes]:
    """Answer counters of this process and the figures that name the risk, read from the database."""
    desk: Desk = request.app.state.desk
    families = []
    async with desk.begin(SYSTEM).session as session:
        now = desk.now()
        for name, age in (await _ages(session, now)).items():
            families.append(_gauge(f"vigilancia_{name}_age_seconds", _SIGNS[name], age))
        queue = await jobs.queue_age(session, now=now)
        families.append(_gauge("vigilancia_queue_age_seconds", "Wait of the oldest due piece of work.", queue))
        risks = await notice_metrics.figures(session, now) | await escalation_metrics.figures(session, now)
        risks |= await webhook_metrics.figures(session, now) | await audit_metrics.figures(session, now)
        for name, (meaning, value) in risks.items():
            families.append(_gauge(f"vigilancia_{name}", meaning, value))
        for name, (meaning, values) in (await notice_metrics.by_channel(session, now)).items():
            families.append(_labelled(f"vigilancia_{name}", meaning, "channel", values))
        waits = await jobs.queue_ages(session, now=now)
        families.append(
            _labelled("vigilancia_job_age_seconds", "Wait of the oldest due piece of each kind.", "job", waits)
        )
    figures = CollectorRegistry()
    figures.register(_Ready(families))
    body = generate_latest(REGISTRY) + generate_latest(figures)
    return Response(body, media_type=MediaType.TEXT, headers={"Content-Type": "text/plain; version=0.0.4"})


async def _ages(session: AsyncSession, now: datetime) -> dict[str, float]:
    """Return the seconds since each sign of life; endless where there never was one."""
    query = select(HeartbeatRow.name, HeartbeatRow.at).where(HeartbeatRow.name.in_(_SIGNS))
    seen = {row.name: (now - row.at).total_seconds() for row in await session.execute(query)}
    return {name: seen.get(name, inf) for name in _SIGNS}


class _Ready(Collector):
    def __init__(self, families: list[GaugeMetricFamily]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)


def _labelled(name: str, meaning: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _broker_answers(settings: Settings) -> bool:
    try:
        with Connection(settings.broker_url, connect_timeout=_BROKER_SECONDS) as connection:
            connection.ensure_connection(max_retries=1, timeout=_BROKER_SECONDS)
    except (OSError, OperationalError):
        return False
    return True


handlers = [live, ready, scheduler, metrics]
