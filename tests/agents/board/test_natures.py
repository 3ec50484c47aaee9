"""Natures of complaints: each conversation once, shares only of enough of them, the whole country beside."""

from shutil import copytree

import pytest

from agents.board.figures import ALL
from agents.board.natures import NATIONWIDE, natures_by_leaf, natures_of
from agents.board.readmodel import ReadModel
from agents.board.views import alert_view
from pipeline.rules.load import DEFAULT_PACK
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


def test_drills_have_no_nature():
    """Forty rehearsed complaints are none; beside thirty real ones they change no share."""
    drills = [complaint(number, QUALITY, test="drill-1") for number in range(40)]
    real = [complaint(number) for number in range(40, 70)]
    assert natures_of(map(alert_view, drills)).n == 0
    assert [(each.nature, each.n) for each in natures_of(map(alert_view, drills + real)).natures] == [("其他", 30)]


def test_reasons_of_a_company_have_the_natures_that_it_wrote(tmp_path):
    """A leaf that only its own pack knows is not other, neither by itself nor on a board."""
    folder = copytree(DEFAULT_PACK, tmp_path / "pack")
    reasons = folder / "reasons.yaml"
    own = "      quality_defect_of_mine:\n        zh: 我的\n        ca_nature: 质量\n        words: [我的瑕疵]\n"
    leaf = "      quality_defect:\n"
    reasons.write_text(reasons.read_text("utf-8").replace(leaf, own + leaf, 1), "utf-8")
    mine = [complaint(number, Reason(l1=ReasonGroup.PRODUCT, l2="quality_defect_of_mine")) for number in range(30)]
    model = ReadModel(nature_by_leaf=natures_by_leaf(folder))
    for each in mine:
        model.take(each)
    assert [each.nature for each in model.natures(ALL, now_ms=0).natures] == ["质量"]
    assert [each.nature for each in natures_of(map(alert_view, mine)).natures] == ["其他"]


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
