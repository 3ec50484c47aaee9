"""How a process ends at once: seen from outside, because nothing inside is there to look."""

import subprocess
import sys

import pytest
from aiokafka import errors

from agents.engine.crash import reason_of

SIGNALLED_IN_A_FINALISER = """
import os, signal
from agents.engine.crash import end_at_once_on

class Garbage:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(10_000):  # the handler runs between two of these, where an exception is only printed
            pass

end_at_once_on(signal.SIGTERM)
Garbage()
raise SystemExit("the signal was lost")
"""


def test_a_signal_ends_the_process_wherever_it_comes() -> None:
    """The collector runs before Faust listens; an exception raised there goes nowhere."""
    done = subprocess.run(
        [sys.executable, "-c", SIGNALLED_IN_A_FINALISER], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


FENCED = "another worker owns the partition, or the broker was away for longer than an open transaction may take"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(
            errors.LeaderNotAvailableError(), "no broker answered in time", id="it went away in a transaction"
        ),
        pytest.param(errors.NodeNotReadyError(), "no broker answered in time", id="no connection"),
        pytest.param(errors.KafkaTimeoutError(), "no broker answered in time", id="too late"),
        pytest.param(errors.TopicAuthorizationFailedError(), "the broker refused", id="it may not"),
        pytest.param(errors.MessageSizeTooLargeError(), "the broker refused", id="too large"),
        pytest.param(errors.ProducerFenced(), FENCED, id="fenced"),
        pytest.param(errors.InvalidProducerEpoch(), FENCED, id="fenced, as newer brokers say it"),
    ],
)
def test_silence_is_no_refusal(error: errors.KafkaError, reason: str) -> None:
    """Whoever reads the last line looks at the right place: the broker, or the account and the topics."""
    assert reason_of(error) == reason
