"""What the rules' finding tells the model: names with values. Names that the model does not know weigh nothing."""

from collections.abc import Iterable, Iterator

from pipeline.findings import Finding

_SIGNS_FULL = 6  # more signs in one text say nothing more
_LONGEST_ROOT = 30.0  # of 900 characters

LENGTH = "length"


def features_of(finding: Finding | None, reasons: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Features of one text: its finding, and every leaf of which a word stands in it, finding or not."""
    for leaf in reasons:
        yield f"reason:{leaf}", 1.0
    if finding is None:  # most texts: they cost nothing here
        return
    yield f"level:{finding.level}", 1.0
    yield "score", finding.score / 100
    yield "signs", min(len(finding.signs), _SIGNS_FULL) / _SIGNS_FULL
    for sign in finding.signs:
        rule, _, word = sign.rule.partition(":")
        yield f"rule:{rule}" if rule.startswith("threat.") else f"rule:{rule}:{word}", 1.0
    for tag in finding.tags:
        yield f"tag:{tag}", 1.0
    for hit in finding.guards:
        yield f"guard:{hit.guard}", 1.0
    for threat in finding.threats:
        yield f"threat:{threat}", 1.0


def length_value(chars: float) -> float:
    """Length as a feature. A root, because roots are the same on every machine to the last bit; logarithms are not."""
    return float(min(chars**0.5, _LONGEST_ROOT) / _LONGEST_ROOT)
