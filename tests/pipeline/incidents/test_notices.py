"""A notification of a case: how urgent it is, until when it is news, and which of them are about the same matter."""

import pytest

from pipeline.conversation.advice import AdviceBook
from pipeline.incidents.case import Case, opened
from pipeline.incidents.notices import notification
from pipeline.incidents.receivers import Addressed
from schemas.deliveries import BudgetClass, Notification, Receiver
from schemas.incidents import ReasonCode
from schemas.vocabulary import Level
from tests.support.alerts import HOUR, HOUR_START_MS, alert
from tests.support.incidents import PLAN, high, run

TO = Addressed(Receiver(channel="robot", to="duty-1"))


def case(level: Level, incident_id: str = "i1") -> Case:
    """One that was just opened."""
    now_ms = HOUR_START_MS
    return opened(
        alert(1, level=level), incident_id=incident_id, group="g", chain="high", now_ms=now_ms, first_at_ms=now_ms
    )


def told(about: Case, *, now_ms: int = HOUR_START_MS) -> Notification:
    """What its first step says."""
    value = notification(about, TO, ReasonCode.FIRST, advice=AdviceBook(), plan=PLAN, now_ms=now_ms).value
    assert isinstance(value, Notification)
    return value


@pytest.mark.parametrize(
    ("level", "budget_class", "hours"),
    [
        pytest.param(Level.HIGH_RISK, BudgetClass.RESERVED, 2, id="high risk has a share of its own"),
        pytest.param(Level.EXPLICIT, BudgetClass.NORMAL, 1, id="explicit"),
        pytest.param(Level.POTENTIAL, BudgetClass.DIGEST, 6, id="potential may wait to be bundled"),
    ],
)
def test_the_level_says_how_urgent_and_for_how_long(level, budget_class, hours):
    """Counted from when it goes out, not from when the case was opened."""
    notice = told(case(level), now_ms=HOUR_START_MS + HOUR)
    assert (notice.budget_class, notice.emitted_at) == (budget_class, HOUR_START_MS + HOUR)
    assert notice.not_after - notice.emitted_at == hours * HOUR


def test_each_incident_is_a_matter_of_its_own():
    """Vendors merge what has one key: two incidents never have, one incident always."""
    one, later, other = told(case(Level.EXPLICIT)), told(case(Level.HIGH_RISK)), told(case(Level.EXPLICIT, "i2"))
    assert one.dedup_key == later.dedup_key
    assert one.dedup_key != other.dedup_key


def test_two_incidents_of_a_region_have_two_keys():
    """The same through the stage, all steps of the chain among them."""
    notices = run([high(1), high(2)]).of(Notification)
    by_incident = {(each.incident_id, each.dedup_key) for each in notices}
    assert len({incident_id for incident_id, _ in by_incident}) == len({key for _, key in by_incident}) == 2
