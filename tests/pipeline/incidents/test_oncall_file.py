"""The on-call file: what it becomes, and every problem of it by line, all at once."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from agents.files.oncall import load_oncall
from pipeline.incidents.load import OnCallError, parse_oncall
from pipeline.incidents.plan import Hours, Target
from pipeline.incidents.roles import Role
from schemas.vocabulary import Level

GOOD = """
channels:
  robot: {kind: dingtalk, url: env:ROBOT_URL}
  notice: {kind: dingtalk_notice, app_key: k, app_secret: "file:/run/secrets/app", agent_id: 7}
people:
  duty-1: {contacts: {notice: "u1"}}
rosters:
  duty: {members: [duty-1], starts_on: 2026-01-05, handover: "10:30"}
chains:
  high:
    steps:
      - tell: ["roster:duty"]
      - {tell: ["channel:robot"], after: 5m, within: mon-fri 09:00-18:00, from_count: 2}
routes:
  - {chain: high, levels: [high_risk], group_wait: 0s}
  - {chain: none}
"""


def problems(text: str) -> list[str]:
    """Every problem, as an operator reads it."""
    with pytest.raises(OnCallError) as raised:
        parse_oncall("oncall.yaml", text.encode())
    return [str(problem) for problem in raised.value.problems]


def test_a_file_becomes_a_plan():
    """People, rosters, chains and routes; addresses and references stay with whoever delivers."""
    oncall = parse_oncall("oncall.yaml", GOOD.encode())
    plan = oncall.plan
    assert plan.people["duty-1"].channels == ("notice",)
    assert plan.rosters["duty"].shifts[0].handover_minute == 10 * 60 + 30
    first, second = plan.chains["high"].steps
    assert first.targets == (Target("roster", "duty"),)
    assert (second.after, second.only_from_count) == (timedelta(minutes=5), 2)
    assert second.only_within == Hours(frozenset(range(5)), 540, 1080)
    assert plan.routes[0].levels == {Level.HIGH_RISK}
    assert plan.routes[0].group_wait == timedelta(0)
    assert plan.routes[1].chain == ""
    assert plan.follows_china
    assert oncall.channels["robot"].settings == {"url": "env:ROBOT_URL"}
    assert oncall.contacts == {"duty-1": {"notice": "u1"}}


ANSWERS = """
answers:
  url: https://answer.example.com/
  keys: [env:NEW_KEY, env:OLD_KEY]
  links_last: 6h
  callbacks:
    app: {token: env:TOKEN, encrypt_key: env:KEY}
"""
APP = GOOD.replace("people:", "  app: {kind: feishu_app, app_id: a, app_secret: env:S}\npeople:")


def test_answers_are_read():
    """References stay references; a role is read where one is written."""
    oncall = parse_oncall("oncall.yaml", (APP.replace("{contacts", "{role: admin, contacts") + ANSWERS).encode())
    assert oncall.answers.url == "https://answer.example.com"
    assert oncall.answers.keys == ("env:NEW_KEY", "env:OLD_KEY")
    assert oncall.answers.links_last == timedelta(hours=6)
    assert oncall.answers.callbacks == {"app": {"token": "env:TOKEN", "encrypt_key": "env:KEY"}}
    assert oncall.plan.people["duty-1"].role is Role.ADMIN
    assert parse_oncall("oncall.yaml", GOOD.encode()).plan.people["duty-1"].role is Role.OPERATOR


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param("https://", "http://", "answers.url: must begin with https://", id="clear text"),
        pytest.param("OLD_KEY]", "OLD_KEY, env:X]", "the key in use and the one before", id="three keys"),
        pytest.param("env:NEW_KEY", "secret", "answers.keys[0]: is a secret", id="a key in the file"),
        pytest.param("6h", "25h", "answers.links_last: is too long", id="longer than a day"),
        pytest.param("    app:", "    robot:", "of kind dingtalk, which does not call back", id="a robot"),
        pytest.param("    app:", "    nobody:", "answers.callbacks.nobody", id="no such channel"),
        pytest.param(", encrypt_key: env:KEY", "", "needs token and encrypt_key", id="half a secret"),
    ],
)
def test_what_is_wrong_with_answers_is_told(before, after, told):
    """With its place."""
    assert any(told in problem for problem in problems(APP + ANSWERS.replace(before, after, 1)))


def test_the_shipped_file_tells_the_console():
    """An installation without a plan keeps its incidents and shows its cards."""
    oncall = load_oncall()
    assert [spec.kind for spec in oncall.channels.values()] == ["console"]
    assert oncall.plan.routes[0].levels == {Level.HIGH_RISK}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("kind: dingtalk,", "kind: dingding,", "oncall.yaml:3: channels.robot.kind", id="no such kind"),
        pytest.param(
            "url: env:ROBOT_URL", "url: 'https://x'", "oncall.yaml:3: channels.robot.url: is a secret", id="a secret"
        ),
        pytest.param("url: env:ROBOT_URL", "address: env:A", "channels.robot.url: is missing", id="a key is missing"),
        pytest.param(
            'notice: "u1"',
            'notise: "u1"',
            "oncall.yaml:6: people.duty-1.contacts.notise: names the channel notise, which does not exist; did",
            id="a misspelt channel",
        ),
        pytest.param(
            "[duty-1]",
            "[duty-2]",
            "oncall.yaml:8: rosters.duty.members[0]: names the person duty-2",
            id="no such person",
        ),
        pytest.param(
            '"roster:duty"',
            '"roster:duti"',
            "names the roster duti, which does not exist; did you mean duty?",
            id="no such roster",
        ),
        pytest.param(
            '"channel:robot"',
            '"channel:notice"',
            "oncall.yaml:13: chains.high.steps[1].tell[0]: is of the kind dingtalk_notice",
            id="a person's channel has no group",
        ),
        pytest.param('"channel:robot"', "lead", "is lead, but no leads are written", id="no leads"),
        pytest.param(
            "after: 5m", "after: 5", "oncall.yaml:13: chains.high.steps[1].after: is no duration", id="no unit"
        ),
        pytest.param("mon-fri", "fri-mon", "oncall.yaml:13: chains.high.steps[1].within: end before", id="backwards"),
        pytest.param(
            "chain: high,", "chain: hihg,", "oncall.yaml:15: routes[0].chain: names the chain hihg", id="no such chain"
        ),
        pytest.param("[high_risk]", "[higher]", "oncall.yaml:15: routes[0].levels[0]: is higher", id="no such level"),
        pytest.param("2026-01-05", "2026-13-05", "oncall.yaml:8: rosters.duty.starts_on: is no date", id="no date"),
        pytest.param('"10:30"', '"25:00"', "oncall.yaml:8: rosters.duty.handover: is no time", id="no time"),
        pytest.param(
            "channels:", "board_url: board\nchannels:", "oncall.yaml:2: board_url: is no address", id="no page"
        ),
        pytest.param("from_count: 2", "of_last: 9m", "chains.high.steps[1].of_last: needs", id="of what"),
        pytest.param(
            "agent_id: 7", "agent_id: 7, api: lark", "oncall.yaml:4: channels.notice.api: is no address", id="no api"
        ),
        pytest.param("routes:", "rotues:", "did you mean routes?", id="a misspelt section"),
    ],
)
def test_a_problem_has_its_line(old, new, said):
    """File, line, place, what is wrong, what to write."""
    assert old in GOOD
    assert any(said in problem for problem in problems(GOOD.replace(old, new, 1)))


SHIFTS = """
    shifts:
      - {members: [duty-1], starts_on: 2026-01-05, handover: "09:00", lasts: 9h, zone: Europe/London, only: workdays}
      - {members: [duty-1], starts_on: 2026-01-05}
    overrides: [{from: 2026-02-16 09:00, to: 2026-02-17 09:00, people: [duty-1]}]"""
WITH_SHIFTS = GOOD.replace(' {members: [duty-1], starts_on: 2026-01-05, handover: "10:30"}', SHIFTS)


def test_a_roster_may_have_several_shifts():
    """Each with its hours and its zone; changes are the roster's."""
    roster = parse_oncall("oncall.yaml", WITH_SHIFTS.encode()).plan.rosters["duty"]
    office, always = roster.shifts
    assert (office.lasts, office.zone) == (timedelta(hours=9), ZoneInfo("Europe/London"))
    assert office.holiday.members == ()
    assert (always.lasts, always.zone, always.holiday) == (None, None, None)
    assert len(roster.overrides) == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("lasts: 9h", "lasts: 25h", "oncall.yaml:10: rosters.duty.shifts[0].lasts: is no part", id="long"),
        pytest.param("Europe/London", "Europe/Lundon", "oncall.yaml:10: rosters.duty.shifts[0].zone", id="no zone"),
        pytest.param("Europe/London", "../../x", "oncall.yaml:10: rosters.duty.shifts[0].zone", id="a path is no zone"),
        pytest.param(
            "only: workdays",
            "only: workdays, holiday: {members: [duty-1], starts_on: 2026-01-05}",
            "oncall.yaml:10: rosters.duty.shifts[0].only: stands beside holiday",
            id="two words for holidays",
        ),
        pytest.param("[duty-1], starts_on: 2026-01-05}", "[x], starts_on: 2026-01-05}", "shifts[1].members", id="who"),
    ],
)
def test_a_problem_of_a_shift_has_its_line(old, new, said):
    """As of everything else."""
    assert old in WITH_SHIFTS
    assert any(said in problem for problem in problems(WITH_SHIFTS.replace(old, new, 1)))


def test_all_problems_are_told_at_once():
    """Nobody repairs a file one error at a time."""
    assert len(problems(GOOD.replace("5m", "5").replace("2026-01-05", "x").replace("high_risk", "y"))) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "is empty", id="nothing"),
        pytest.param("channels: [", "is not YAML", id="no YAML"),
        pytest.param("channels: {a: 3}\nchains: {}\nroutes: []", "channels.a", id="a channel that is a number"),
        pytest.param("channels: {}\nchains: {a: {steps: []}}\nroutes: []", "chains.a.steps: is empty", id="no steps"),
    ],
)
def test_what_is_no_plan_at_all(text, said):
    """It is refused with words."""
    assert any(said in problem for problem in problems(text))
