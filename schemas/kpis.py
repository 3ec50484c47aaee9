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
    COMPLAINT_RATE_A = "complaint_rate_a"  # customers who complained, of all customers of the day
    DISSATISFIED_RATE_A = "dissatisfied_rate_a"  # the same from the level potential on
    COMPLAINT_RATE_B = "complaint_rate_b"  # contacts that became a complaint, of all contacts
    DISSATISFIED_RATE_B = "dissatisfied_rate_b"
    SAVED = "saved"  # of the contacts that became a complaint, those that ended as none
    REPEAT_CONTACT = "repeat_contact"  # contacts of known customers who had come within 72 hours
    FIRST_RESPONSE = "first_response"  # seconds until an agent first answered
    WARNED_AHEAD = "warned_ahead"  # of high-risk conversations, those warned of before the threat
    LEAD_TIME = "lead_time"  # seconds from the first warning to the threat
    RESOLUTION = "resolution"  # seconds of working time until a ticket was solved
    SLA_ATTAINMENT = "sla_attainment"  # clocks that were kept, of all that ended
    PAUSE_SHARE = "pause_share"  # of the working time of solved tickets, what was paused; `n` in milliseconds
    FIRST_ACTION = "first_action"  # seconds from a complaint to the first action on its ticket
    ACKNOWLEDGE = "acknowledge"  # seconds until an incident was acknowledged
    OCCUPANCY = "occupancy"  # talk and after-call work, of the time logged in; `n` in milliseconds
    PROMISE_KEPT = "promise_kept"  # promises kept in time, of all that were kept or broken
    UPSELL = "upsell"  # tickets with a closed sale, of all created


DURATIONS = frozenset(
    {
        Kpi.REVIEW_ANSWER,
        Kpi.FIRST_RESPONSE,
        Kpi.LEAD_TIME,
        Kpi.RESOLUTION,
        Kpi.FIRST_ACTION,
        Kpi.ACKNOWLEDGE,
    }
)
OF_TIME = frozenset({Kpi.OCCUPANCY, Kpi.PAUSE_SHARE})  # shares of time: their `n` is milliseconds


class Measure(Part, frozen=True, kw_only=True):
    """So many values, their sum, the sum of their squares, and how they are spread."""

    n: Count = 0
    total: Annotated[int, Meta(ge=-MAX_COUNT, le=MAX_COUNT)] = 0  # thousandths
    squares: Count = 0  # millionths; of scores, not of durations
    buckets: dict[Code, Count] = {}  # noqa: RUF012  msgspec copies it; by score, or by the logarithm of a duration


# By Kpi; or `topic.refund`, answers that name a reason, with their sentiment; or `contacts.voice`, those of a channel.
Measures = dict[Code, Measure]


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
