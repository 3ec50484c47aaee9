"""A worker that lives but does not work must end; one that merely waits must not."""

from datetime import timedelta

import pytest

from agents.engine.watchdog import Patience, Signs, Stuck, judge
from agents.ops.views import PartitionView

SECOND = timedelta(seconds=1)
PATIENCE = Patience(loop=60 * SECOND, progress=120 * SECOND, recovery=600 * SECOND, batch=30 * SECOND)
FRESH = timedelta(0)


def partition(**changes: object) -> PartitionView:
    """A healthy partition, but for the changes."""
    return PartitionView(partition=0, ready=True)._replace(**changes)


@pytest.mark.parametrize(
    ("signs", "reason"),
    [
        pytest.param(Signs(loop_age=60 * SECOND), None, id="loop at the bound"),
        pytest.param(Signs(loop_age=61 * SECOND), Stuck.LOOP, id="loop beyond it"),
        pytest.param(Signs(loop_age=FRESH, missing_batch_age=31 * SECOND), Stuck.LOST_BATCH, id="batch lost"),
        pytest.param(
            Signs(loop_age=FRESH, partitions=[partition(last_progress_age_seconds=9_999.0)]), None, id="idle, no lag"
        ),
        pytest.param(
            Signs(loop_age=FRESH, partitions=[partition(lag={"ticks": 1}, last_progress_age_seconds=120.0)]),
            None,
            id="lag, progress at the bound",
        ),
        pytest.param(
            Signs(loop_age=FRESH, partitions=[partition(lag={"ticks": 1}, last_progress_age_seconds=121.0)]),
            Stuck.NO_PROGRESS,
            id="lag without progress",
        ),
        pytest.param(
            Signs(
                loop_age=FRESH,
                partitions=[partition(lag={"ticks": 1}, last_progress_age_seconds=9_999.0, held="chats")],
            ),
            None,
            id="held until a person looks",
        ),
        pytest.param(
            Signs(
                loop_age=FRESH,
                partitions=[
                    partition(ready=False, recovering_seconds=599.0, lag={"ticks": 9}, last_progress_age_seconds=599.0)
                ],
            ),
            None,
            id="recovering",
        ),
        pytest.param(
            Signs(loop_age=FRESH, partitions=[partition(ready=False, recovering_seconds=601.0)]),
            Stuck.RECOVERY,
            id="recovering for too long",
        ),
    ],
)
def test_judgement(signs: Signs, reason: Stuck | None) -> None:
    """Both sides of each bound."""
    assert judge(signs, PATIENCE) is reason
