"""What tags and alerts say about why: reasons, the places in the text, the sum of points. Parts, not records."""

from typing import Annotated

from msgspec import Meta

from schemas.base import MAX_LIST_ITEMS, MAX_MILLIS, Code, Count, Id, Note, Part, Share
from schemas.vocabulary import ReasonGroup


class Reason(Part, frozen=True, kw_only=True):
    """Why the customer complains: a leaf of the reason tree, its group, and its place in the published statistics."""

    l1: ReasonGroup
    l2: Code = ""
    ca: Code = ""  # nature of the complaint as the consumer association counts: 售后服务, 质量, 合同 …


class Evidence(Part, frozen=True, kw_only=True):
    """Where a rule saw what. Offsets are characters of the text as it came in; the quote is masked."""

    rule: Id  # `level.explicit:我要投诉`
    version: Code  # of the rule pack, a content hash
    utterance_id: Id
    char_start: Count
    char_end: Count
    text_masked: Note
    mark_start: Count = 0  # where the hit stands inside `text_masked`
    mark_end: Count = 0
    weight: Share = 1.0  # of its points that counted: half where the speech recogniser was unsure


class Guard(Part, frozen=True, kw_only=True):
    """A guard that decided: `negated`, `inquiry`, `trap` …, and on which words."""

    id: Code
    hit: Note = ""


class ScorePart(Part, frozen=True, kw_only=True):
    """One addend of the score: points may be deducted."""

    rule: Code
    points: Annotated[float, Meta(ge=-MAX_MILLIS, le=MAX_MILLIS)]
    utterance_id: Code = ""


class Links(Part, frozen=True, kw_only=True):
    """Where a person looks next."""

    board: Note = ""
    conversation: Note = ""
    runbook: Note = ""


Reasons = Annotated[tuple[Reason, ...], Meta(max_length=MAX_LIST_ITEMS)]
EvidenceList = Annotated[tuple[Evidence, ...], Meta(max_length=MAX_LIST_ITEMS)]
Codes = Annotated[tuple[Code, ...], Meta(max_length=MAX_LIST_ITEMS)]
Guards = Annotated[tuple[Guard, ...], Meta(max_length=MAX_LIST_ITEMS)]
ScoreParts = Annotated[tuple[ScorePart, ...], Meta(max_length=MAX_LIST_ITEMS)]
