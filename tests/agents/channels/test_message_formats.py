"""What each vendor is sent: its own format, its signature, its limits, and nothing that a customer could forge."""

import base64
import hashlib
import hmac
from urllib.parse import unquote

import orjson
import pytest
from pydantic import SecretStr

from agents.channels import alertmanager, apprise, dingtalk, feishu, pagerduty, slack, webhook, wecom
from agents.channels.base import Message, Press
from agents.channels.dingtalk_card import DingTalkCard
from agents.channels.targets import Targets
from pipeline.answers.acts import MEANINGS, Act
from schemas.cards import Button, Card, Fact
from schemas.vocabulary import Level

NOW_MS = 1_767_225_600_000
FORGED = "[已解决](http://evil.example) <at id=all></at> <@all> @所有人"
BUTTONS = (
    Button(label="看板", url="https://board.example.com/i/1"),
    Button(label="确认", url="https://board.example.com/a/1", is_primary=True),
)
CARD = Card(
    title="■ 高危投诉｜广东｜监管举报｜1 件",
    level=Level.HIGH_RISK,
    facts=(Fact(name="地区", value="广东 · 电话"),),
    samples=(FORGED,),
    buttons=BUTTONS,
)
LONG = Card(title="长" * 3_000, facts=tuple(Fact(name=f"第{n}", value="字" * 900) for n in range(60)), buttons=BUTTONS)


PRESSES = tuple(Press(act, MEANINGS[act].label, f"k.{act}.m") for act in Act)


def message(card: Card = CARD, to: str = "") -> Message:
    """A message of one incident."""
    return Message("n-1", "i-1", "i-1", card, to=to)


BODIES = {
    "dingtalk": dingtalk.robot_body,
    "wecom": wecom.robot_body,
    "wecom application": wecom.application_body,
    "feishu": feishu.card_body,
    "wecom card": wecom.robot_card,
    "apprise": apprise.body,
    "slack": slack.body,
}


def test_dingtalk_signs_for_the_moment_of_sending():
    """Base64 of HMAC-SHA256 over `timestamp newline secret` with the secret as key, in the query."""
    robot = dingtalk.DingTalkRobot(SecretStr("https://oapi.dingtalk.com/robot/send?access_token=t"), SecretStr("SEC1"))
    address = robot.request(message(), now_ms=NOW_MS).url.get_secret_value()
    expected = hmac.new(b"SEC1", f"{NOW_MS}\nSEC1".encode(), hashlib.sha256).digest()
    assert f"&timestamp={NOW_MS}&sign=" in address
    assert unquote(address.rpartition("sign=")[2]) == base64.b64encode(expected).decode()


def test_buttons_that_call_back_bring_along_what_we_sealed():
    """Feishu in the button's value, WeCom in its key, of which there are six; links stand beside them."""
    pressed = Message("n-1", "i-1", "i-1", CARD, to="u1", presses=PRESSES)
    (_, actions) = feishu.card_body(pressed)["elements"]
    assert [each.get("value", {}).get("seal") for each in actions["actions"]][:2] == ["k.ack.m", "k.resolve.m"]
    assert [each["url"] for each in actions["actions"][len(PRESSES) :]] == [each.url for each in BUTTONS]
    card = wecom.application_body(pressed)["template_card"]
    assert card["card_type"] == "button_interaction"
    assert [each["key"] for each in card["button_list"]] == [each.seal for each in PRESSES[:6]]
    assert len(card["task_id"]) <= 128


def test_a_card_of_dingtalk_fills_its_template():
    """Every variable is a text; a button that nobody may press has an empty one."""
    made = DingTalkCard(app_key="k", app_secret=SecretStr("s"), robot_code="r", template_id="t", callback_route="c")
    pressed = Message("n-1", "i-1", "i-1", CARD, to="u1", presses=PRESSES[:1])
    body = orjson.loads(made.request(pressed, token=SecretStr("T")).body)
    variables = body["cardData"]["cardParamMap"]
    assert all(isinstance(value, str) for value in variables.values())
    assert (variables["seal_ack"], variables["seal_resolve"]) == ("k.ack.m", "")
    assert (body["openSpaceId"], body["callbackRouteKey"]) == ("dtv1.card//IM_ROBOT.u1", "c")
    assert "[已解决](" not in variables["body"]


def test_a_vendor_with_little_room_shows_the_first_and_the_last():
    """What to do, and where to read more; and the text is not pushed out by long links."""
    links = tuple(Button(label=str(number), url=f"https://a.example/{'x' * 300}{number}") for number in range(8))
    long = Card(title="t", facts=LONG.facts, buttons=links)
    content = wecom.robot_body(message(long))["markdown"]["content"]
    assert len(content.encode()) <= wecom.MARKDOWN_BYTES_MAX
    assert [f"[{number}](" in content for number in range(8)] == [True] * 3 + [False] * 4 + [True]
    blocks = slack.body(message(long))["blocks"]
    assert [each["text"]["text"] for each in blocks[-1]["elements"]] == ["0", "1", "2", "3", "7"]


def test_feishu_signs_the_other_way_round():
    """The roles of key and message are reversed, time is in seconds, and both stand in the body."""
    robot = feishu.FeishuRobot(SecretStr("https://open.feishu.cn/open-apis/bot/v2/hook/t"), SecretStr("SEC1"))
    body = orjson.loads(robot.request(message(), now_ms=NOW_MS).body)
    expected = hmac.new(f"{NOW_MS // 1000}\nSEC1".encode(), b"", hashlib.sha256).digest()
    assert body["timestamp"] == str(NOW_MS // 1000)
    assert body["sign"] == base64.b64encode(expected).decode()


def test_a_webhook_can_be_checked_by_its_receiver():
    """The signature covers time and body; the id makes a repeat known."""
    request = webhook.Webhook(SecretStr("https://x.example/h"), SecretStr("key")).request(message(), now_ms=NOW_MS)
    stamp = request.headers["X-Tocsin-Timestamp"]
    expected = hmac.new(b"key", f"{stamp}.".encode() + request.body, hashlib.sha256).hexdigest()
    assert request.headers["X-Tocsin-Signature"] == f"v1={expected}"
    assert request.headers["Idempotency-Key"] == orjson.loads(request.body)["id"] == "n-1"


def test_dingtalk_draws_buttons_and_mentions():
    """An action card has the buttons; a mention needs markdown that names the number."""
    card = dingtalk.robot_body(message())
    assert card["msgtype"] == "actionCard"
    assert [each["title"] for each in card["actionCard"]["btns"]] == ["看板", "确认"]
    told = dingtalk.robot_body(message(to="13800000000"))
    assert told["msgtype"] == "markdown"
    assert told["at"] == {"atMobiles": ["13800000000"], "isAtAll": False}
    assert "@13800000000" in told["markdown"]["text"]


@pytest.mark.parametrize(
    ("to", "named"),
    [
        pytest.param("13800000000", "atMobiles", id="a telephone number"),
        pytest.param("user-1", "atUserIds", id="an id of the company"),
    ],
)
def test_dingtalk_mentions_by_what_it_was_given(to, named):
    """The text names whoever is mentioned, or nobody would be."""
    body = dingtalk.robot_body(message(to=to))
    assert body["at"] == {named: [to], "isAtAll": False}
    assert f"@{to}" in body["markdown"]["text"]


def test_feishu_shows_the_level_as_colour():
    """Red for high risk, green when it is over."""
    assert feishu.card_body(message())["header"]["template"] == "red"
    assert feishu.card_body(message(Card(title="t", is_over=True)))["header"]["template"] == "green"


def test_a_robot_of_wecom_may_send_template_cards():
    """As the vendor wants them: at most six rows and three links, and something that the card opens."""
    many = Card(title="t", facts=tuple(Fact(name=str(n), value="v") for n in range(9)), buttons=BUTTONS * 2)
    card = wecom.robot_card(message(many))["template_card"]
    assert card["card_type"] == "text_notice"
    assert (len(card["horizontal_content_list"]), len(card["jump_list"])) == (6, 3)
    assert card["card_action"] == {"type": 1, "url": "https://board.example.com/i/1"}
    robot = wecom.WeComRobot(SecretStr("https://qyapi.weixin.qq.com/x"), shape="template_card")
    sent = [orjson.loads(robot.request(message(to=to), now_ms=NOW_MS).body)["msgtype"] for to in ("", "u1")]
    assert sent == ["template_card", "markdown"]


def test_apprise_gets_plain_text():
    """The title once, the receiver as tag, and a type that services show by colour."""
    told = apprise.body(message(to="duty-1"))
    assert (told["type"], told["tag"], told["format"]) == ("failure", "duty-1", "text")
    assert told["title"] not in told["body"]
    assert told["body"].startswith("地区 广东 · 电话\n")
    assert apprise.body(message(Card(title="t", is_over=True))) == {
        "title": "t", "body": "t", "type": "success", "format": "text",
    }  # fmt: skip


def test_pagerduty_follows_the_incident():
    """One incident there for one of ours."""
    assert pagerduty.event(message())["event_action"] == "trigger"
    assert pagerduty.event(message())["payload"]["severity"] == "critical"
    assert pagerduty.event(message(Card(title="t", is_over=True))) == {"event_action": "resolve", "dedup_key": "i-1"}
    assert pagerduty.event(message(Card(title="t", is_acked=True))) == {
        "event_action": "acknowledge", "dedup_key": "i-1",
    }  # fmt: skip


def test_alertmanager_knows_when_it_is_over():
    """An alert that is resolved ends now; one that is not ends in hours, not in Alertmanager's five minutes."""
    (stands,) = alertmanager.alerts(message(), now_ms=NOW_MS)
    assert stands["endsAt"] == "2026-01-01T04:00:00.000Z"
    over = alertmanager.alerts(message(Card(title="t", level=Level.HIGH_RISK, is_over=True)), now_ms=NOW_MS)
    assert {each["endsAt"] for each in over} == {"2026-01-01T00:00:00.000Z"}
    assert [each["labels"]["level"] for each in over] == ["high_risk", "explicit", "potential"]
    assert stands["labels"] == over[0]["labels"]


@pytest.mark.parametrize(
    ("at_ms", "starts_at"),
    [
        pytest.param(NOW_MS - 60_000, "2025-12-31T23:59:00.000Z", id="a minute ago"),
        pytest.param(NOW_MS, "2026-01-01T00:00:00.000Z", id="now"),
        pytest.param(NOW_MS + 500, "2026-01-01T00:00:00.000Z", id="by a clock that is ahead of ours"),
    ],
)
@pytest.mark.parametrize("is_over", [True, False])
def test_an_alert_never_ends_before_it_starts(at_ms, starts_at, is_over):
    """Alertmanager refuses such a one, and the incident would stay open there."""
    told = Message("n-1", "i-1", "i-1", Card(title="t", is_over=is_over), at_ms=at_ms)
    (alert,) = alertmanager.alerts(told, now_ms=NOW_MS)
    assert alert["startsAt"] == starts_at
    assert alert["endsAt"] >= alert["startsAt"]


@pytest.mark.parametrize("name", BODIES)
def test_what_a_customer_said_is_no_markup(name):
    """No mention of all and no false link comes out of a quote."""
    sent = orjson.dumps(BODIES[name](message())).decode()
    assert "http://evil" not in sent
    assert "evil.example" not in sent
    assert "<at" not in sent
    assert "<@" not in sent
    assert "@所有人" not in sent


@pytest.mark.parametrize("name", BODIES)
def test_a_body_stays_within_the_vendors_limit(name):
    """Limits are bytes of UTF-8; what does not fit is counted, the buttons stay."""
    sent = orjson.dumps(BODIES[name](message(LONG))).decode()
    assert len(sent.encode()) <= 20_000
    assert "https://board.example.com/a/1" in sent
    if name == "wecom":
        assert len(wecom.robot_body(message(LONG))["markdown"]["content"].encode()) <= 4_096


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        pytest.param("https://oapi.dingtalk.com/robot/send?access_token=t", None, id="a vendor"),
        pytest.param("https://hooks.example.com/x", None, id="a host on the list"),
        pytest.param("https://HOOKS.example.com/x", None, id="in capitals"),
        pytest.param("http://10.0.0.5/x", None, id="a private host on its list"),
        pytest.param("http://hooks.example.com/x", "must begin", id="without TLS"),
        pytest.param("https://other.example.com/x", "not allowed", id="another host"),
        pytest.param("https://169.254.169.254/latest", "not allowed", id="a cloud's metadata"),
        pytest.param("https://hooks.example.com@10.0.0.9/", "user name", id="a host that only looks allowed"),
        pytest.param("https://9.9.9.9.evil/x", "not allowed", id="a longer name"),
        pytest.param("file:///etc/passwd", "not allowed", id="a file"),
        pytest.param("https://[::1", "no address", id="half an address"),
    ],
)
def test_only_listed_hosts_are_targets(url, problem):
    """The reason never repeats the address."""
    found = Targets(["hooks.example.com"], private=["10.0.0.5"]).problem(url)
    assert (found is None) if problem is None else (problem in found)
    assert url not in (found or "")


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "::1", "169.254.169.254", "::ffff:10.0.0.1", "224.0.0.1"])
async def test_a_name_that_leads_inside_is_not_connected_to(host, monkeypatch):
    """DNS that answers with one of our own addresses gains nothing."""
    resolver = Targets(["hooks.example.com"]).resolver()

    async def resolve(*_):
        return [{"hostname": "hooks.example.com", "host": host, "port": 443}]

    monkeypatch.setattr(resolver._resolver, "resolve", resolve)
    with pytest.raises(OSError, match="no public address"):
        await resolver.resolve("hooks.example.com", 443)
    await resolver.close()
