"""The arithmetic of `domain.md` 3.2 and 3.3: what the signs of a conversation add up to, and which level that is."""

from collections.abc import Sequence
from operator import attrgetter

import msgspec
from msgspec.structs import replace

from pipeline.conversation.demand import LIFTING_COUNT, Demand
from pipeline.conversation.state import (
    AGENT,
    CUSTOMER,
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
from schemas.vocabulary import Level

BANDS: dict[Level, tuple[int, int]] = {
    Level.NONE: (0, 29),
    Level.POTENTIAL: (30, 59),
    Level.EXPLICIT: (60, 84),
    Level.HIGH_RISK: (85, 100),
}
MAX_SCORE = 100
OTHERS_SHARE = 0.5
MODEL_SHARE = 0.25  # of what only the model saw: its many mild signs shall not add up to a complaint
REPEATED_DEMAND = 8
FORBIDDEN_PHRASE = 6
NO_APOLOGY = 5
REPEATED_CONTACT = 10
BROKEN_PROMISE = 10  # somebody who comes back because nobody did what was promised
REPEATED_CONTACTS = 3  # the third in 72 hours: nobody has solved it
EVIDENCE_KEPT = 5  # recordings, paragraphs of the law: no threat, but meant
DE_ESCALATION = -15
APOLOGY_WITHIN_MS = 60_000
HALF_LIFE_MS = 10 * 60_000
NEGATIVE_TURNS = 2
_SOFTENING = frozenset({WITHDRAWN, THANKS, SOLVED})
MAX_PARTS = 32  # of the arithmetic on a card; the smallest addends are summed up


class Addend(msgspec.Struct, frozen=True, gc=False):
    """Points for one thing that was seen."""

    rule: str
    utterance_id: str
    points: float


class Standing(msgspec.Struct, frozen=True, gc=False):
    """Where a conversation stands, and how that was reckoned."""

    level: Level
    score: int
    addends: list[Addend]

    @property
    def parts(self) -> tuple[ScorePart, ...]:
        """The sum as it goes on a card; what bands and limits changed is an addend too, so that it comes out."""
        parts = [
            ScorePart(rule=addend.rule, points=round(addend.points, 1), utterance_id=addend.utterance_id)
            for addend in self.addends
        ]
        if len(parts) > MAX_PARTS:
            rest = round(sum(part.points for part in parts[MAX_PARTS:]), 1)
            parts = [*parts[:MAX_PARTS], ScorePart(rule="others", points=rest)]
        difference = round(self.score - sum(part.points for part in parts), 1)
        if difference:
            parts.append(ScorePart(rule="band", points=difference))
        return tuple(parts)


class Moment(msgspec.Struct, frozen=True, gc=False):
    """When a conversation is judged, how it forgets, and how often its customer has come."""

    now_ms: int
    fades: bool  # points halve with every HALF_LIFE_MS: in a chat, not in a call
    has_ended: bool = False
    contacts: int = 0  # of the same customer in 72 hours, this one included; 0 where nobody knows
    broken_promises: int = 0  # to the same customer, since the last contact

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
    counted, open_demands = traces, demands
    place = _last_settling(traces)
    if place >= 0:
        counted = _counting_from(traces, place)
        open_demands = _open_from(demands, traces, place)
    addends = _addends(counted, open_demands, moment)
    total = _rounded(min(max(sum([addend.points for addend in addends]), 0.0), MAX_SCORE))
    of_sum = level_of_score(min(total, BANDS[Level.EXPLICIT][1]))  # no sum alone is high_risk
    level = _higher(_level_of_signs(counted, open_demands, moment), of_sum)
    if held is Level.HIGH_RISK:
        level = held
    elif held is Level.EXPLICIT and moment.fades and level.rank < held.rank:
        unfaded = judge(traces, demands, moment=replace(moment, fades=False)).level
        level = _higher(level, unfaded if unfaded.rank < held.rank else held)
    lowest, highest = BANDS[level]
    return Standing(level, min(max(total, lowest), highest), addends)


def still_counting(traces: Sequence[Trace]) -> Sequence[Trace]:
    """The traces that were not settled by a later withdrawal; nothing settles high_risk."""
    place = _last_settling(traces)
    return traces if place < 0 else _counting_from(traces, place)


def _last_settling(traces: Sequence[Trace]) -> int:
    """The place of the last withdrawal or 'solved'; -1 before the first.

    Places and not times say what was said later: many sources have whole seconds, and traces of one moment stand in
    the order in which they came.
    """
    return next((place for place in range(len(traces) - 1, -1, -1) if traces[place].settles), -1)


def _counting_from(traces: Sequence[Trace], place: int) -> list[Trace]:
    return [*(trace for trace in traces[:place] if trace.level is Level.HIGH_RISK), *traces[place:]]


def _open_from(demands: Sequence[Demand], traces: Sequence[Trace], place: int) -> list[Demand]:
    """The demands that were made again after what settled the rest; of the same moment, those that left a trace."""
    settled_at_ms = traces[place].at_ms
    later = {trace.utterance_id for trace in traces[place + 1 :]}
    return [
        demand
        for demand in demands
        if demand.at_ms > settled_at_ms or (demand.at_ms == settled_at_ms and demand.utterance_ids[-1] in later)
    ]


def _addends(traces: Sequence[Trace], demands: Sequence[Demand], moment: Moment) -> list[Addend]:
    """Strongest sign, half of the others, bonuses, deductions: `domain.md` 3.2, in this order."""
    signs = [
        Addend(sign.rule, trace.utterance_id, moment.worth(sign.score, trace.at_ms))
        for trace in traces
        if trace.role is CUSTOMER
        for sign in trace.signs
        if sign.score > 0
    ]
    if len(signs) > 1:
        signs.sort(key=_points, reverse=True)
    addends = signs[:1]
    addends += [Addend(sign.rule, sign.utterance_id, sign.points * _share(sign)) for sign in signs[1:]]
    for demand in demands:
        if demand.count > 1:
            points = moment.worth(REPEATED_DEMAND * (demand.count - 1), demand.at_ms)
            addends.append(Addend("bonus.repeated_demand", demand.utterance_ids[-1], points))
    if signs:
        addends += _bonuses(traces, moment)
    return addends


def _bonuses(traces: Sequence[Trace], moment: Moment) -> list[Addend]:
    """What both sides add to what was said outright, and what the customer's thanks take away again."""
    complaints = [trace for trace in traces if trace.is_complaint]
    tagged = [trace for trace in traces if trace.tags]  # of most conversations none: the rest is then free
    addends = [
        Addend("bonus.forbidden_phrase", trace.utterance_id, moment.worth(FORBIDDEN_PHRASE, trace.at_ms))
        for trace in tagged
        if trace.role is AGENT and tagged_with(trace.tags, FORBIDDEN)
    ]
    prepared = [trace for trace in tagged if trace.role is CUSTOMER and PREPARED in trace.tags]
    if prepared:
        first = prepared[0]
        addends.append(Addend("bonus.prepared", first.utterance_id, moment.worth(EVIDENCE_KEPT, first.at_ms)))
    if moment.contacts >= REPEATED_CONTACTS:
        addends.append(Addend("bonus.repeated_contact", "", REPEATED_CONTACT))
    if moment.broken_promises:
        addends.append(Addend("bonus.broken_promise", "", BROKEN_PROMISE))
    ignored = [trace for trace in complaints if _stays_without_apology(trace, moment)]
    if ignored:
        first = ignored[0]
        addends.append(Addend("bonus.no_apology", first.utterance_id, moment.worth(NO_APOLOGY, first.at_ms)))
    last = next((trace for trace in reversed(traces) if trace.is_complaint or _de_escalates(trace)), None)
    if last is not None and _de_escalates(last):
        addends.append(Addend("deduction.de_escalation", last.utterance_id, DE_ESCALATION))
    return addends


def _stays_without_apology(trace: Trace, moment: Moment) -> bool:
    waited_ms = moment.now_ms - trace.at_ms
    return trace.is_complaint and not trace.is_answered and (waited_ms > APOLOGY_WITHIN_MS or moment.has_ended)


def became_overdue(trace: Trace, before_ms: int, now_ms: int) -> bool:
    """Whether the time for an apology ran out between two moments."""
    return before_ms - trace.at_ms <= APOLOGY_WITHIN_MS < now_ms - trace.at_ms and trace.is_complaint


def _level_of_signs(traces: Sequence[Trace], demands: Sequence[Demand], moment: Moment) -> Level:
    """The level of the strongest sign; signs of displeasure fade, what was said outright does not."""
    level = Level.NONE
    negative_count, negative_at_ms = 0, -1
    for trace in traces:
        if trace.role is not CUSTOMER:
            continue
        said = trace.level
        if said is Level.POTENTIAL and _rounded(moment.worth(trace.score, trace.at_ms)) < BANDS[said][0]:
            said = Level.NONE
        level = _higher(level, said)
        if _is_negative(trace):
            negative_count += 1
            negative_at_ms = max(negative_at_ms, trace.at_ms)
    lifted_at_ms = [demand.at_ms for demand in demands if demand.count >= LIFTING_COUNT]
    if negative_count >= NEGATIVE_TURNS:
        lifted_at_ms.append(negative_at_ms)
    if lifted_at_ms and (not moment.fades or moment.now_ms - max(lifted_at_ms) < HALF_LIFE_MS):
        level = _higher(level, Level.POTENTIAL)
    return level


def _de_escalates(trace: Trace) -> bool:
    return trace.role is CUSTOMER and trace.is_final and not _SOFTENING.isdisjoint(trace.tags)


def _is_negative(trace: Trace) -> bool:
    """A turn whose mood is bad, complaint or not; asking where to complain or citing the law is not a mood."""
    return trace.score > 0 and trace.is_final and INQUIRY not in trace.tags and PREPARED not in trace.tags


def _share(sign: Addend) -> float:
    return MODEL_SHARE if sign.rule.startswith("model.") else OTHERS_SHARE


def _rounded(points: float) -> int:
    return int(points + 0.5)


def _higher(one: Level, other: Level) -> Level:
    return other if other is not one and other.rank > one.rank else one


_points = attrgetter("points")
