"""Figures of the house: what the customers' voice, complaints, tickets and agents come to, hour by hour.

Every figure is a mean and goes with the count that it is a mean of: two hours, regions or partitions add up.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from schemas.base import MAX_COUNT, Code, Count, EpochMillis, Id, Part, Wire


class Kpi(StrEnum):
    """What is measured, and in which unit."""

    NPS = "nps"  # promoter 1, passive 0, detractor -1
    CSAT = "csat"  # satisfied 1, else 0
    CES = "ces"  # 1 to 5, high is easy is good
    REVIEW = "review"  # stars, 1 to 5
    SENTIMENT = "sentiment"  # positive 1, neutral 0, negative -1
    REVIEW_ANSWER = "review_answer"  # seconds from a review to the answer of the house


class Measure(Part, frozen=True, kw_only=True):
    """So many values, their sum, the sum of their squares, and how they are spread."""

    n: Count = 0
    total: Annotated[int, Meta(ge=-MAX_COUNT, le=MAX_COUNT)] = 0  # thousandths
    squares: Count = 0  # millionths; of scores, not of durations
    buckets: dict[Code, Count] = {}  # noqa: RUF012  msgspec copies it; by score, or by the logarithm of a duration


Measures = dict[Code, Measure]  # by Kpi, or `topic.refund`: answers that name a reason, with their sentiment


class KpiTally(Wire, tag="kpi.tally/1", frozen=True, kw_only=True):
    """What one stage on one partition has counted of a subject's hour since its last tally. Topic `kpis.tallies`."""

    tally_id: Id
    subject: Id  # `all`, `region:440000`, `product:p-1`, `touchpoint:sms`
    hour_start: EpochMillis
    measures: Measures
    emitted_at: EpochMillis

    def record_id(self) -> str:
        """The tally id."""
        return self.tally_id


class KpiHour(Wire, tag="kpi.hour/1", frozen=True, kw_only=True):
    """All figures of one subject in one hour of event time; what comes late corrects it. Topic `kpis.hours`."""

    subject: Id
    hour_start: EpochMillis
    version: Count
    measures: Measures
    is_closed: bool = False  # the hour is over; what comes late is published under a higher version
    emitted_at: EpochMillis = 0

    def record_id(self) -> str:
        """Subject, hour and version."""
        return f"kpi:{self.subject[:80]}:{self.hour_start}:{self.version}"
