"""The closed label values and the bucket bounds: what a metric may be told apart by, and how finely.

A label value comes from an enum or from the topic table, never from a record: no ids, words, phones or agents. What is
not known is counted under `other`, so that a source's mistake cannot grow the series without bound.
"""

from enum import StrEnum

from pipeline.places.provinces import REGIONS
from schemas import topics
from schemas.vocabulary import Level

OTHER = "other"
NONE = "none"  # an alert without a level or a channel: a surge of a whole region
REGION_VALUES = frozenset(REGIONS)
RAISED = (Level.POTENTIAL, Level.EXPLICIT, Level.HIGH_RISK)
TOPIC_KINDS = frozenset({"category", "product", "tag", "reason"})  # of tickets
TOPIC_VALUES = frozenset(topic.name for topic in topics.ALL)

# Event to alert: ours is 5-100 ms, a speech engine's batching 35 s, a backlog minutes.
DELAY_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
# The same from event time: the source's own delay is in it.
EVENT_DELAY_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900)
# A bare transaction takes 4-7 ms, 20-60 when many partitions commit at once.
TRANSACTION_SECONDS = (0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 5, 15)
DECIDE_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
BATCH_RECORDS = (1, 5, 10, 50, 100, 500, 1_000, 2_500, 5_000, 10_000, 25_000)
RECOVERY_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600)  # a million rows in 10 s is the aim, 600 an alarm


class Outcome(StrEnum):
    """What became of a source record."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


def known(value: str, values: frozenset[str]) -> str:
    """The value itself where it is a known one, else `other`."""
    return value if value in values else OTHER
