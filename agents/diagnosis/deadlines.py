"""Policies for tickets: whether they load, and whether their calendars will know the holidays of the coming weeks."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from agents.diagnosis.finding import Finding, bad, good, odd
from agents.files.sla import load_sla
from agents.settings import SettingsError, load_settings
from pipeline.errors import TocsinError
from pipeline.sla.policy import SlaPack

SOON = timedelta(days=60)


def check_policies() -> Iterator[Finding]:
    """The policies load, and no calendar is about to run out of announced holidays."""
    try:
        source = load_settings().sla
        pack = load_sla(source)
    except SettingsError:  # told by another check
        return
    except TocsinError as error:
        yield bad("policies", str(error), "tocsin sla check shows every problem")
        return
    yield good("policies", f"{', '.join(policy.id for policy in pack.policies)} from {source}")
    yield from calendars(pack, today=datetime.now(UTC).date())


def calendars(pack: SlaPack, *, today: date) -> Iterator[Finding]:
    """Each calendar that has holidays, and until when it knows them."""
    for name, known_until in pack.known_until.items():
        if known_until - today < SOON:
            fix = "update chinesecalendar, or write closed, open and known_until into the calendar"
            yield odd(f"calendar {name}", f"knows holidays until {known_until}; due times beyond are estimated", fix)
        else:
            yield good(f"calendar {name}", f"knows holidays until {known_until}")
