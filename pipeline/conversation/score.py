"""The arithmetic of `domain.md` 3.2 and 3.3: what the signs of a conversation add up to, and which level that is."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.conversation.demand import LIFTING_COUNT, Demand
from pipeline.conversation.state import (
    FORBIDDEN,
    INQUIRY,
    PREPARED,
    SOLVED,
    THANKS,
    WITHDRAWN,
    Trace,
    tagged_with,
)
from schemas.evidence import ScorePart
from schemas.vocabulary import Level, Role

BANDS: dict[Level, tuple[int, int]] = {
    Level.NONE: (0, 29),
    Level.POTENTIAL: (30, 59),
    Level.EXPLICIT: (60, 84),
    Level.HIGH_RISK: (85, 100),
}
MAX_SCORE = 100
OTHERS_SHARE = 0.5
REPEATED_DEMAND = 8
FORBIDDEN_PHRASE = 6
NO_APOLOGY = 5
EVIDENCE_KEPT = 5  # recordings, paragraphs of the law: no threat, but meant
DE_ESCALATION = -15
APOLOGY_WITHIN_MS = 60_000
HALF_LIFE_MS = 10 * 60_000
NEGATIVE_TURNS = 2
MAX_PARTS = 32  # of the arithmetic on a card; the smallest addends are summed up


class Addend(NamedTuple):
    """Points for one thing that was seen."""

    rule: str
    utterance_id: str
    points: float


class Standing(NamedTuple):
    """Where a conversation stands, and how that was reckoned."""

    level: Level
    score: int
    addends: list[Addend]

    @property
    def parts(self) -> tuple[ScorePart, ...]:
        """The sum as it goes on a card; what bands and limits changed is an addend too, so that it comes out."""
        parts = [ScorePart(rule=rule, points=round(points, 1), utterance_id=uid) for rule, uid, points in self.addends]
        if len(parts) > MAX_PARTS:
            rest = round(sum(part.points for part in parts[MAX_PARTS:]), 1)
            parts = [*parts[:MAX_PARTS], ScorePart(rule="others", points=rest)]
        difference = round(self.score - sum(part.points for part in parts), 1)
        if difference:
            parts.append(ScorePart(rule="band", points=difference))
        return tuple(parts)


class Moment(NamedTuple):
    """When a conversation is judged, and how it forgets."""

    now_ms: int
    fades: bool  # points halve with every HALF_LIFE_MS: in a chat, not in a call
    has_ended: bool = False

    def worth(self, points: float, at_ms: int) -> float:
        """What points given at a time are worth now."""
        age_ms = self.now_ms - at_ms
        return points * 0.5 ** (age_ms / HALF_LIFE_MS) if self.fades and age_ms > 0 else points


def level_of_score(score: int) -> Level:
    """The level in whose band a score lies."""
    for level, (_, highest) in BANDS.items():
        if score <= highest:
            return level
    return Level.HIGH_RISK


def judge(traces: Sequence[Trace], demands: Sequence[Demand], *, moment: Moment, held: Level = Level.NONE) -> Standing:
    """Add everything up. `held` is the level so far: high_risk stays, and fading never ends what was explicit."""
    counted = still_counting(traces)
    settled_at_ms = latest_settlement_ms(traces)
    open_demands = [demand for demand in demands if demand.at_ms > settled_at_ms]
    addends = _addends(counted, open_demands, moment)
    total = _rounded(min(max(sum(addend.points for addend in addends), 0.0), MAX_SCORE))
    level = max(
        _level_of_signs(counted, open_demands, moment),
        min(level_of_score(total), Level.EXPLICIT, key=_rank),
        key=_rank,
    )
    if held is Level.HIGH_RISK:
        level = held
    elif held is Level.EXPLICIT and moment.fades and level.rank < held.rank:
        unfaded = judge(traces, demands, moment=moment._replace(fades=False)).level
        level = max(level, min(held, unfaded, key=_rank), key=_rank)
    lowest, highest = BANDS[level]
    score = min(max(total, lowest), highest)
    return Standing(level, score, addends)


def still_counting(traces: Sequence[Trace]) -> list[Trace]:
    """The traces that were not settled by a later withdrawal; nothing settles high_risk."""
    settled_at_ms = latest_settlement_ms(traces)
    return [
        trace
        for trace in traces
        if trace.at_ms > settled_at_ms
        or trace.level is Level.HIGH_RISK
        or (trace.settles and trace.at_ms == settled_at_ms)
    ]


def latest_settlement_ms(traces: Iterable[Trace]) -> int:
    """Event time of the last withdrawal or 'solved'; -1 before the first."""
    return max((trace.at_ms for trace in traces if trace.settles), default=-1)


def _addends(traces: Sequence[Trace], demands: Sequence[Demand], moment: Moment) -> list[Addend]:
    """Strongest sign, half of the others, bonuses, deductions: `domain.md` 3.2, in this order."""
    signs = [
        Addend(sign.rule, trace.utterance_id, moment.worth(sign.score, trace.at_ms))
        for trace in traces
        if trace.role is Role.CUSTOMER
        for sign in trace.signs
        if sign.score > 0
    ]
    signs.sort(key=lambda addend: -addend.points)
    addends = signs[:1] + [addend._replace(points=addend.points * OTHERS_SHARE) for addend in signs[1:]]
    for demand in demands:
        if demand.count > 1:
            points = moment.worth(REPEATED_DEMAND * (demand.count - 1), demand.at_ms)
            addends.append(Addend("bonus.repeated_demand", demand.utterance_ids[-1], points))
    if signs:
        addends += _bonuses(traces, moment)
    return addends


def _bonuses(traces: Sequence[Trace], moment: Moment) -> list[Addend]:
    """What both sides add to what was said outright, and what the customer's thanks take away again."""
    addends = [
        Addend("bonus.forbidden_phrase", trace.utterance_id, moment.worth(FORBIDDEN_PHRASE, trace.at_ms))
        for trace in traces
        if trace.role is Role.AGENT and tagged_with(trace.tags, FORBIDDEN)
    ]
    prepared = next((trace for trace in traces if trace.role is Role.CUSTOMER and PREPARED in trace.tags), None)
    if prepared is not None:
        addends.append(Addend("bonus.prepared", prepared.utterance_id, moment.worth(EVIDENCE_KEPT, prepared.at_ms)))
    ignored = next((trace for trace in traces if _stays_without_apology(trace, moment)), None)
    if ignored is not None:
        addends.append(Addend("bonus.no_apology", ignored.utterance_id, moment.worth(NO_APOLOGY, ignored.at_ms)))
    softened = [trace for trace in traces if _de_escalates(trace)]
    complained_at_ms = max((trace.at_ms for trace in traces if trace.is_complaint), default=-1)
    if softened and softened[-1].at_ms >= complained_at_ms:
        addends.append(Addend("deduction.de_escalation", softened[-1].utterance_id, DE_ESCALATION))
    return addends


def _stays_without_apology(trace: Trace, moment: Moment) -> bool:
    waited_ms = moment.now_ms - trace.at_ms
    return trace.is_complaint and not trace.is_answered and (waited_ms > APOLOGY_WITHIN_MS or moment.has_ended)


def became_overdue(trace: Trace, before_ms: int, now_ms: int) -> bool:
    """Whether the time for an apology ran out between two moments."""
    return trace.is_complaint and before_ms - trace.at_ms <= APOLOGY_WITHIN_MS < now_ms - trace.at_ms


def _de_escalates(trace: Trace) -> bool:
    return (
        trace.role is Role.CUSTOMER and trace.is_final and any(tag in trace.tags for tag in (WITHDRAWN, THANKS, SOLVED))
    )


def _level_of_signs(traces: Sequence[Trace], demands: Sequence[Demand], moment: Moment) -> Level:
    """The level of the strongest sign; signs of displeasure fade, what was said outright does not."""
    level = Level.NONE
    negative_at_ms: list[int] = []
    for trace in traces:
        if trace.role is not Role.CUSTOMER:
            continue
        said = trace.level
        if said is Level.POTENTIAL and _rounded(moment.worth(trace.score, trace.at_ms)) < BANDS[said][0]:
            said = Level.NONE
        level = max(level, said, key=_rank)
        if _is_negative(trace):
            negative_at_ms.append(trace.at_ms)
    lifted_at_ms = [demand.at_ms for demand in demands if demand.count >= LIFTING_COUNT]
    if len(negative_at_ms) >= NEGATIVE_TURNS:
        lifted_at_ms.append(max(negative_at_ms))
    if any(not moment.fades or moment.now_ms - at_ms < HALF_LIFE_MS for at_ms in lifted_at_ms):
        level = max(level, Level.POTENTIAL, key=_rank)
    return level


def _is_negative(trace: Trace) -> bool:
    """A turn whose mood is bad, complaint or not; asking where to complain or citing the law is not a mood."""
    return trace.score > 0 and trace.is_final and INQUIRY not in trace.tags and PREPARED not in trace.tags


def _rounded(points: float) -> int:
    return int(points + 0.5)


def _rank(level: Level) -> int:
    return level.rank
