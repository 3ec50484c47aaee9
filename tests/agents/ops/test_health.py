"""The judgement on a worker: alive, ready, started, and why not."""

from dataclasses import replace

import pytest

from agents.ops.health import (
    LAG_KNOWN_WITHIN_SECONDS,
    LOOP_ANSWERS_WITHIN_SECONDS,
    PROGRESS_WITHIN_SECONDS,
    HealthState,
    Probe,
    Reason,
    judge,
)
from agents.ops.views import PartitionView

WORKING = PartitionView(partition=0, ready=True, lag={"calls.utterances": 5}, last_progress_age_seconds=1.0)
WELL = HealthState(
    configured=True,
    connected=True,
    loop_age_seconds=0.4,
    watchdog_alive=True,
    assigned=True,
    partitions=(WORKING,),
    rules_version="r1",
    topic_problems=(),
)
STUCK = WORKING._replace(last_progress_age_seconds=PROGRESS_WITHIN_SECONDS + 1)


def reasons(state, probe):
    """Why the probe says no."""
    return {check.reason for check in judge(state).checks[probe] if not check.ok}


def test_a_working_worker_is_well():
    """All three probes say yes."""
    report = judge(WELL)
    assert [report.ok(probe) for probe in Probe] == [True, True, True]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"loop_age_seconds": LOOP_ANSWERS_WITHIN_SECONDS}, set(), id="the loop answers in time"),
        pytest.param(
            {"loop_age_seconds": LOOP_ANSWERS_WITHIN_SECONDS + 0.1}, {Reason.LOOP_STUCK}, id="the loop is stuck"
        ),
        pytest.param({"loop_age_seconds": None, "watchdog_alive": False}, set(), id="connected, not at work yet"),
        pytest.param({"watchdog_alive": False}, {Reason.WATCHDOG_DEAD}, id="the watchdog died"),
        pytest.param({"watchdog_alive": False, "stopping": True}, set(), id="it ends, and nobody watches any more"),
        pytest.param({"partitions": (STUCK,)}, {Reason.NO_PROGRESS}, id="records wait and nothing moves"),
        pytest.param(
            {"partitions": (STUCK._replace(last_progress_age_seconds=PROGRESS_WITHIN_SECONDS),)},
            set(),
            id="progress just in time",
        ),
        pytest.param({"partitions": (STUCK._replace(lag={"calls.utterances": 0}),)}, set(), id="a quiet night"),
        pytest.param({"partitions": (STUCK._replace(lag={}),)}, set(), id="no lag known at all"),
        pytest.param(
            {"partitions": (STUCK._replace(ready=False, recovering_seconds=500.0),)},
            set(),
            id="recovery takes its time",
        ),
        pytest.param(
            {"partitions": (STUCK._replace(lag_age_seconds=LAG_KNOWN_WITHIN_SECONDS + 1),)},
            set(),
            id="the broker is away: nobody knows the lag",
        ),
        pytest.param({"partitions": (WORKING, STUCK)}, {Reason.NO_PROGRESS}, id="one of two partitions is stuck"),
        pytest.param({"partitions": (STUCK._replace(held="chats"),)}, set(), id="held on purpose"),
        pytest.param({"partitions": ()}, set(), id="a standby owns nothing"),
        pytest.param({"rules_version": "", "assigned": False}, set(), id="not being ready is no reason to die"),
        pytest.param({"stopping": True}, set(), id="a worker that ends is not killed"),
        pytest.param({"broker_silent_seconds": 900.0}, set(), id="the broker is away: ending brings it not back"),
    ],
)
def test_alive(changes, expected):
    """Life is progress; the broker's absence is no death."""
    assert reasons(replace(WELL, **changes), Probe.LIVE) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"assigned": False}, {Reason.NO_ASSIGNMENT}, id="a rebalance runs"),
        pytest.param({"partitions": ()}, set(), id="a standby is ready to take over"),
        pytest.param(
            {"partitions": (WORKING, PartitionView(1, ready=False, recovering_seconds=3.0))},
            {Reason.RECOVERING},
            id="one partition recovers",
        ),
        pytest.param({"rules_version": ""}, {Reason.RULES_MISSING}, id="no rules"),
        pytest.param({"topic_problems": None}, {Reason.TOPICS_UNCHECKED}, id="topics not compared yet"),
        pytest.param({"topic_problems": ("ticks: 3 partitions",)}, {Reason.TOPICS_DIFFER}, id="topics differ"),
        pytest.param({"stopping": True}, {Reason.STOPPING}, id="told to end"),
        pytest.param({"broker_silent_seconds": 3.0}, {Reason.BROKER_AWAY}, id="the broker is away"),
        pytest.param({"partitions": (WORKING._replace(held="chats"),)}, {Reason.TOO_MANY_REFUSED}, id="it holds"),
    ],
)
def test_ready(changes, expected):
    """Ready means that the worker does its work, rightly."""
    assert reasons(replace(WELL, **changes), Probe.READY) == expected


@pytest.mark.parametrize(
    ("state", "live", "ready", "started"),
    [
        pytest.param(HealthState(), True, False, False, id="just begun"),
        pytest.param(HealthState(configured=True), True, False, False, id="settings read"),
        pytest.param(HealthState(configured=True, connected=True), True, False, True, id="connected, recovers"),
        pytest.param(
            HealthState(configured=True, connected=True, loop_age_seconds=0.1, watchdog_alive=True),
            True,
            False,
            True,
            id="connected, nothing assigned yet",
        ),
        pytest.param(WELL, True, True, True, id="at work"),
    ],
)
def test_start(state, live, ready, started):
    """The probes turn to yes one after the other, and no step of a healthy start kills the worker."""
    report = judge(state)
    assert (report.ok(Probe.LIVE), report.ok(Probe.READY), report.ok(Probe.STARTUP)) == (live, ready, started)


def test_the_worst_partition_is_named():
    """The answer says which partition stands still, for how long, and how much waits."""
    worse = STUCK._replace(partition=7, last_progress_age_seconds=900.0, lag={"calls.utterances": 40, "ticks": 2})
    [check] = [check for check in judge(replace(WELL, partitions=(STUCK, worse))).checks[Probe.LIVE] if not check.ok]
    assert check.age_seconds == 900.0
    assert check.detail == "partition 7: 42 records wait"


def test_every_no_has_a_reason():
    """A check that fails never says ok, and every answer can be shown."""
    for state in (HealthState(), WELL, replace(WELL, partitions=(STUCK,), topic_problems=("x",))):
        for probe, checks in judge(state).checks.items():
            assert all(check.ok or check.reason is not Reason.OK for check in checks)
            assert judge(state).as_json(probe)["ok"] is judge(state).ok(probe)
