"""Where an event comes from: what senders write, and whom to trust."""

import pytest

from pipeline.places.area_codes import AREA_CODES, region_of_number
from pipeline.places.provinces import PROVINCES, REGIONS, read_place
from pipeline.places.resolve import PlaceTables, RegionSource, resolve_region
from schemas.calls import CallPhase
from tests.support.conversations import call_phase, utterance

TABLES = PlaceTables(queues={"gd-vip": "440000", "skill-bj": "北京"}, mobile_prefixes={"1380013": "320000"})


def test_there_are_34_provinces_and_one_unknown():
    """The labels of every metric and window."""
    assert len(PROVINCES) == 34
    assert len(REGIONS) == len(set(REGIONS)) == 35
    assert PROVINCES["440000"] == "广东"


@pytest.mark.parametrize(
    ("value", "region", "city"),
    [
        pytest.param("440000", "440000", "", id="province"),
        pytest.param("440100", "440000", "440100", id="city is cut to its province and kept"),
        pytest.param("440103", "440000", "440100", id="county"),
        pytest.param("440103001000", "440000", "440100", id="twelve digits of the statistics office"),
        pytest.param("44", "440000", "", id="two digits"),
        pytest.param("4401", "440000", "440100", id="four digits"),
        pytest.param(" 440000 ", "440000", "", id="blanks around"),
        pytest.param("广东", "440000", "", id="name"),
        pytest.param("广东省", "440000", "", id="name with its kind"),
        pytest.param("廣東省", "440000", "", id="traditional"),
        pytest.param("广西壮族自治区", "450000", "", id="autonomous region"),
        pytest.param("內蒙古自治區", "150000", "", id="traditional autonomous region"),
        pytest.param("新疆维吾尔自治区", "650000", "", id="longest name"),
        pytest.param("重庆市", "500000", "", id="city of province rank"),
        pytest.param("香港特别行政区", "810000", "", id="special region"),
        pytest.param("台灣", "710000", "", id="second spelling"),
    ],
)
def test_how_senders_write_a_region(value, region, city):
    """Codes of any length and names in both scripts."""
    assert read_place(value) == (region, city)


@pytest.mark.parametrize(
    "value",
    ["", None, "unknown", "990000", "4", "44010", "Guangdong", "我在广东买的", "44000a", "４４", "省"],
)
def test_what_is_no_region(value):
    """Anything else names no place; a sentence is never searched for one."""
    assert read_place(value) is None


def test_area_codes_belong_to_one_province_each():
    """No code is listed twice or begins another, and every mainland province has one."""
    assert len(AREA_CODES) == 333
    short = [code for code in AREA_CODES if len(code) == 2]
    assert not [code for code in AREA_CODES if len(code) == 3 and code[:2] in short]
    assert set(AREA_CODES.values()) == set(PROVINCES) - {"710000", "810000", "820000"}


@pytest.mark.parametrize(
    ("prefix", "region"),
    [
        pytest.param("0108888", "110000", id="Beijing"),
        pytest.param("0755266", "440000", id="Shenzhen"),
        pytest.param("+860208", "440000", id="with the country"),
        pytest.param("0086279", "420000", id="with the country in digits"),
        pytest.param("0085261", "810000", id="Hong Kong"),
        pytest.param("+886291", "710000", id="Taiwan"),
        pytest.param("0852123", "520000", id="Zunyi before it merged: not Hong Kong"),
        pytest.param("1380013", None, id="a mobile"),
        pytest.param("+861380", None, id="a mobile with the country"),
        pytest.param("4008123", None, id="a service number"),
        pytest.param("", None, id="nothing"),
        pytest.param("+853661", "820000", id="Macao"),
        pytest.param("+86 755 1234 5678", "440000", id="a whole number"),
        pytest.param("86-10-61234567", "110000", id="the country without a sign"),
        pytest.param("+86 (0)21 6123 4567", "310000", id="a zero in brackets"),
        pytest.param("+86 95588", None, id="a bank's service is not in Ningxia"),
        pytest.param("852 6123 4567", None, id="eleven digits could be anybody's"),
        pytest.param("+81 3 1234 5678", None, id="a country we know no regions of"),
    ],
)
def test_caller_prefixes(prefix, region):
    """Landlines tell a province; mobiles do not."""
    assert region_of_number(prefix) == region


ALL_INPUTS = {
    "region": "110000",
    "queue": "gd-vip",
    "order_region": "130000",
    "customer_region": "140000",
    "caller_region": "150000",
    "caller_prefix": "0215555",
    "site_region": "220000",
}


@pytest.mark.parametrize(
    ("left_out", "region", "source"),
    [
        pytest.param([], "110000", RegionSource.FIELD, id="the sender's word"),
        pytest.param(["region"], "440000", RegionSource.QUEUE, id="the queue's unit"),
        pytest.param(["queue"], "130000", RegionSource.ORDER, id="where the order goes"),
        pytest.param(["order_region"], "140000", RegionSource.CUSTOMER, id="the profile"),
        pytest.param(["customer_region"], "150000", RegionSource.CALLER, id="the caller's region"),
        pytest.param(["caller_region"], "310000", RegionSource.CALLER, id="the caller's number"),
        pytest.param(["caller_prefix"], "220000", RegionSource.SITE, id="where the agent sits"),
        pytest.param(["site_region"], "unknown", RegionSource.UNKNOWN, id="nothing left"),
    ],
)
def test_order_of_trust(left_out, region, source):
    """Each source speaks when those above it are silent."""
    names = list(ALL_INPUTS)
    kept = names[names.index(left_out[0]) + 1 :] if left_out else names
    located = resolve_region(utterance(1, **{name: ALL_INPUTS[name] for name in kept}), TABLES)
    assert (located.region, located.source) == (region, source)


@pytest.mark.parametrize(
    ("inputs", "region"),
    [
        pytest.param({"region": "Mars", "order_region": "130000"}, "130000", id="nonsense is passed over"),
        pytest.param({"skill_group": "skill-bj"}, "110000", id="skill group"),
        pytest.param({"caller_prefix": "1380013"}, "320000", id="mobile by table"),
        pytest.param({"caller_prefix": "+861380013"}, "320000", id="mobile with its country"),
        pytest.param({"caller_prefix": "01380013"}, "320000", id="mobile with the zero of a trunk"),
        pytest.param({"text": "我在广东省深圳市"}, "unknown", id="never from free text"),
        pytest.param({"queue": "other"}, "unknown", id="a queue nobody listed"),
    ],
)
def test_sources_in_detail(inputs, region):
    """Tables, and what is never a source."""
    assert resolve_region(utterance(1, **inputs), TABLES).region == region


def test_a_lifecycle_event_may_name_a_region_or_a_queue():
    """It has no other inputs."""
    assert resolve_region(call_phase(1, CallPhase.STARTED, queue="gd-vip"), TABLES).source is RegionSource.QUEUE
    assert resolve_region(call_phase(1, CallPhase.STARTED), TABLES).region == "unknown"
