"""The three questions asked of an intake."""

from dataclasses import replace

import pytest

from agents.listening.health import ListenerState
from agents.ops.health import LOOP_ANSWERS_WITHIN_SECONDS, Probe, Reason

WELL = ListenerState(
    configured=True, listening=True, loop_age_seconds=0.1, has_connected=True, is_connected=True, topic_problems=()
)


def test_a_working_intake_is_well():
    """All three probes say yes."""
    assert [WELL.report().ok(probe) for probe in Probe] == [True, True, True]


@pytest.mark.parametrize(
    ("changes", "probe", "reason"),
    [
        ({"loop_age_seconds": LOOP_ANSWERS_WITHIN_SECONDS + 0.1}, Probe.LIVE, Reason.LOOP_STUCK),
        ({"is_connected": False}, Probe.READY, Reason.BROKER_AWAY),
        ({"is_connected": False, "has_connected": False}, Probe.READY, Reason.NEVER_CONNECTED),
        ({"topic_problems": None}, Probe.READY, Reason.TOPICS_UNCHECKED),
        ({"topic_problems": ("tickets.events: missing",)}, Probe.READY, Reason.TOPICS_DIFFER),
        ({"stopping": True}, Probe.READY, Reason.STOPPING),
        ({"listening": False}, Probe.STARTUP, Reason.NOT_STARTED),
        ({"configured": False}, Probe.STARTUP, Reason.NOT_CONFIGURED),
    ],
)
def test_each_no_has_its_reason_and_touches_no_other_probe(changes, probe, reason):
    """A broker that is away makes it unready and never dead: killing it would not bring the broker back."""
    report = replace(WELL, **changes).report()
    assert [each for each in Probe if not report.ok(each)] == [probe]
    assert [check.reason for check in report.checks[probe] if not check.ok] == [reason]
