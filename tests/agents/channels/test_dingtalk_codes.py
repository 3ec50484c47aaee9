"""What each code of DingTalk means, and for how long a robot is mute: the vendor's own words, in numbers."""

from datetime import timedelta

import orjson
import pytest
from pydantic import SecretStr

from agents.channels.base import Answer, Judgement
from agents.channels.dingtalk import CODES, DingTalkNotice, DingTalkRobot
from schemas.deliveries import Outcome

ROBOT = DingTalkRobot(SecretStr("https://robot.example/send?access_token=t"))
NOTICE = DingTalkNotice(app_key="k", app_secret=SecretStr("s"), agent_id=7)
TEN_MINUTES, ONE_MINUTE = timedelta(minutes=10), timedelta(minutes=1)
MEANINGS = {
    -1: Outcome.UNREACHABLE,
    88: Outcome.UNAUTHORISED,
    40014: Outcome.UNAUTHORISED,
    42001: Outcome.UNAUTHORISED,
    90018: Outcome.RATE_LIMITED,
    130101: Outcome.RATE_LIMITED,
    300001: Outcome.UNAUTHORISED,
    310000: Outcome.UNAUTHORISED,
    400013: Outcome.UNAUTHORISED,
    400101: Outcome.UNAUTHORISED,
    400102: Outcome.UNAUTHORISED,
    410100: Outcome.RATE_LIMITED,
}


def answer(code: int, retry_after: timedelta | None = None) -> Answer:
    """HTTP 200 with a code in the body, as DingTalk answers."""
    return Answer(200, orjson.dumps({"errcode": code, "errmsg": "words"}), retry_after)


@pytest.mark.parametrize(("code", "outcome"), MEANINGS.items())
@pytest.mark.parametrize(("vendor", "mute_for"), [(ROBOT, TEN_MINUTES), (NOTICE, ONE_MINUTE)], ids=["robot", "notice"])
def test_each_code_has_its_meaning(vendor, mute_for, code, outcome):
    """A robot that is too fast is mute for ten minutes, an application for one; nothing else sets a time."""
    judged = vendor.judge(answer(code))
    assert judged == Judgement(outcome, str(code), mute_for if outcome is Outcome.RATE_LIMITED else None)


def test_every_code_of_the_table_is_tested():
    """A new row is a new case."""
    assert set(CODES) == set(MEANINGS)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [pytest.param(0, Outcome.ACCEPTED, id="success"), pytest.param(99, Outcome.REFUSED, id="a code nobody knows")],
)
def test_other_codes(code, outcome):
    """Zero alone is success; what is unknown is not tried again."""
    assert ROBOT.judge(answer(code)).outcome is outcome


def test_a_time_that_the_vendor_names_is_kept():
    """It knows better than its page."""
    assert ROBOT.judge(answer(130101, timedelta(seconds=7))).retry_after == timedelta(seconds=7)
