"""What the machinery tells itself: ticks, rules, dead letters."""

from schemas.base import Wire
from schemas.deadletters import DeadLetter
from schemas.examples.customer import AT, RULES
from schemas.rules import Disagreement, RefusedRules, RulesPack, RulesState, ShadowCount, Slot
from schemas.ticks import Tick
from schemas.vocabulary import Category

MACHINERY: tuple[Wire, ...] = (
    DeadLetter(
        topic="calls.utterances",
        partition=3,
        offset=88_120,
        reason=Category.SCHEMA,
        error="$.role: expected one of customer, agent, bot, system",
        at=AT,
        bytes_b64="eyJ9",
        size_bytes=3,
        path="$.role",
    ),
    Tick(now_ms=AT),
    RulesPack(slot=Slot.LIVE, version=RULES, content=b"packed", at=AT, pushed_by="quality", note="more threats"),
    RulesState(
        partition=3,
        live=RULES,
        at=AT,
        shadow="77aa01bc",
        pushed_at=AT,
        pushed_by="quality",
        refused=RefusedRules(slot=Slot.LIVE, version="0badcafe", problems=("cues.yaml:14: cues.demand: is missing",)),
        counted=ShadowCount(
            texts=1_200,
            levels={"none/none": 1_188, "none/potential": 12},
            newest=(Disagreement(event_id="call-1001-u-7-0", live="none", shadow="potential"),),
        ),
    ),
)
