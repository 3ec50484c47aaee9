"""Causes: what a complaint is about where that is no word, counted beside the words: a reason and a product."""

from typing import NamedTuple

from schemas.alerts import Alert
from schemas.base import MAX_ID_CHARS
from schemas.evidence import Reason
from schemas.vocabulary import ReasonGroup, ThreatGroup

_MARK = "="  # no term begins with it
_BETWEEN = "|"
_INSIDE = "\x1f"  # stands for that sign in the name of a product, where it parts nothing


class Cause(NamedTuple):
    """The same reason with the same product or batch, or a call to act together about one product."""

    reason: str  # `product.quality_defect`, or `group_offline`
    product: str
    batch: str

    @property
    def is_call_to_act(self) -> bool:
        """Whether customers are calling each other together."""
        return self.reason == ThreatGroup.GROUP_OFFLINE

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The reason as alerts carry it; a call to act names none."""
        group, dot, leaf = self.reason.partition(".")
        return (Reason(l1=ReasonGroup(group), l2=leaf),) if dot else ()


def causes_of(alert: Alert) -> tuple[str, ...]:
    """What an alert counts for, in the form in which it stands among the terms."""
    if not (alert.product or alert.batch):
        return ()
    reasons = [f"{reason.l1}.{reason.l2}" for reason in alert.reasons[:1] if reason.l2]
    if ThreatGroup.GROUP_OFFLINE in alert.threats:
        reasons.append(ThreatGroup.GROUP_OFFLINE)
    about = [name.replace(_BETWEEN, _INSIDE) for name in (alert.product, alert.batch)]
    written = [_MARK + _BETWEEN.join((reason, *about)) for reason in reasons]
    return tuple(cause for cause in written if len(cause) <= MAX_ID_CHARS)


def is_cause(term: str) -> bool:
    """Whether it is no word."""
    return term.startswith(_MARK)


def cause_of(term: str) -> Cause:
    """A cause as it was written."""
    reason, product, batch = (*term.removeprefix(_MARK).split(_BETWEEN), "", "")[:3]
    return Cause(reason, product.replace(_INSIDE, _BETWEEN), batch.replace(_INSIDE, _BETWEEN))
