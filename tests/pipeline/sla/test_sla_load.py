"""Policies are read with every problem at once; what is shipped has none."""

from datetime import date

import pytest

from agents.files.sla import load_sla, preset_names
from pipeline.sla.load import SlaError, parse_sla
from pipeline.sla.policy import Traits
from schemas.tickets import Priority
from tests.support.tickets import OFFICE, STANDARD, pack_of

POLICY = "policies:\n  one:\n    zh: 一\n    calendar: office\n    goals:\n      handle: {minutes: {normal: 10}}\n"


@pytest.mark.parametrize("name", preset_names())
def test_what_is_shipped_has_no_problem(name):
    """Each preset stands by itself and promises something to every ticket."""
    pack = load_sla(name)
    for priority in Priority:
        policy = pack.choose(Traits(priority=priority), created_at_ms=0)
        assert policy is not None
        assert policy.goals


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(OFFICE, "sla: policies: is missing; write at least one policy", id="no policy"),
        pytest.param(
            POLICY, "one.yaml:2: policies.one.goals.handle: names the calendar office; known: none", id="calendar"
        ),
        pytest.param(
            OFFICE + POLICY.replace("normal: 10", "high_risk: 10"),
            "one.yaml:11: policies.one.goals.handle: has minutes for high_risk; write of low, normal, high, urgent",
            id="a level where a priority is meant",
        ),
        pytest.param(
            OFFICE.replace("Asia/Shanghai", "Asia/Nowhere", 1) + POLICY,
            "one.yaml:4: calendars.office.zone: is no time zone; write one such as Asia/Shanghai",
            id="zone",
        ),
        pytest.param(
            OFFICE.replace("09:00-12:00", "22:00-06:00") + POLICY,
            "one.yaml:5: calendars.office.hours.mon-fri[0]: close before they open; "
            "split what goes past midnight: 22:00-24:00 and, next day, 00:00-06:00",
            id="past midnight",
        ),
        pytest.param(
            OFFICE.replace("13:00-18:00", "11:00-18:00") + POLICY,
            "one.yaml:3: calendars.office: has hours that overlap or are not in order; write them from morning on",
            id="overlap",
        ),
        pytest.param(
            OFFICE.replace('["09:00-12:00", "13:00-18:00"]', '["09:00-09:10"]') + POLICY,
            "one.yaml:3: calendars.office: is open 50 minutes a week; write at least 60",
            id="hardly ever open",
        ),
        pytest.param(
            OFFICE + POLICY + "    warn: [{at: 0.5, minutes: -5, to: [handler]}]\n",
            "one.yaml:11: policies.one: has a warning without an instant or with two; write at: 0.75 or minutes: -30",
            id="two instants",
        ),
        pytest.param(
            OFFICE + POLICY + "    warn: [{at: 11, to: [handler]}]\n",
            "one.yaml:16: policies.one.warn[0].at: is no share; write a number up to 10, such as 0.75 or 1.5",
            id="a share of eleven",
        ),
        pytest.param(
            OFFICE + POLICY + "    enforce_from: soon\n",
            "one.yaml:16: policies.one.enforce_from: is no date; write it as 2026-10-01",
            id="no date",
        ),
    ],
)
def test_a_problem_is_named_with_its_place(text, problem):
    """File, line, path, and what to write instead."""
    with pytest.raises(SlaError) as raised:
        parse_sla([("one.yaml", text.encode())])
    assert problem in str(raised.value).splitlines()


def test_all_problems_come_at_once():
    """Whoever repairs a file wants to do it once."""
    with pytest.raises(SlaError) as raised:
        parse_sla([("one.yaml", (STANDARD.replace("zh: 紧急", "zh: 1") + "nonsense: 1\n").encode())])
    assert [problem.path for problem in raised.value.problems] == ["policies.urgent.zh", "nonsense"]


def test_an_id_stands_once():
    """In two files as well as in one."""
    with pytest.raises(SlaError, match=r"two.yaml:2: policies.one: was already written in one.yaml:11"):
        parse_sla([("one.yaml", (OFFICE + POLICY).encode()), ("two.yaml", POLICY.encode())])


def test_the_first_policy_that_fits_counts():
    """The order is that of the file, and a version is a hash of what is written."""
    pack = pack_of()
    assert pack.choose(Traits(priority=Priority.URGENT), created_at_ms=0).id == "urgent"
    assert pack.choose(Traits(priority=Priority.LOW), created_at_ms=0).id == "standard"
    assert pack.version == pack_of().version != pack_of(STANDARD + "# another\n").version


def test_what_is_no_source_is_told(tmp_path):
    """A misspelt preset is no empty set of policies."""
    with pytest.raises(SlaError, match="is no preset"):
        load_sla("e-comerce")
    file = tmp_path / "own.yaml"
    file.write_text(STANDARD, encoding="utf-8")
    assert load_sla(str(file)).version != load_sla("house").version
    assert [policy.id for policy in load_sla(str(tmp_path)).policies] == ["urgent", "standard"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param('make_up_hours: ["09:00-18:00"]', ((540, 1080),), id="what is written of make-up days holds"),
        pytest.param("known_until: 2027-12-31", ((600, 720),), id="nothing: the Saturday's own"),
    ],
)
def test_make_up_saturdays_of_a_shop_that_is_open_on_saturdays(written, expected):
    """2026-02-14 is one of them; the one after is a Saturday like any."""
    hours = '{mon-fri: ["09:00-17:00"], sat: ["10:00-12:00"]}'
    shop = f"{{zone: Asia/Shanghai, hours: {hours}, holidays: china, {written}}}"
    goals = "{first_response: {minutes: {normal: 60}}}"
    text = f"calendars:\n  shop: {shop}\npolicies:\n  all: {{zh: x, calendar: shop, goals: {goals}}}\n"
    calendar = parse_sla([("sla.yaml", text.encode())]).calendars["shop"]
    assert calendar.hours_of(date(2026, 2, 14)) == expected
    assert calendar.hours_of(date(2026, 3, 7)) == ((600, 720),)
