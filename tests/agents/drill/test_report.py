"""The report of a drill: what is missed, waits or leaks is named, and others' records do not count."""

from dataclasses import replace

import pytest
from msgspec.structs import replace as changed

from agents.drill.report import Records, is_known, report_of
from schemas.cards import Card
from schemas.deliveries import BudgetClass, Notification, Outcome, Receipt, Receiver, Result
from schemas.incidents import Incident, IncidentState, ReasonCode
from schemas.sla_clocks import TicketClocks
from schemas.tickets import Priority, TicketStatus
from schemas.vocabulary import Level
from tests.support.alerts import HOUR_START_MS, alert
from tests.support.incidents import PEOPLE, PLAN, SECOND

MARKED = replace(PLAN, people={name: replace(each, takes_drills=name == SECOND) for name, each in PEOPLE.items()})
LEVELS = {1: Level.POTENTIAL, 2: Level.EXPLICIT, 4: Level.POTENTIAL, 5: Level.HIGH_RISK, 6: Level.EXPLICIT,
          7: Level.POTENTIAL, 9: Level.EXPLICIT}  # fmt: skip


def raised(number, level, **changes):
    """A conversation of the drill came to a level."""
    fields = {"conversation_id": f"drill-d-{number}-of-10", "level": level, "test": "d", "alert_id": f"a{number}"}
    return alert(number, **fields | changes)


def notice(number=5, to="group", channel="drills", **changes):
    """Somebody was told of the conversation at high risk."""
    fields = {
        "notification_id": f"n{number}", "channel": channel, "to": to, "incident_id": "i5", "step": 0,
        "dedup_key": "k", "budget_class": BudgetClass.RESERVED, "card": Card(title="t"), "not_after": 0, "test": "d",
        "stands_for": (Receiver(channel="sms", to="duty-1"),),
    }  # fmt: skip
    return Notification(**fields | changes)


def receipt(number=5, result=Result.SENT, after_ms=800):
    """What became of it."""
    return Receipt(
        notification_id=f"n{number}", result=result, reason=Outcome.ACCEPTED, attempt=1, latency_ms=9,
        at=HOUR_START_MS + after_ms, channel="drills",
    )  # fmt: skip


INCIDENT = Incident(
    incident_id="i5", fingerprint="f", state=IncidentState.OPEN, level=Level.HIGH_RISK, title="t", regions=(),
    reasons=(), members=("a5",), count=1, opened_at=0, updated_at=0, step=0, reason_code=ReasonCode.FIRST, test="d",
)  # fmt: skip


MINOR = changed(INCIDENT, incident_id="i6", level=Level.EXPLICIT, members=("a6",))
FAILED = receipt(6, Result.FAILED_PERM)


def suppressed(reason, incident_id="i5"):
    """Nobody was told of an incident, and why."""
    return Receipt(
        notification_id=f"notice:{incident_id}", result=Result.SUPPRESSED, reason=reason, attempt=0, latency_ms=0,
        at=HOUR_START_MS, incident_id=incident_id,
    )  # fmt: skip


def ticket(number, **changes):
    """The ticket of a conversation."""
    fields = {
        "ticket_id": f"drill-d-{number}-of-10", "status": TicketStatus.SOLVED, "priority": Priority.NORMAL,
        "policy": "p", "policy_version": "1", "clocks": (), "version": 2, "test": "d",
    }  # fmt: skip
    return TicketClocks(**fields | changes)


TICKETS = [ticket(number) for number in (2, 5, 6, 9)]
GOOD = Records([raised(*each) for each in LEVELS.items()], [INCIDENT], [notice()], [receipt()], TICKETS)


def test_a_good_drill():
    """All was seen and told; the report says whom it would have told, and how fast."""
    others = Records(
        [*GOOD.alerts, changed(GOOD.alerts[0], test="", alert_id="z"), raised(3, Level.EXPLICIT, test="other")],
        [changed(INCIDENT, state=IncidentState.RESOLVED), changed(INCIDENT, incident_id="i9", test="")],
        [*GOOD.notifications, notice(8, test="", to="duty-1", channel="sms")],
        [receipt(after_ms=900), receipt(), receipt(8)],
        [ticket(2, status=TicketStatus.NEW, version=1), *TICKETS, ticket(2, ticket_id="t-1"),
         ticket(5, version=3, would_do=("assign:task-force",))],
    )  # fmt: skip
    report = report_of("d", others, MARKED)
    assert report.is_good
    assert report.expected == report.seen == {"potential": 3, "explicit": 3, "high_risk": 1}
    assert report.would_have_told == {"duty-1@sms": 1}
    assert report.notifications == {"drills": {"sent": 1}}
    assert report.incidents == {"resolved": 1}
    assert (report.tickets, report.would_do) == ({"solved": 4}, {"assign:task-force": 1})
    assert (report.said_to_sent.count, report.said_to_sent.p99_ms) == (1, 800)


@pytest.mark.parametrize(
    ("records", "part", "named"),
    [
        pytest.param(GOOD._replace(alerts=GOOD.alerts[1:]), "missed", ["1"], id="nobody heard it"),
        pytest.param(
            GOOD._replace(alerts=[*GOOD.alerts[:3], raised(5, Level.EXPLICIT), *GOOD.alerts[4:]]), "missed", ["5"],
            id="it came to less",
        ),
        pytest.param(GOOD._replace(clocks=TICKETS[1:]), "unclocked", ["2"], id="no clock ran"),
        pytest.param(GOOD._replace(receipts=[receipt(result=Result.FAILED_TEMP)]), "waiting", ["n5"], id="open"),
        pytest.param(GOOD._replace(receipts=[receipt(result=Result.FAILED_PERM)]), "untold", ["i5"], id="refused"),
        pytest.param(GOOD._replace(receipts=[receipt(result=Result.EXPIRED)]), "untold", ["i5"], id="too late"),
        pytest.param(GOOD._replace(notifications=[notice(redraws=True)]), "untold", ["i5"], id="only drawn anew"),
        pytest.param(GOOD._replace(receipts=[], notifications=[]), "untold", ["i5"], id="no card was made"),
        pytest.param(
            GOOD._replace(receipts=[suppressed(Outcome.SILENCED)], notifications=[]), "untold", ["i5"], id="silenced"
        ),
        pytest.param(
            GOOD._replace(receipts=[suppressed(Outcome.RECORD_ONLY)], notifications=[]), "untold", ["i5"],
            id="high risk by a route that tells nobody",
        ),
        pytest.param(
            GOOD._replace(
                incidents=[INCIDENT, MINOR], receipts=[receipt(), suppressed(Outcome.INHIBITED, "i6"), FAILED],
                notifications=[notice(), notice(6, incident_id="i6")],
            ),
            "untold", ["i6"], id="muted for a while, and then it did not arrive",
        ),
        pytest.param(
            GOOD._replace(receipts=[], notifications=[], incidents=[]), "untold", ["high_risk: no incident"],
            id="no incident",
        ),
        pytest.param(
            GOOD._replace(incidents=[MINOR]), "untold", ["high_risk: no incident", "i6"], id="only a lesser incident"
        ),
        pytest.param(GOOD._replace(notifications=[notice(to="duty-1", channel="sms")]), "leaked", ["n5"], id="who"),
        pytest.param(GOOD._replace(notifications=[notice(channel="ops")]), "leaked", ["n5"], id="another group"),
        pytest.param(
            GOOD._replace(notifications=[notice(alternatives=(Receiver(channel="ops", to="group"),))]), "leaked",
            ["n5"], id="another way",
        ),
    ],
)  # fmt: skip
def test_what_is_not_good_is_named(records, part, named):
    """And the drill has failed."""
    report = report_of("d", records, MARKED)
    assert getattr(report, part) == named
    assert not report.is_good


@pytest.mark.parametrize(
    "records",
    [
        pytest.param(GOOD._replace(receipts=[receipt(result=Result.BUNDLED)]), id="with others in one message"),
        pytest.param(GOOD._replace(receipts=[receipt(result=Result.DELIVERED)]), id="and read"),
        pytest.param(
            GOOD._replace(
                notifications=[notice(), notice(6, incident_id="i5")],
                receipts=[receipt(6), receipt(result=Result.FAILED_PERM)],
            ),
            id="by the next channel",
        ),
        pytest.param(
            GOOD._replace(incidents=[INCIDENT, MINOR], receipts=[receipt(), suppressed(Outcome.INHIBITED, "i6")]),
            id="muted by a larger one, which was told",
        ),
        pytest.param(
            GOOD._replace(incidents=[INCIDENT, MINOR], receipts=[receipt(), suppressed(Outcome.RECORD_ONLY, "i6")]),
            id="its route only records",
        ),
    ],
)  # fmt: skip
def test_what_was_told_or_was_to_be_told_to_nobody(records):
    """Nothing is missing."""
    report = report_of("d", records, MARKED)
    assert (report.untold, report.is_good) == ([], True)


@pytest.mark.parametrize("part", ["alerts", "incidents", "notifications", "clocks"])
def test_a_name_is_known_by_whatever_its_drill_left(part):
    """Another's records, and what is no drill, leave it free."""
    others = Records([changed(GOOD.alerts[0], test="")], [changed(INCIDENT, test="e")], [], [receipt()])
    assert not is_known("d", others)
    assert is_known("d", others._replace(**{part: getattr(GOOD, part)}))


def test_a_marked_person_may_hear():
    """That is no leak; a conversation that came to more is said and no failure."""
    report = report_of("d", GOOD._replace(notifications=[notice(to=SECOND, channel="dingtalk-app")]), MARKED)
    assert report.is_good
    more = report_of("d", GOOD._replace(alerts=[*GOOD.alerts, raised(3, Level.EXPLICIT)]), MARKED)
    assert (more.raised, more.is_good) == (["3"], True)


def test_a_drill_that_left_nothing_is_not_good():
    """A name that nobody knows."""
    report = report_of("nobody", GOOD, MARKED)
    assert (report.conversations, report.is_good, report.said_to_sent) == (0, False, None)
