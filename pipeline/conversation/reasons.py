"""Reasons of a conversation: which come first, and how a leaf of the reason tree looks on the wire."""

from collections.abc import Iterable, Mapping, Sequence

from pipeline.conversation.state import Trace
from schemas.evidence import Reason
from schemas.vocabulary import ReasonGroup

ReasonTree = Mapping[str, Reason]


def longest_running(traces: Sequence[Trace], now: Iterable[str] = ()) -> tuple[str, ...]:
    """Reason leaves of a conversation; first the one that was talked of for the longest time, then the earliest."""
    spans: dict[str, tuple[int, int]] = {}
    for trace in traces:
        for leaf in trace.reasons:
            first_ms, _ = spans.get(leaf, (trace.at_ms, 0))
            spans[leaf] = (first_ms, trace.at_ms)
    ordered = sorted(spans, key=lambda leaf: (spans[leaf][0] - spans[leaf][1], spans[leaf][0]))
    return tuple(dict.fromkeys([*ordered, *now]))


def as_reasons(leaves: Iterable[str], tree: ReasonTree) -> tuple[Reason, ...]:
    """Leaves as they go on the wire; one that the tree does not know keeps its name under `other`."""
    return tuple(tree.get(leaf) or Reason(l1=ReasonGroup.OTHER, l2=leaf) for leaf in leaves)
