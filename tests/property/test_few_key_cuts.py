"""Many records of few keys: where a batch ends makes no difference, though a batch meets the same row many times."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from pipeline.kpis.fold import fold as fold_kpis
from pipeline.kpis.state import KpiRow
from pipeline.quality.reviewing import Reviewed
from pipeline.quality.reviewing import fold as fold_reviews
from pipeline.rows import Store, encode_row
from pipeline.stage import Batch, Effects
from pipeline.tickets.links import LinkRow
from pipeline.tickets.links import fold as fold_links
from pipeline.times import HOUR_MS, MINUTE_MS
from schemas.actions import ActionKind
from schemas.codec import Record
from schemas.kpis import KpiTally, Measure
from schemas.links import Acknowledgement, Act, LinkedAcknowledgement, LinkedAct, LinkedComplaint, LinkedTicket
from schemas.quality import (
    FindingState,
    Judgement,
    ReviewAction,
    ReviewerRole,
    ReviewStep,
    ServiceFinding,
    Severity,
)
from schemas.ticks import Tick
from schemas.topics import FINDINGS, KPI_TALLIES, LINKS, REVIEW_ACTIONS, TICKS, Topic
from schemas.vocabulary import Level

START_MS = 1_767_225_600_000
FIRST, LAST = "first", "last"
CUTS = st.sets(st.integers(1, 20))
SIZES = {"min_size": 2, "max_size": 20}
Fold = Callable[[Batch, Store[Any]], Effects[Any]]


def topic_of(event: Any) -> Topic:
    """Where an event is read from."""
    topics = {Tick: TICKS, KpiTally: KPI_TALLIES, ServiceFinding: FINDINGS, ReviewAction: REVIEW_ACTIONS}
    return topics.get(type(event), LINKS)


def folded(fold: Fold, kind: type[Struct], events: Sequence[Any], cuts: set[int]) -> tuple[Any, ...]:
    """Outputs, refusals and rows; a batch ends where the topic changes and at each cut, and rows are read back."""
    kept: dict[bytes, bytes | None] = {}
    outputs, refusals = [], []
    changes = {at for at in range(1, len(events)) if topic_of(events[at]) is not topic_of(events[at - 1])}
    borders = sorted({0, len(events), *changes, *(cut for cut in cuts if cut < len(events))})
    for start, end in pairwise(borders):
        store: Store[Any] = Store(kind)
        store.load(kept.items())
        store.loaded(now_ms=0)
        records = [Record(place, START_MS + place, None, b"") for place in range(start, end)]
        effects = fold(Batch(topic_of(events[start]), 0, events[start:end], records), store)
        outputs += effects.outputs
        refusals += effects.refusals
        kept |= {key: None if row is None else encode_row(row) for key, row in effects.changes.items()}
    return outputs, refusals, {key: row for key, row in kept.items() if row is not None}


@st.composite
def tallies(draw):
    """Counts of two subjects in two hours, of two channels; minutes pass, and sometimes a tick says so."""
    events: list[Any] = []
    now_ms = START_MS
    for number in range(draw(st.integers(2, 20))):
        now_ms += draw(st.integers(0, 2)) * MINUTE_MS
        if draw(st.integers(0, 5)) == 0:
            events.append(Tick(now_ms=now_ms))
            continue
        names = draw(st.sampled_from([("csat",), ("contacts.voice",), ("contacts.chat",), ("csat", "contacts.voice")]))
        events.append(
            KpiTally(
                tally_id=f"t{number}",
                subject=draw(st.sampled_from(["all", "region:440000"])),
                hour_start=START_MS - draw(st.integers(0, 1)) * HOUR_MS,
                measures=dict.fromkeys(names, Measure(n=draw(st.integers(1, 3)), total=1000)),
                emitted_at=now_ms - draw(st.integers(0, 3)) * MINUTE_MS,
            )
        )
    return events


def finding(number: int, conversation: str, *, is_open: bool) -> ServiceFinding:
    """A finding, or that it does not stand any more."""
    return ServiceFinding(
        finding_id=f"f{number}",
        conversation_id=conversation,
        check="apology",
        severity=Severity.MAJOR,
        state=FindingState.OPEN if is_open else FindingState.WITHDRAWN,
        basis="said",
        occurred_at=START_MS,
        emitted_at=START_MS,
        agent_id="a1",
    )


def action(number: int, finding_number: int, conversation: str, step: ReviewStep) -> ReviewAction:
    """A step by who may take it."""
    who = {
        ReviewStep.APPEAL: ("a1", ReviewerRole.AGENT),
        ReviewStep.REJUDGE: ("i1", ReviewerRole.INSPECTOR),
        ReviewStep.DECIDE: ("s1", ReviewerRole.SUPERVISOR),
    }
    actor, role = who[step]
    return ReviewAction(
        event_id=f"x{number}",
        source="desk",
        occurred_at=START_MS,
        action_id=f"x{number}",
        conversation_id=conversation,
        finding_id=f"f{finding_number}",
        step=step,
        actor=actor,
        role=role,
        at=START_MS,
        judgement=None if step is ReviewStep.APPEAL else Judgement.UPHOLD,
    )


FINDINGS_OF_TWO = st.builds(finding, st.integers(0, 3), st.sampled_from([FIRST, LAST]), is_open=st.booleans())
ACTIONS_OF_TWO = st.builds(
    action, st.integers(0, 9), st.integers(0, 3), st.sampled_from([FIRST, LAST]), st.sampled_from(ReviewStep)
)


@st.composite
def links(draw):
    """Tickets, complaints, acknowledgements and acts under two links."""
    events: list[Any] = []
    for number in range(draw(st.integers(2, 20))):
        at_ms = START_MS + number * MINUTE_MS
        under: dict[str, Any] = {"link": draw(st.sampled_from(["conversation:c1", "order:o1"])), "emitted_at": at_ms}
        ticket = f"T{draw(st.integers(0, 2))}"
        taken = Acknowledgement(
            incident_id="i1", level=Level.EXPLICIT, action_id=f"x{number}", action=ActionKind.ACK, actor="p1"
        )
        events.append(
            draw(
                st.sampled_from(
                    [
                        LinkedTicket(**under, ticket_id=ticket, is_open=True, opened_at=at_ms),
                        LinkedTicket(**under, ticket_id=ticket, is_open=False, opened_at=at_ms),
                        LinkedComplaint(**under, alert_id=f"a{number}", level=Level.EXPLICIT, occurred_at=at_ms),
                        LinkedAcknowledgement(**under, alert_id="a1", acknowledgement=taken, occurred_at=at_ms),
                        LinkedAct(**under, act=Act.REJECTED, ticket_id=f"T{number}", occurred_at=at_ms),
                    ]
                )
            )
        )
    return events


@settings(deadline=None, max_examples=60)
@given(tallies(), CUTS)
def test_hours_of_a_subject_add_up(events, cuts):
    """Two tallies of one hour in one batch are both counted, and both channels of a subject are heard."""
    whole = folded(fold_kpis, KpiRow, events, set())
    assert folded(fold_kpis, KpiRow, events, cuts) == whole
    assert folded(fold_kpis, KpiRow, events, set(range(20))) == whole


@settings(deadline=None, max_examples=60)
@given(st.lists(FINDINGS_OF_TWO, **SIZES), st.lists(ACTIONS_OF_TWO, **SIZES), st.lists(FINDINGS_OF_TWO, **SIZES), CUTS)
def test_findings_and_their_reviews_are_all_kept(found, actions, found_later, cuts):
    """Two findings of one conversation in one batch are both known, and two steps of one review follow each other."""
    events = [*found, *actions, *found_later]
    whole = folded(fold_reviews, Reviewed, events, set())
    assert folded(fold_reviews, Reviewed, events, cuts) == whole
    assert folded(fold_reviews, Reviewed, events, set(range(60))) == whole


@settings(deadline=None, max_examples=60)
@given(links(), CUTS)
def test_what_meets_under_a_link_meets_within_a_batch(events, cuts):
    """A ticket and the complaint after it in one batch are a signal, as they are in two."""
    whole = folded(fold_links, LinkRow, events, set())
    assert folded(fold_links, LinkRow, events, cuts) == whole
    assert folded(fold_links, LinkRow, events, set(range(20))) == whole
