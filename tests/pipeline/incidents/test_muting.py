"""What mutes what: a province its cities, an outbreak its members wherever they are; said, and told when it is over."""

from pipeline.places.provinces import REGIONS
from schemas.actions import ActionKind
from schemas.crossings import Inhibition
from schemas.deliveries import Notification, Outcome, Receipt
from schemas.incidents import Incident
from schemas.vocabulary import AlertKind
from tests.support.alerts import HOUR_START_MS, MINUTE, SECOND, alert
from tests.support.incidents import act, high, minutes, run, surge


def test_a_city_is_told_when_its_province_is_calm_and_it_is_not():
    """What muted it stands in the receipt and in the incident; when that is over the city speaks for itself."""
    province, city = surge(1), surge(2, city="440300")
    told = run([province, city, *minutes(4), surge(1, 4 * MINUTE, alert_id="over", tags=("resolved",)), *minutes(9, 5)])
    (of_city,) = (each for each in told.incidents.values() if city.alert_id in each.members)
    assert of_city.title.startswith("广东深圳")
    assert [(each.reason, each.muted_by) for each in told.of(Receipt)] == [(Outcome.INHIBITED, "surge:after_sales")]
    assert "surge:after_sales" in [each.inhibited_by for each in told.of(Incident)]
    assert of_city.inhibited_by == ""
    notices = [each for each in told.of(Notification) if each.incident_id == of_city.incident_id]
    assert [(each.emitted_at - HOUR_START_MS) // MINUTE for each in notices] == [5]
    assert "广东深圳" in notices[0].card.title


def test_an_outbreak_mutes_its_members_in_every_region():
    """Through the log: what its own partition does not hold hears when it begins and when it ends."""
    outbreak = alert(1, kind=AlertKind.OUTBREAK, fingerprint="outbreak:x", product="p9")
    begun = run([outbreak])
    crossings = begun.of(Inhibition)
    assert {each.region for each in crossings} == {*REGIONS} - {"440000"}
    assert {each.is_open for each in crossings} == {True}
    (incident,) = begun.incidents
    over = [
        each for each in run([outbreak, act(ActionKind.RESOLVE, incident, MINUTE)]).of(Inhibition) if not each.is_open
    ]
    assert {each.region for each in over} == {*REGIONS} - {"440000"}
    member = alert(2, SECOND, region="310000", product="p9")
    there, gone = ([each for each in side if each.region == "310000"] for side in (crossings, over))
    muted = run([*there, member, *minutes(3)])
    assert muted.notices == []
    assert [(each.reason, each.muted_by) for each in muted.of(Receipt)] == [(Outcome.INHIBITED, "outbreak:refund:p9:")]
    assert len(run([*there, member, *minutes(3), *gone, *minutes(9, 4)]).notices) == 1
    assert len(run([*there, alert(2, SECOND, region="310000", product="p8"), *minutes(3)]).notices) == 1
    assert len(run([*there, high(2, SECOND, region="310000", product="p9")]).notices) == 1
