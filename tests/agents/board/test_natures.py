"""Natures of complaints: each conversation once, shares only of enough of them, the whole country beside."""

import pytest

from agents.board.figures import ALL
from agents.board.natures import NATIONWIDE, natures_of
from agents.board.readmodel import ReadModel
from agents.board.views import alert_view
from schemas.evidence import Reason
from schemas.vocabulary import AlertKind, Level, ReasonGroup
from tests.support.alerts import alert

QUALITY = Reason(l1=ReasonGroup.PRODUCT, l2="quality_defect")


def complaint(number, *reasons, **changes):
    """A conversation that became a complaint."""
    return alert(number, **{"level": Level.EXPLICIT, "conversation_id": f"c{number}", "reasons": reasons} | changes)


def test_each_conversation_counts_once_by_its_newest_reason():
    """Thirty of quality, ten whose reason nobody knows; a rise of the same conversation adds none."""
    alerts = [complaint(number, QUALITY) for number in range(30)]
    alerts += [complaint(number) for number in range(30, 40)]
    alerts += [complaint(40, QUALITY, conversation_id="c0", level=Level.HIGH_RISK)]
    alerts += [complaint(41, QUALITY, level=Level.POTENTIAL), complaint(42, QUALITY, kind=AlertKind.SURGE)]
    found = natures_of(map(alert_view, alerts))
    assert found.n == 40
    assert [(each.nature, each.n, each.share, each.nationwide_share) for each in found.natures] == [
        ("质量", 30, 0.75, NATIONWIDE["质量"]),
        ("其他", 10, 0.25, None),
    ]


@pytest.mark.parametrize(("count", "shown"), [pytest.param(29, 0, id="too few"), pytest.param(30, 1, id="enough")])
def test_few_complaints_have_no_shares(count, shown):
    """Nine and twenty complaints say how many they are, and no more."""
    found = natures_of(alert_view(complaint(number, QUALITY)) for number in range(count))
    assert (found.n, len(found.natures)) == (count, shown)


def test_a_region_is_asked_by_itself():
    """Those of another region are left out; all regions are asked together."""
    model = ReadModel()
    for number in range(60):
        model.take(complaint(number, QUALITY, region="440000" if number < 31 else "110000"))
    assert [model.natures(place, now_ms=0).n for place in ("440000", "110000", ALL)] == [31, 29, 60]
    model.take(complaint(60, QUALITY, region="110000"))
    assert [model.natures("110000", now_ms=now_ms).n for now_ms in (59_999, 60_000)] == [29, 30]
