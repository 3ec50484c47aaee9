"""Vendors' callbacks over real HTTP, with the real stage behind."""

import asyncio

import pytest
from structlog.testing import capture_logs

from agents.answer.server import BODY_BYTES_MAX
from pipeline.answers.acts import Act
from pipeline.answers.seals import Keys
from schemas.actions import ActionSource
from schemas.audits import ActionResult
from schemas.incidents import IncidentState
from tests.support.alerts import MINUTE
from tests.support.answers import ENVIRONMENT, answering
from tests.support.vendor_calls import dingtalk_call, feishu_call, target, wecom_call, wecom_challenge

CALLS = {"feishu": (feishu_call, "ou_1"), "wecom": (wecom_call, "zhang-1"), "ding": (dingtalk_call, "ding-1")}
vendors = pytest.mark.parametrize(("channel", "called", "user"), [(name, *each) for name, each in CALLS.items()])


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """The secrets that the file points to."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


async def sent(town, channel, call):
    """Status and body of the answer to a call."""
    path = target(channel, call)
    async with town.client.request(call.method, path, data=call.body, headers=dict(call.headers)) as answer:
        return answer.status, await answer.text()


@vendors
async def test_a_press_acts(tmp_path, channel, called, user):
    """Under the name of whoever pressed; the vendor is told what to show."""
    async with answering(tmp_path) as town:
        call = called(town.seal(Act.ACK, channel=channel), user=user, at_ms=town.now_ms)
        status, body = await sent(town, channel, call)
        assert status == 200
        assert {"feishu": "已完成", "wecom": "<Encrypt>", "ding": "已完成"}[channel] in body
        (audit,) = town.stage.audits
        assert (audit.actor, audit.source, audit.result) == ("duty-1", ActionSource.CARD, ActionResult.TAKEN)
        assert town.incident.state is IncidentState.ACKED
        drawn = {each.channel: each.card_ref for each in town.stage.notifications if each.redraws}
        assert drawn == {**dict.fromkeys(CALLS, ""), **({"wecom": "rc"} if channel == "wecom" else {})}


@vendors
async def test_a_vendor_that_asks_again_is_told_the_same(tmp_path, channel, called, user):
    """It did not hear our answer: the press is one press, and one line of the audit."""
    async with answering(tmp_path) as town:
        call = called(town.seal(Act.ACK, channel=channel), user=user, at_ms=town.now_ms)
        assert [(await sent(town, channel, call))[0] for _ in range(3)] == [200] * 3
        assert town.counted(channel, "taken") == 3
        assert len(town.stage.audits) == 1


@vendors
async def test_a_forged_or_recorded_call_does_nothing(tmp_path, channel, called, user):
    """No signature, an old one, or a seal that is not ours."""
    async with answering(tmp_path) as town:
        seal = town.seal(Act.ACK, channel=channel)
        old = called(seal, user=user, at_ms=town.now_ms - 10 * MINUTE)
        assert (await sent(town, channel, old))[0] == 401
        unsigned = called(seal, user=user, at_ms=town.now_ms)._replace(headers={}, query={})
        assert (await sent(town, channel, unsigned))[0] == 401
        foreign = Keys([b"x" * 32]).seal(town.offer(Act.ACK, channel=channel))
        assert (await sent(town, channel, called(foreign, user=user, at_ms=town.now_ms)))[0] == 200
        assert town.counted(channel, "stale") == 1
        assert town.counted(channel, "forged") == 2
        assert town.stage.audits == []


@pytest.mark.parametrize(
    ("user", "to", "act", "actor"),
    [
        pytest.param("ou_2", "duty-1", Act.ACK, "duty-2", id="a colleague presses what was sent to another"),
        pytest.param("ou_7", "duty-1", Act.ACK, "feishu:ou_7", id="somebody whom nobody knows"),
        pytest.param("ou_7", "group", Act.ACK, "feishu:ou_7", id="a stranger in the group"),
        pytest.param("ou_3", "group", Act.ACK, "guest-1", id="somebody in the group who only looks"),
    ],
)
async def test_a_wrong_role_is_refused_and_kept(tmp_path, user, to, act, actor):
    """Nothing happens, and the audit says who tried."""
    async with answering(tmp_path) as town:
        call = feishu_call(town.seal(act, to), user=user, at_ms=town.now_ms)
        status, body = await sent(town, "feishu", call)
        assert (status, "没有执行此操作的权限" in body) == (200, True)
        (audit,) = town.stage.audits
        assert (audit.actor, audit.result) == (actor, ActionResult.NOT_ALLOWED)
        assert town.incident.state is IncidentState.OPEN


async def test_in_a_group_the_one_who_pressed_has_acted(tmp_path):
    """The vendor names them; the second one is told that it was used."""
    async with answering(tmp_path) as town:
        for user in ("ou_2", "ou_1"):
            await sent(town, "feishu", feishu_call(town.seal(Act.ACK, "group"), user=user, at_ms=town.now_ms))
        assert [(each.actor, each.result) for each in town.stage.audits] == [
            ("duty-2", ActionResult.TAKEN),
            ("duty-1", ActionResult.REPEATED),
        ]


async def test_a_button_of_another_channel_is_refused(tmp_path):
    """A seal is good on the channel that it was sent by."""
    async with answering(tmp_path) as town:
        seal = town.seal(Act.ACK, channel="feishu")
        await sent(town, "wecom", wecom_call(seal, at_ms=town.now_ms))
        assert [each.result for each in town.stage.audits] == [ActionResult.NOT_ALLOWED]


async def test_the_console_of_wecom_is_answered(tmp_path):
    """With what it had encrypted; our clock is set to its time."""
    async with answering(tmp_path) as town:
        from tests.support.vendor_calls import NOW_MS

        town.now_ms = NOW_MS
        assert await sent(town, "wecom", wecom_challenge("8675309")) == (200, "8675309")


async def test_an_oversized_call_is_refused(tmp_path):
    """Before it is read to its end."""
    async with answering(tmp_path) as town:
        call = feishu_call("s", at_ms=town.now_ms)._replace(body=b"{" * (BODY_BYTES_MAX + 1))
        assert (await sent(town, "feishu", call))[0] == 413


@pytest.mark.parametrize(
    ("channel", "body", "status"),
    [
        pytest.param("wecom", b'<?xml version="1.0" encoding="bogus"?><xml/>', 400, id="wecom, an encoding of its own"),
        pytest.param("feishu", '{"encrypt":"中"}'.encode(), 400, id="feishu, no base64"),
        pytest.param("feishu", b'{"x":' + b"[" * 60_000, 400, id="feishu, deep"),
        pytest.param("ding", b'{"x":' + b"[" * 60_000, 401, id="dingtalk, not signed"),
    ],
)
async def test_what_a_stranger_sends_is_one_line_in_the_log(tmp_path, channel, body, status):
    """Refused as theirs, however often and whatever it is."""
    async with answering(tmp_path) as town:
        with capture_logs() as logged:
            for _ in range(3):
                async with town.client.post(f"/callbacks/{channel}", data=body) as answer:
                    assert answer.status == status
        assert [each["event"] for each in logged if each["log_level"] != "debug"] == ["answer_refused"]


async def test_bytes_that_are_no_text_are_refused(tmp_path):
    """In the signature of a header, and of a query, as they come over the wire."""
    async with answering(tmp_path) as town:
        port = town.client.port
        for line, header in (
            (b"POST /callbacks/ding", b"x-ddpaas-signature: \xff\r\n"),
            (b"POST /callbacks/ding", b"x-ddpaas-signature-timestamp: \xff\r\n"),
            (b"GET /callbacks/wecom?msg_signature=\xff", b""),
            (b"GET /callbacks/wecom?msg_signature=%FF&nonce=%ED%A0%80", b""),
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(line + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n" + header + b"\r\n")
            assert (await reader.readline()).split()[1] in {b"400", b"401"}, (line, header)
            writer.close()


async def test_nothing_that_was_sent_is_logged(tmp_path, capsys):
    """A line break, an escape or a secret in a call never reaches the log."""
    async with answering(tmp_path) as town:
        hostile = 'evil\n{"event": "forged"}\x1b[31m'
        await sent(town, "ding", dingtalk_call(hostile, user=hostile, at_ms=town.now_ms))
        await sent(town, "ding", dingtalk_call(town.seal(Act.ACK, channel="ding"), user=hostile, at_ms=town.now_ms))
        logged = capsys.readouterr()
        assert "evil" not in logged.out + logged.err
        assert "\x1b[31m" not in logged.out + logged.err
        (audit,) = town.stage.audits
        assert "\n" not in audit.actor
