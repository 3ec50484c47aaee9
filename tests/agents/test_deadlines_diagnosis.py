"""The doctor sees a calendar that is about to run out of announced holidays."""

from datetime import timedelta

import pytest

from agents.diagnosis.deadlines import SOON, calendars, check_policies
from agents.diagnosis.finding import Verdict
from pipeline.sla.holidays import KNOWN_UNTIL
from tests.support.tickets import OFFICE, STANDARD, pack_of


@pytest.mark.parametrize(
    ("before", "verdict"),
    [
        pytest.param(SOON, Verdict.GOOD, id="sixty days"),
        pytest.param(SOON - timedelta(days=1), Verdict.ODD, id="fifty-nine days"),
        pytest.param(timedelta(days=-1), Verdict.ODD, id="the first day that nobody knows"),
    ],
)
def test_a_calendar_that_runs_out_is_told_in_time(before, verdict):
    """Two months before; a calendar without holidays has nothing to run out of."""
    (finding,) = calendars(pack_of(), today=KNOWN_UNTIL - before)
    assert (finding.what, finding.verdict) == ("calendar office", verdict)


def test_dates_of_the_operator_count():
    """Whoever writes the announced dates down is not warned."""
    later = KNOWN_UNTIL.replace(year=KNOWN_UNTIL.year + 1)
    own = OFFICE.replace("holidays: china", f"holidays: china\n    known_until: {later}")
    (finding,) = calendars(pack_of(STANDARD.replace(OFFICE, own)), today=KNOWN_UNTIL)
    assert finding.verdict is Verdict.GOOD


def test_policies_that_do_not_load_are_bad(monkeypatch):
    """With the way to see every problem."""
    monkeypatch.setenv("TOCSIN_SLA", "nowhere")
    (finding,) = check_policies()
    assert (finding.verdict, finding.fix) == (Verdict.BAD, "tocsin sla check shows every problem")
