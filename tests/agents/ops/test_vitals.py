"""The vital signs: what is told is what the next snapshot shows."""

from agents.ops.health import HealthState, Probe, judge
from agents.ops.views import PartitionView
from agents.ops.vitals import Vitals


class Clock:
    """A clock that the test moves."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_nothing_was_told_yet():
    """A worker that has just begun knows nothing."""
    assert Vitals(monotonic=Clock()).state() == HealthState()


def test_a_worker_on_its_way_to_work():
    """Each sign shows in the next snapshot; in the end the worker is well."""
    clock, alive = Clock(), [True]
    vitals = Vitals(monotonic=clock)
    vitals.configured()
    vitals.beat()
    vitals.connected()
    vitals.watched_by(lambda: alive[0])
    vitals.topics_compared([])
    vitals.rules_loaded("r1")
    vitals.owns(lambda: [PartitionView(2, ready=True)])
    vitals.assigned()
    clock.now += 3
    state = vitals.state()
    assert state.loop_age_seconds == 3
    assert [view.partition for view in vitals.views()] == [2]
    assert all(judge(state).ok(probe) for probe in Probe)
    alive[0] = False
    assert not judge(vitals.state()).ok(Probe.LIVE)


def test_what_takes_readiness_away():
    """A rebalance, a broker that is away, and the end of the worker."""
    vitals = Vitals(monotonic=Clock())
    vitals.assigned()
    vitals.unassigned()
    vitals.broker_silent_for(4.0)
    vitals.stopping()
    state = vitals.state()
    assert (state.assigned, state.broker_silent_seconds, state.stopping) == (False, 4.0, True)
