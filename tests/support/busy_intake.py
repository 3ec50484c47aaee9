"""An intake that only looks busy: every metric has been touched, nobody called. For panels, rules and scrapes."""

from pathlib import Path

from prometheus_client import CollectorRegistry

from agents.intake.answers import Outcome
from agents.intake.metrics import IntakeMetrics
from schemas.vocabulary import Category
from tests.support.intake import loaded


def busy_intake(folder: Path) -> IntakeMetrics:
    """The metrics of an intake whose file and secrets are in `folder`."""
    metrics = IntakeMetrics(CollectorRegistry())
    metrics.begin(loaded(folder).gates.values())
    receive(metrics)
    return metrics


def receive(metrics: IntakeMetrics) -> None:
    """One request of which half could be used."""
    metrics.requests.labels("helpdesk", Outcome.PARTLY).inc()
    metrics.events.labels("helpdesk", "tickets.events").inc()
    metrics.dead_letters.labels("helpdesk", Category.SCHEMA).inc()
    metrics.seconds.labels("helpdesk").observe(0.02)
