"""Every channel against a server that behaves like its vendor, on good days and bad: one contract for all of them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from agents.channels.alertmanager import Alertmanager
from agents.channels.apprise import UNCONFIRMED, Apprise
from agents.channels.base import Answer, Channel, Judgement, Message, Request
from agents.channels.dingtalk import DingTalkNotice, DingTalkRobot
from agents.channels.dingtalk_card import DingTalkCard
from agents.channels.email import Email, Mailbox
from agents.channels.feishu import FeishuApplication, FeishuRobot
from agents.channels.outgoing import ANSWER_BYTES_MAX, HttpChannel, Outgoing
from agents.channels.pagerduty import PagerDuty
from agents.channels.slack import Slack
from agents.channels.targets import Targets
from agents.channels.tokens import ApplicationChannel, Token, token_from
from agents.channels.webhook import Webhook
from agents.channels.wecom import WeComApplication, WeComRobot
from pipeline.cards.compose import Standing, compose
from pipeline.conversation.advice import AdviceBook
from schemas.deliveries import Outcome
from tests.support.alerts import alert
from tests.support.vendors import CUTS, DRIPS, FLOODS, HANGS, Reply, fake_mail_server, fake_vendor, said

NOW_MS = 1_767_225_600_000
HIDDEN = "S3cretPart"
SECRET = SecretStr(HIDDEN)
PATIENT_SECONDS = 20.0  # of tests that wait for nothing, on a machine that is busy
HASTY_SECONDS = 0.5
MESSAGE = Message(
    notification_id="n-1",
    incident_id="i-1",
    dedup_key="i-1",
    card=compose(alert(1, conversation_id="c1"), Standing(count=3), advice=AdviceBook()),
)

OK, REFUSED, LIMITED = Outcome.ACCEPTED, Outcome.REFUSED, Outcome.RATE_LIMITED
UNAUTHORISED, UNREACHABLE = Outcome.UNAUTHORISED, Outcome.UNREACHABLE
Build = Callable[[str, Outgoing], Channel]


EXPIRED = said(errcode=42001, code=99991663)


@dataclass(frozen=True)
class Contract:
    """One vendor: how a channel is built, what its success looks like, and what its own errors mean."""

    name: str
    build: Build
    accepted: Reply
    errors: dict[str, tuple[Reply, Outcome]] = field(default_factory=dict)
    token: Reply | None = None
    expired: Reply = EXPIRED  # what a token that ran out is answered with
    is_coded: bool = True  # whether success stands in the body

    def __str__(self) -> str:
        return self.name


def robot(vendor: Callable[[SecretStr], Any], path: str) -> Build:
    """A channel whose address is its secret."""
    return lambda url, outgoing: HttpChannel(vendor(SecretStr(f"{url}{path}{HIDDEN}")), outgoing)


def application(make: Callable[[str], Any]) -> Build:
    """A channel that asks for a token first."""
    return lambda url, outgoing: ApplicationChannel(make(url), outgoing)


ERR0, CODE0 = said(errcode=0, errmsg="ok"), said(code=0, msg="success")
CONTRACTS = [
    Contract(
        "dingtalk",
        robot(lambda url: DingTalkRobot(url, SECRET), "/robot/send?access_token="),
        ERR0,
        {
            "130101 is the limit of 20 a minute": (said(errcode=130101, errmsg="send too fast"), LIMITED),
            "310000 is signature or keyword": (said(errcode=310000, errmsg="sign not match"), UNAUTHORISED),
            "460101 is too large": (said(errcode=460101, errmsg="too large"), REFUSED),
            "-1 is busy": (said(errcode=-1, errmsg="busy"), UNREACHABLE),
            "a code that nobody knows": (said(errcode=987654, errmsg="?"), REFUSED),
        },
    ),
    Contract(
        "dingtalk notice",
        application(lambda url: DingTalkNotice(app_key="key", app_secret=SECRET, agent_id=7, api=url)),
        ERR0,
        {"88 is the token": (said(errcode=88, sub_code="40014"), UNAUTHORISED)},
        token=said(errcode=0, access_token="T-one", expires_in=7200),
    ),
    Contract(
        "dingtalk card",
        application(
            lambda url: DingTalkCard(
                app_key="key", app_secret=SECRET, robot_code="r", template_id="t", callback_route="c", api=url
            )
        ),
        said(success=True, result={"outTrackId": "n-1", "deliverResults": [{"spaceId": "s", "success": True}]}),
        {
            "throttled inside HTTP 400": (said(400, code="Throttling.User", message="slower"), LIMITED),
            "the token": (said(401, code="InvalidAuthentication"), UNAUTHORISED),
            "made and not delivered": (said(success=True, result={"deliverResults": [{"success": False}]}), REFUSED),
            "made, and no word of deliveries": (said(success=True, result={"deliverResults": None}), REFUSED),
            "deliveries that are a number": (said(success=True, result={"deliverResults": 5}), REFUSED),
            "no success": (said(success=False), REFUSED),
        },
        token=said(accessToken="T-one", expireIn=7200),
        expired=said(401, code="InvalidAuthentication"),
    ),
    Contract(
        "wecom",
        robot(WeComRobot, "/cgi-bin/webhook/send?key="),
        ERR0,
        {
            "45009 is the limit": (said(errcode=45009, errmsg="api freq out of limit"), LIMITED),
            "45033 is too many at once": (said(errcode=45033, errmsg="concurrent"), LIMITED),
            "93000 is a wrong address": (said(errcode=93000, errmsg="invalid webhook url"), UNAUTHORISED),
            "40058 is a bad parameter": (said(errcode=40058, errmsg="exceed max length 4096"), REFUSED),
        },
    ),
    Contract(
        "wecom template card",
        robot(lambda url: WeComRobot(url, shape="template_card"), "/cgi-bin/webhook/send?key="),
        ERR0,
        {"40058 is a bad parameter": (said(errcode=40058, errmsg="missing card_action"), REFUSED)},
    ),
    Contract(
        "wecom application",
        application(lambda url: WeComApplication(corp_id="corp", corp_secret=SECRET, agent_id=7, api=url)),
        ERR0,
        {
            "nobody of that name": (said(errcode=0, errmsg="ok", invaliduser="lead-1"), REFUSED),
            "81013 is all receivers unknown": (said(errcode=81013, errmsg="all invalid"), REFUSED),
        },
        token=said(errcode=0, access_token="T-one", expires_in=7200),
    ),
    Contract(
        "feishu",
        robot(lambda url: FeishuRobot(url, SECRET), "/open-apis/bot/v2/hook/"),
        CODE0,
        {
            "19021 is signature or time": (said(code=19021, msg="sign match fail"), UNAUTHORISED),
            "0 in the field of the first robots": (
                Reply(b'{"Extra":null,"StatusCode":0,"StatusMessage":"success"}'),
                OK,
            ),
            "9499 in that field": (said(StatusCode=9499, StatusMessage="too many request"), LIMITED),
            "0 there and an error in code": (said(StatusCode=0, code=19024, msg="Key Words Not Found"), UNAUTHORISED),
            "9499 inside HTTP 400 is the limit": (said(400, code=9499, msg="too many request"), LIMITED),
            "11232 is the whole system": (said(code=11232, msg="frequency limited"), LIMITED),
            "19036 is too large": (said(code=19036, msg="too large"), REFUSED),
        },
    ),
    Contract(
        "feishu application",
        application(lambda url: FeishuApplication(app_id="app", app_secret=SECRET, api=url)),
        CODE0,
        {"99991400 is the limit": (said(400, code=99991400, msg="frequency"), LIMITED)},
        token=said(code=0, tenant_access_token="T-one", expire=7200),
    ),
    Contract(
        "apprise",
        robot(Apprise, "/notify/"),
        Reply(b""),
        {
            "204 is a key of nobody": (Reply(b"", 204), UNAUTHORISED),
            "424 is a service that did not take it": (Reply(b"", 424), REFUSED),
        },
        is_coded=False,
    ),
    Contract(
        "slack",
        robot(Slack, "/services/"),
        Reply(b"ok"),
        {"words with HTTP 200": (Reply(b"no_text"), REFUSED), "404": (Reply(b"no_team", 404), REFUSED)},
    ),
    Contract(
        "webhook",
        robot(lambda url: Webhook(url, SECRET), "/hook/"),
        Reply(b"", 204),
        {"410 is for good": (Reply(b"", 410), UNAUTHORISED)},
        is_coded=False,
    ),
    Contract(
        "pagerduty",
        lambda url, outgoing: HttpChannel(PagerDuty(SECRET, api=url), outgoing),
        said(202, status="success"),
        {"400 is our mistake": (said(400, status="invalid event"), REFUSED)},
    ),
    Contract(
        "alertmanager",
        robot(lambda url: Alertmanager(url, SECRET), "/api/v2/alerts?x="),
        Reply(b""),
        {"400 is our mistake": (said(400, code=601), REFUSED)},
        is_coded=False,
    ),
]
each_vendor = pytest.mark.parametrize("contract", CONTRACTS, ids=str)


async def attempts(
    contract: Contract, *replies: Reply, times: int = 1, patience_seconds: float = PATIENT_SECONDS
) -> tuple[list[Judgement], list[Any]]:
    """What some attempts came to, and what the vendor saw, token requests left out."""
    async with fake_vendor() as vendor, outgoing(timeout_seconds=patience_seconds) as way:
        channel = contract.build(vendor.url, way)
        if contract.token is not None:
            token = contract.token
            scripted = list(replies)
            vendor.answering = lambda seen: token if "oken" in seen.path else scripted.pop(0)
        else:
            vendor.replies.extend(replies)
        judged = [await channel.send(MESSAGE, now_ms=NOW_MS + number * 1000) for number in range(times)]
        return judged, [seen for seen in vendor.seen if contract.token is None or "oken" not in seen.path]


def outgoing(*, timeout_seconds: float = PATIENT_SECONDS) -> Outgoing:
    """A way out that may reach the fake vendor."""
    return Outgoing(Targets(private=["127.0.0.1"]), timeout_seconds=timeout_seconds)


@each_vendor
async def test_what_the_vendor_took_is_accepted_twice_alike(contract):
    """The second message is as good as the first: nothing is appended to a stored address."""
    judged, seen = await attempts(contract, contract.accepted, contract.accepted, times=2)
    assert [each.outcome for each in judged] == [OK, OK]
    assert seen[0].path == seen[1].path
    assert seen[0].query.keys() == seen[1].query.keys()
    assert seen[0].target.count("sign=") <= 1
    assert abs(len(seen[0].target) - len(seen[1].target)) <= 8  # of a signature's escapes


@pytest.mark.parametrize(
    ("contract", "reply", "outcome"),
    [
        pytest.param(contract, reply, outcome, id=f"{contract}: {what}")
        for contract in CONTRACTS
        for what, (reply, outcome) in contract.errors.items()
    ],
)
async def test_the_vendors_own_errors_are_read_by_their_code(contract, reply, outcome):
    """HTTP 200 with an error in the body is no success, and each code has its meaning."""
    judged, _ = await attempts(contract, reply, reply)
    assert judged[0].outcome is outcome


@each_vendor
@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        pytest.param(Reply(b"", 429, {"Retry-After": "7"}), LIMITED, id="throttled"),
        pytest.param(Reply(b"", 500), UNREACHABLE, id="broken"),
        pytest.param(Reply(b"", 401), UNAUTHORISED, id="token expired"),
        pytest.param(Reply(b"", 302, {"Location": "/elsewhere"}), REFUSED, id="a redirect"),
        pytest.param(HANGS, UNREACHABLE, id="hangs"),
        pytest.param(CUTS, UNREACHABLE, id="cuts the connection"),
        pytest.param(DRIPS, UNREACHABLE, id="drips"),
    ],
)
async def test_a_bad_day_is_judged_and_never_waited_for(contract, reply, outcome):
    """Bounded in time; a redirect is not followed; nothing is raised."""
    patience_seconds = HASTY_SECONDS if reply in (HANGS, DRIPS) else PATIENT_SECONDS
    async with asyncio.timeout(PATIENT_SECONDS):
        judged, seen = await attempts(contract, reply, reply, patience_seconds=patience_seconds)
    assert judged[0].outcome is outcome
    assert not [each for each in seen if each.path == "/elsewhere"]
    if reply.status == 429:
        assert judged[0].retry_after == timedelta(seconds=7)


@pytest.mark.parametrize("contract", [each for each in CONTRACTS if each.is_coded], ids=str)
@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(b"x" * (ANSWER_BYTES_MAX * 20)), id="huge"),
        pytest.param(Reply(b"<html>please log in</html>"), id="a page of HTML"),
        pytest.param(Reply(b"[]"), id="another JSON"),
        pytest.param(said(errcode="0", code="0"), id="a code that is text"),
        pytest.param(said(errcode=False, code=False), id="a code that is a truth value"),
    ],
)
async def test_success_is_said_in_so_many_words(contract, reply):
    """An answer that is not the vendor's success is none, whatever the HTTP status."""
    judged, _ = await attempts(contract, reply, reply)
    assert judged[0].outcome is not OK


@each_vendor
async def test_an_answer_without_end_is_not_read_to_its_end(contract):
    """What came by then is judged; nobody waits for the rest, and nothing fills the memory."""
    judged, _ = await attempts(contract, FLOODS, FLOODS)
    assert judged[0].vendor_code not in {"timeout", "network"}


async def test_a_proxy_of_the_environment_is_not_asked(monkeypatch):
    """It would connect for us, wherever it likes."""
    contract = next(each for each in CONTRACTS if each.name == "webhook")
    async with fake_vendor() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        judged, seen = await attempts(contract, contract.accepted)
    assert (judged[0].outcome, len(seen), proxy.seen) == (OK, 1, [])


@each_vendor
async def test_nobody_listens(contract):
    """A port without a server is unreachable."""
    async with fake_vendor() as vendor:
        url = vendor.url
    async with outgoing() as way:
        judged = await contract.build(url, way).send(MESSAGE, now_ms=NOW_MS)
    assert judged == Judgement(UNREACHABLE, "network")


@each_vendor
async def test_no_secret_is_told(contract, caplog):
    """Neither the judgement nor the channel's and its request's own text nor a log line has the secret in it."""
    caplog.set_level(0)
    async with fake_vendor() as vendor, outgoing() as way:
        channel = contract.build(vendor.url, way)
        vendor.answering = lambda _: said(errcode=310000, code=19021, errmsg=HIDDEN, msg=HIDDEN)
        judged = await channel.send(MESSAGE, now_ms=NOW_MS)
        inner = getattr(channel, "_vendor", None) or channel._application
        told = [judged, channel, inner, vars(inner), getattr(inner, "request", None)]
        if contract.token is None:
            told.append(inner.request(MESSAGE, now_ms=NOW_MS))
    assert HIDDEN not in repr(told)
    assert HIDDEN not in caplog.text


@pytest.mark.parametrize("contract", [each for each in CONTRACTS if each.token], ids=str)
async def test_a_token_is_fetched_once_and_again_when_it_is_not_taken(contract):
    """One token serves all messages; one that the vendor no longer takes is replaced, and the message still goes."""
    token = contract.token
    replies = [contract.accepted, contract.accepted, contract.expired, contract.accepted]
    async with fake_vendor() as vendor, outgoing() as way:
        vendor.answering = lambda seen: token if "oken" in seen.path else replies.pop(0)
        channel = contract.build(vendor.url, way)
        outcomes = [(await channel.send(MESSAGE, now_ms=NOW_MS)).outcome for _ in range(3)]
        fetched = [seen for seen in vendor.seen if "oken" in seen.path]
    assert outcomes == [OK, OK, OK]
    assert len(fetched) == 2


@pytest.mark.parametrize("contract", [each for each in CONTRACTS if each.token], ids=str)
async def test_a_token_is_not_used_to_its_last_second(contract):
    """Two hours less two minutes later a new one is asked for."""
    token = contract.token
    async with fake_vendor() as vendor, outgoing() as way:
        vendor.answering = lambda seen: token if "oken" in seen.path else contract.accepted
        channel = contract.build(vendor.url, way)
        for at_ms in (0, 7_079_000, 7_081_000):
            assert (await channel.send(MESSAGE, now_ms=NOW_MS + at_ms)).outcome is OK
        assert len([seen for seen in vendor.seen if "oken" in seen.path]) == 2


# What vendors call things, with whatever JSON may stand there.
FIELDS = (
    "errcode", "code", "StatusCode", "status", "message_id", "response_code", "invaliduser", "dedup_key",
    "access_token", "accessToken", "tenant_access_token", "expires_in", "expireIn", "expire",
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
WHERE = {
    "result": VALUES | st.fixed_dictionaries({"deliverResults": VALUES}),
    "data": VALUES | st.fixed_dictionaries({"message_id": VALUES}),
}
SUCCESSES = {"errcode": 0, "code": 0, "StatusCode": 0, "success": True}
BODIES = VALUES | st.builds(
    dict.__or__, st.just(SUCCESSES), st.fixed_dictionaries(WHERE, optional=dict.fromkeys(FIELDS, VALUES))
)


class Answers(Outgoing):
    """A way to a vendor that answers everything alike."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(Targets())
        self._answer = answer

    async def send(self, request: Request) -> Answer:
        """The same again."""
        return self._answer


@each_vendor
@given(body=BODIES, status=st.sampled_from([200, 202, 400, 429, 503]), has_token=st.booleans())
async def test_whatever_json_a_vendor_answers_is_judged(contract, body, status, has_token):
    """An answer of a wrong shape is a judgement, and the name of its card is text; nothing is raised."""
    channel = contract.build("https://vendor.example", Answers(Answer(status, orjson.dumps(body))))
    if isinstance(channel, ApplicationChannel) and has_token:
        channel._token, channel._good_until_ms = SECRET, NOW_MS + 1
    judged = await channel.send(MESSAGE, now_ms=NOW_MS)
    assert judged.outcome in {OK, REFUSED, LIMITED, UNAUTHORISED, UNREACHABLE}
    assert len(judged.vendor_code) <= 40
    assert judged.card_ref not in {"None", "True", "False"}


@pytest.mark.parametrize("name", [None, 7, True, ["a"], {"a": 1}], ids=repr)
def test_a_card_whose_name_is_no_text_has_none(name):
    """Else it would be drawn anew under a name that nobody gave it, and stay as it is."""
    answer = Answer(202, orjson.dumps({"dedup_key": name, "response_code": name, "data": {"message_id": name}}))
    assert PagerDuty(SECRET).judge(answer).card_ref == ""
    assert WeComApplication(corp_id="c", corp_secret=SECRET, agent_id=7).card_ref(MESSAGE, answer) == ""
    assert FeishuApplication(app_id="a", app_secret=SECRET).card_ref(MESSAGE, answer) == ""


@pytest.mark.parametrize("value", ["a\nb", "a\r\nX-Other: b", "a\0b", "密", "", None, 7, ["a"]], ids=repr)
async def test_a_token_that_fits_in_no_header_is_none(value):
    """Our own client would refuse it with an exception."""
    answer = Answer(200, orjson.dumps({"token": value, "lasts": 7_200}))
    assert token_from(answer, judged=Judgement(OK), field="token", lifetime="lasts") == Judgement(
        UNREACHABLE, "no token"
    )
    good = Answer(200, orjson.dumps({"token": "T-1._~+/=", "lasts": 7_200}))
    assert isinstance(token_from(good, judged=Judgement(OK), field="token", lifetime="lasts"), Token)


async def test_an_address_that_is_not_allowed_is_not_even_tried():
    """No setting leads into our own network."""
    async with fake_vendor() as vendor, Outgoing(Targets()) as way:
        contract = next(each for each in CONTRACTS if each.name == "webhook")
        judged = await contract.build(vendor.url, way).send(MESSAGE, now_ms=NOW_MS)
        assert judged == Judgement(REFUSED, "target")
        assert vendor.seen == []


async def test_what_apprise_took_is_marked():
    """It may not have arrived: receipt and command line say so."""
    contract = next(each for each in CONTRACTS if each.name == "apprise")
    judged, _ = await attempts(contract, contract.accepted)
    assert judged == [Judgement(OK, UNCONFIRMED)]


async def test_feishu_says_in_a_header_of_its_own_how_long_to_wait():
    """Seconds until the limit is over."""
    contract = next(each for each in CONTRACTS if each.name == "feishu application")
    judged, _ = await attempts(contract, Reply(b'{"code":99991400}', 429, {"x-ogw-ratelimit-reset": "9"}))
    assert judged == [Judgement(LIMITED, "99991400", timedelta(seconds=9))]


async def mail(
    codes: dict[str, str],
    *,
    timeout_seconds: float = PATIENT_SECONDS,
    to: str = "duty@example.com",
    password: SecretStr | None = None,
) -> tuple[Judgement, list[bytes]]:
    """What one mail came to."""
    async with fake_mail_server() as server:
        server.codes.update(codes)
        box = Mailbox(
            host="127.0.0.1", port=server.port, sender="tocsin@example.com", is_private=True,
            timeout_seconds=timeout_seconds, username="tocsin", password=password,
        )  # fmt: skip
        message = Message("n-1", "i-1", "i-1", MESSAGE.card, to=to)
        return await Email(box).send(message, now_ms=NOW_MS), server.mails


@pytest.mark.parametrize(
    ("codes", "outcome"),
    [
        pytest.param({}, OK, id="taken"),
        pytest.param({"RCPT": "550 no such user"}, REFUSED, id="no such mailbox"),
        pytest.param({"RCPT": "450 later"}, LIMITED, id="greylisted"),
        pytest.param({"DATA": "452 full"}, LIMITED, id="no room"),
        pytest.param({"MAIL": "554 spam"}, REFUSED, id="refused for good"),
        pytest.param({"EHLO": "hangs"}, UNREACHABLE, id="hangs"),
    ],
)
async def test_mail_servers_answer_by_code(codes, outcome):
    """A 5xx is for good, a 4xx for now, a server that hangs is not waited for."""
    hasty = "hangs" in codes.values()
    judged, mails = await mail(codes, timeout_seconds=HASTY_SECONDS if hasty else PATIENT_SECONDS)
    assert judged.outcome is outcome
    assert bool(mails) is (outcome is OK)


async def test_a_mail_to_nobody_is_refused():
    """At once: a server that is given no receiver says nothing."""
    judged, mails = await mail({}, to="", timeout_seconds=HASTY_SECONDS)
    assert (judged, mails) == (Judgement(REFUSED, "smtp 550"), [])


@pytest.mark.parametrize(
    ("codes", "outcome"),
    [
        pytest.param({"AUTH": "334 a"}, UNREACHABLE, id="a challenge that is no base64"),
        pytest.param({"AUTH": "535 wrong"}, UNAUTHORISED, id="wrong password"),
        pytest.param({"AUTH": "nonsense"}, UNAUTHORISED, id="no code"),
    ],
)
async def test_a_mail_server_that_asks_strangely_is_judged(codes, outcome):
    """Whatever it wants to have signed."""
    judged, mails = await mail({"EHLO": "250-fake\r\n250 AUTH CRAM-MD5", **codes}, password=SECRET)
    assert (judged.outcome, mails) == (outcome, [])


async def test_a_mail_is_threaded_by_incident():
    """The id comes from the notification, the thread from the incident; text and HTML both."""
    _, (first,) = await mail({})
    _, (second,) = await mail({})
    headers = [dict(line.split(b": ", 1) for line in each.split(b"\r\n") if b": " in line) for each in (first, second)]
    assert headers[0][b"Message-ID"] == headers[1][b"Message-ID"]
    assert headers[0][b"References"] != headers[0][b"Message-ID"]
    assert b"text/plain" in first
    assert b"text/html" in first


async def test_a_mail_is_never_sent_in_clear_unless_the_operator_says_so():
    """A server without TLS gets nothing."""
    async with fake_mail_server() as server:
        box = Mailbox(host="127.0.0.1", port=server.port, sender="a@example.com", timeout_seconds=PATIENT_SECONDS)
        judged = await Email(box).send(MESSAGE, now_ms=NOW_MS)
    assert judged == Judgement(UNAUTHORISED, "no tls")
    assert server.mails == []
