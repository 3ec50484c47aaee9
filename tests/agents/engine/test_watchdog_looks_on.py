"""A watchdog that bears with one partition still looks at the next, and ends the process when it must."""

import threading
from datetime import timedelta

import pytest

from agents.engine import watchdog
from agents.engine.crash import ExitCode
from agents.engine.watchdog import Patience, Signs, Stuck, Watchdog, judge
from agents.ops.views import PartitionView

SECOND = timedelta(seconds=1)
PATIENCE = Patience(loop=60 * SECOND, progress=120 * SECOND, recovery=600 * SECOND, batch=30 * SECOND)
STUCK = PartitionView(partition=1, ready=True, lag={"ticks": 1}, last_progress_age_seconds=900.0)
RECOVERING = PartitionView(partition=0, ready=False, recovering_seconds=599.0)
HELD = STUCK._replace(partition=0, held="chats")


@pytest.mark.parametrize(
    ("partitions", "reason"),
    [
        pytest.param([STUCK._replace(lag_age_seconds=119.0)], Stuck.NO_PROGRESS, id="lag told just now"),
        pytest.param([STUCK._replace(lag_age_seconds=120.0)], None, id="lag told too long ago"),
        pytest.param([STUCK._replace(lag_age_seconds=900.0)], None, id="lag from before the broker went away"),
        pytest.param([RECOVERING, STUCK], Stuck.NO_PROGRESS, id="one recovers, the next is stuck"),
        pytest.param([HELD, STUCK], Stuck.NO_PROGRESS, id="one is held, the next is stuck"),
        pytest.param([RECOVERING, HELD], None, id="one recovers, the other is held"),
    ],
)
def test_each_partition_is_judged(partitions, reason):
    """Patience with one is none with its neighbour, and an old lag proves nothing."""
    assert judge(Signs(loop_age=timedelta(0), partitions=partitions), PATIENCE) is reason


@pytest.mark.parametrize(
    ("signs", "reason", "code"),
    [
        pytest.param(Signs(loop_age=61 * SECOND), Stuck.LOOP, ExitCode.STUCK, id="a loop"),
        pytest.param(
            Signs(loop_age=timedelta(0), partitions=[RECOVERING._replace(recovering_seconds=601.0)]),
            Stuck.RECOVERY,
            ExitCode.RECOVERY,
            id="a recovery",
        ),
    ],
)
def test_the_thread_ends_the_process(monkeypatch, signs, reason, code):
    """It says why, and with the code that the supervisor knows; a healthy look before it ends nothing."""
    looks = iter([Signs(loop_age=timedelta(0))])
    ends: list[tuple[str, ExitCode]] = []
    has_ended = threading.Event()

    def end(told: str, with_code: ExitCode) -> None:
        ends.append((told, with_code))
        dog.stop()  # the real one does not return
        has_ended.set()

    monkeypatch.setattr(watchdog, "end_process", end)
    dog = Watchdog(lambda: next(looks, signs), PATIENCE)
    dog.start()
    assert has_ended.wait(10)
    assert ends == [(reason.value, code)]
