"""`tocsin oncall export|import`: duties as a calendar file, for other calendars and from them."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.cli.oncall import File
from agents.files.oncall import DEFAULT_FILE, load_oncall
from agents.settings import load_settings
from pipeline.errors import TocsinError
from pipeline.incidents.receivers import calendar_of
from pipeline.incidents.roster import duties
from pipeline.times import DAY_MS

if TYPE_CHECKING:
    from pipeline.incidents.load import OnCall

Days = Annotated[int, typer.Option(min=1, max=366, help="How far to look.")]


class CalendarsUnavailableError(TocsinError):
    """Calendar files need a library that a worker does not."""


def export_command(
    roster: Annotated[str, typer.Argument(help="The roster.")],
    days: Days = 60,
    file: File = None,
) -> None:
    """Write the next duties of a roster as a calendar file (ICS) to standard output."""
    _require()
    from pipeline.incidents.ics import as_calendar

    oncall, now_ms = _oncall(file), time.time_ns() // 1_000_000
    if roster not in oncall.plan.rosters:
        raise typer.BadParameter(f"no roster {roster}; there are {', '.join(oncall.plan.rosters) or 'none'}")
    calendar = calendar_of(oncall.plan)
    found = duties(oncall.plan.rosters[roster], now_ms, now_ms + days * DAY_MS, calendar=calendar)
    sys.stdout.buffer.write(as_calendar(roster, found, now_ms=now_ms))


def import_command(
    ics: Annotated[Path, typer.Argument(help="A calendar file: each event is a duty of whom its summary names.")],
    days: Days = 60,
    file: File = None,
) -> None:
    """Write the events of a calendar file as `overrides` of the on-call file, to be put under a roster."""
    _require()
    from pipeline.incidents.ics import overrides_of, written

    oncall, now_ms = _oncall(file), time.time_ns() // 1_000_000
    calendar = calendar_of(oncall.plan)
    found = overrides_of(
        ics.read_bytes(),
        people=oncall.plan.people,
        calendar=calendar,
        from_ms=now_ms,
        to_ms=now_ms + days * DAY_MS,
    )
    sys.stdout.write(written(found, calendar))


def _oncall(file: Path | None) -> "OnCall":
    return load_oncall(file or load_settings().oncall_file or DEFAULT_FILE)


def _require() -> None:
    try:
        import icalendar  # noqa: F401
    except ImportError as error:
        raise CalendarsUnavailableError(
            "calendar files need icalendar: pip install --require-hashes -r requirements/ics.txt, or tocsin[ics]"
        ) from error
