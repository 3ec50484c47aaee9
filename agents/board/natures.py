"""What complaints are about by nature, as the consumer association counts them, beside its shares of the country.

Of a conversation counts the alert that came last; one whose reason is not known has the nature 其他, other. Drills are
no complaints: the shares would be theirs.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from msgspec import Struct

from agents.board.views import AlertView
from pipeline.kpis.rates import LEAST_CASES
from pipeline.rules.load import DEFAULT_PACK, load_pack
from schemas.vocabulary import RISES, Level

OTHER = "其他"
# Of the 982,249 complaints that consumer associations accepted in 2020; shares of the three most frequent.
NATIONWIDE: Mapping[str, float] = {"售后服务": 0.2837, "合同": 0.2511, "质量": 0.2065}
_COMPLAINTS = frozenset({Level.EXPLICIT, Level.HIGH_RISK})


class NatureView(Struct, frozen=True, omit_defaults=True):
    """One nature."""

    nature: str
    n: int
    share: float
    nationwide_share: float | None = None


class NaturesView(Struct, frozen=True, omit_defaults=True):
    """Complaints of the last day; no share is told of fewer than a figure needs."""

    n: int
    natures: tuple[NatureView, ...] = ()


def natures_of(alerts: Iterable[AlertView], by_leaf: Mapping[str, str] | None = None) -> NaturesView:
    """Count conversations by nature, the most frequent first; alerts come in their order, the newest last.

    `by_leaf` names the nature of each reason; None goes by the shipped rules.
    """
    known = natures_by_leaf() if by_leaf is None else by_leaf
    complaints = {each.conversation_id: _nature(each, known) for each in alerts if _is_complaint(each)}
    n = len(complaints)
    if n < LEAST_CASES:
        return NaturesView(n)
    counts = Counter(complaints.values()).most_common()
    return NaturesView(
        n, tuple(NatureView(name, count, round(count / n, 4), NATIONWIDE.get(name)) for name, count in counts)
    )


@cache
def natures_by_leaf(folder: Path = DEFAULT_PACK) -> Mapping[str, str]:
    """The nature of each leaf of a rule pack's reasons: a company may have its own."""
    return {leaf.id: leaf.ca_nature for leaf in load_pack(folder).reasons}


def _is_complaint(alert: AlertView) -> bool:
    return alert.kind in RISES and alert.level in _COMPLAINTS and not alert.is_drill


def _nature(alert: AlertView, known: Mapping[str, str]) -> str:
    return next((known[each.l2] for each in alert.reasons if each.l2 in known), OTHER)
