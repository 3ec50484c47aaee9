"""Traces: taking in what one text showed, in place of what an older revision of it showed."""

from bisect import bisect_right
from zlib import crc32

from msgspec.structs import replace

from pipeline.conversation.demand import add_demand
from pipeline.conversation.heard import Heard
from pipeline.conversation.said import Said
from pipeline.conversation.score import APOLOGY_WITHIN_MS, BANDS
from pipeline.conversation.state import (
    AGENT,
    APOLOGY,
    CUSTOMER,
    FORBIDDEN,
    MAX_APOLOGIES,
    MAX_REVISIONS,
    MAX_SIGNS,
    MAX_TRACES,
    NO_LEVEL,
    ON_PARTIAL,
    Conversation,
    Trace,
    tagged_with,
)
from pipeline.findings import Finding, Sign
from schemas.vocabulary import Level

MAX_FINALS = 32  # a recogniser corrects what was said just now
_MARK_BYTES = 4


def is_outdated(row: Conversation, said: Said, known: Trace | None) -> bool:
    """Whether a newer revision of the same utterance was read before. `known` is what that left behind."""
    if known is None and not row.revisions:
        return False
    newest = row.revisions.get(said.utterance_id, known.revision if known else 0)
    if said.revision != newest:
        return said.revision < newest
    return known is not None and known.is_final and not said.is_final


def was_final(row: Conversation, utterance_id: str) -> bool:
    """Whether final words of this utterance were taken in before: what is read anew is no further turn. Notes it."""
    mark = crc32(utterance_id.encode()).to_bytes(_MARK_BYTES, "big")
    at = row.finals.find(mark)
    while at > 0 and at % _MARK_BYTES:  # found across the border of two marks
        at = row.finals.find(mark, at + 1)
    if at >= 0:
        return True
    row.finals = (row.finals + mark)[-_MARK_BYTES * MAX_FINALS :]
    return False


def find_trace(row: Conversation, utterance_id: str) -> Trace | None:
    """What an utterance left behind, if anything."""
    for trace in row.traces:
        if trace.utterance_id == utterance_id:
            return trace
    return None


def take_in(row: Conversation, said: Said, heard: Heard | None, *, known: Trace | None, at_ms: int) -> None:
    """Note what a text showed, in place of the `known` trace. The caller has made sure that it is not outdated."""
    if said.revision > 0:  # of most utterances there is one version only: nothing to remember
        row.revisions = _noted(row.revisions, said)
    if said.is_private:
        return
    if said.is_deleted:
        row.traces = tuple(
            _unquoted(trace) if trace.utterance_id == said.utterance_id else trace for trace in row.traces
        )
        return
    if known is not None:
        row.traces = tuple(trace for trace in row.traces if trace.utterance_id != said.utterance_id)
    if heard is None:
        return
    if said.role is AGENT:
        _take_in_agent(row, said, heard.finding, at_ms=at_ms)
    elif said.role is CUSTOMER:
        _take_in_customer(row, said, heard, at_ms=at_ms)


def _take_in_customer(row: Conversation, said: Said, heard: Heard, *, at_ms: int) -> None:
    if said.is_final and heard.demand is not None:
        row.demands = add_demand(row.demands, heard.demand, utterance_id=said.utterance_id, at_ms=at_ms)
    if heard.finding is not None:
        trace = as_trace(said, heard.finding, at_ms=at_ms)
        apologised = any(_answers(apology_at_ms, trace) for apology_at_ms in row.apologies_at_ms)
        _put(row, replace(trace, is_answered=True) if apologised else trace)


def _take_in_agent(row: Conversation, said: Said, finding: Finding | None, *, at_ms: int) -> None:
    if finding is None or not said.is_final:
        return
    if tagged_with(finding.tags, FORBIDDEN):
        _put(row, as_trace(said, finding, at_ms=at_ms))
    if APOLOGY in finding.tags:
        row.apologies_at_ms = (*row.apologies_at_ms, at_ms)[-MAX_APOLOGIES:]
        row.traces = tuple(
            replace(trace, is_answered=True) if _answers(at_ms, trace) else trace for trace in row.traces
        )


def _answers(apology_at_ms: int, trace: Trace) -> bool:
    return trace.is_complaint and 0 <= apology_at_ms - trace.at_ms <= APOLOGY_WITHIN_MS


def as_trace(said: Said, finding: Finding, *, at_ms: int) -> Trace:
    """A finding in short. Text that may still change counts as explicit at most, unless its rule allows more."""
    level, threats = finding.level, finding.threats
    signs = _strongest_of_each_rule(finding.signs)
    if level is Level.HIGH_RISK and not may_be_high_risk(said, finding):
        level, threats = Level.EXPLICIT, ()
        signs = tuple(_capped(sign) for sign in signs)
    return Trace(
        utterance_id=said.utterance_id,
        at_ms=at_ms,
        role=said.role,
        level=level if said.role is CUSTOMER else NO_LEVEL,
        revision=said.revision,
        is_final=said.is_final,
        signs=signs,
        reasons=finding.reasons,
        threats=threats,
        tags=finding.tags,
    )


def may_be_high_risk(said: Said, finding: Finding) -> bool:
    """Only final text opens high_risk, or a rule that says so of itself."""
    return said.is_final or ON_PARTIAL in finding.tags


def _strongest_of_each_rule(signs: tuple[Sign, ...]) -> tuple[Sign, ...]:
    """Signs of one utterance and one rule count once. The first keeps its quote, for cards to come."""
    best: dict[str, Sign] = {}
    for sign in signs:
        known = best.get(sign.rule)
        if known is None or sign.score > known.score:
            best[sign.rule] = sign
    ordered = sorted(best.values(), key=lambda sign: -sign.score)[:MAX_SIGNS]
    return (*ordered[:1], *(replace(sign, quote="", mark_start=0, mark_end=0) for sign in ordered[1:]))


def _capped(sign: Sign) -> Sign:
    highest = BANDS[Level.EXPLICIT][1]
    return replace(sign, level=Level.EXPLICIT, score=highest) if sign.score > highest else sign


def _put(row: Conversation, trace: Trace) -> None:
    """Add a trace in order of event time; when there are too many, the one that matters least goes."""
    at = bisect_right(row.traces, trace.at_ms, key=lambda other: other.at_ms)
    traces = (*row.traces[:at], trace, *row.traces[at:])
    if len(traces) > MAX_TRACES:
        latest_settling = max((each.at_ms for each in traces if each.settles), default=-1)
        least = min(
            traces,
            key=lambda each: (each.settles and each.at_ms == latest_settling, each.level.rank, each.score, each.at_ms),
        )
        traces = tuple(each for each in traces if each is not least)
    row.traces = traces


def add_signs(row: Conversation, addition: Trace) -> None:
    """Add signs to what an utterance left behind; one that left nothing does so now."""
    known = find_trace(row, addition.utterance_id)
    if known is None:
        _put(row, addition)
        return
    both = replace(
        known,
        level=max(known.level, addition.level, key=lambda level: level.rank),
        signs=_strongest_of_each_rule((*known.signs, *addition.signs)),
        tags=tuple(dict.fromkeys((*known.tags, *addition.tags))),
    )
    row.traces = tuple(both if trace is known else trace for trace in row.traces)


def _noted(revisions: dict[str, int], said: Said) -> dict[str, int]:
    """The newest revision by utterance; the utterance that was not heard of for longest is forgotten."""
    noted = revisions.copy()
    noted.pop(said.utterance_id, None)
    noted[said.utterance_id] = said.revision
    if len(noted) > MAX_REVISIONS:
        del noted[next(iter(noted))]
    return noted


def _unquoted(trace: Trace) -> Trace:
    """What a deleted text showed, without its words and places: the level stays, the evidence is withdrawn."""
    signs = tuple(replace(sign, start=0, end=0, quote="", mark_start=0, mark_end=0) for sign in trace.signs)
    return replace(trace, signs=signs)
