"""Links over real HTTP, with the real stage behind: looking does nothing, confirming acts once."""

import asyncio

import pytest
from aiohttp.test_utils import TestClient, TestServer
from multidict import CIMultiDict
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from agents.answer.metrics import AnswerMetrics
from agents.answer.server import BODY_BYTES_MAX, AnswerServer
from agents.answer.taking import Taking
from agents.settings import Answer
from pipeline.answers.acts import Act
from pipeline.answers.seals import Keys
from schemas.actions import ActionKind, ActionSource, Verdict
from schemas.audits import ActionResult
from schemas.incidents import IncidentState
from tests.support.alerts import MINUTE
from tests.support.answers import ENVIRONMENT, answering, confirm, form_of

HOST = {"Host": "answer.example.com"}


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """The secrets that the file points to; those by which messages are sent are not there, and not missed."""
    for name, value in ENVIRONMENT.items():
        if name != "APP_SECRET":
            monkeypatch.setenv(name, value)


async def test_a_preview_acts_nothing(tmp_path):
    """However often a chat tool looks at the link: the page asks, and nothing has happened."""
    async with answering(tmp_path) as town:
        for _ in range(3):
            async with town.client.get(f"/a/{town.seal(Act.ACK)}", headers=HOST) as answer:
                assert answer.status == 200
                page = await answer.text()
        async with town.client.head(f"/a/{town.seal(Act.ACK)}", headers=HOST) as answer:
            assert answer.status == 200
        assert "确认：由我处理，停止升级？" in page
        assert town.incident.title.split(" · ")[0] in page
        assert town.stage.audits == []
        assert town.incident.state is IncidentState.OPEN


async def test_who_confirms_has_acted(tmp_path):
    """Under the name that the link was sent to, by the way that it came."""
    async with answering(tmp_path) as town:
        status, told = await confirm(town.client, town.seal(Act.ACK), note="马上回电13800138000")
        assert (status, "已完成" in told) == (200, True)
        assert town.incident.acked_by == "duty-1"
        (audit,) = town.stage.audits
        assert (audit.actor, audit.source, audit.action) == ("duty-1", ActionSource.LINK, ActionKind.ACK)
        assert "马上回电" in audit.note
        assert "13800138000" not in audit.note


async def test_a_replayed_link_is_refused(tmp_path):
    """By the same server, by another one that knows nothing of the first, and after a restart of the stage."""
    async with answering(tmp_path) as town, town.another() as elsewhere:
        assert (await confirm(town.client, town.seal(Act.ACK)))[0] == 200
        for client in (town.client, elsewhere):
            status, told = await confirm(client, town.seal(Act.ACK))
            assert (status, "已经使用过" in told) == (409, True)
        assert [each.result for each in town.stage.audits] == [ActionResult.TAKEN, *[ActionResult.REPEATED] * 2]


async def test_every_button_has_its_page(tmp_path):
    """Each act of an administrator is asked about and taken."""
    async with answering(tmp_path) as town:
        for act in (Act.SILENCE, Act.COMMENT, Act.RIGHT, Act.HANDLED, Act.FALSE_ALARM, Act.ACK, Act.RESOLVE):
            assert (await confirm(town.client, town.seal(act, "manager-1"), note="备注一下"))[0] == 200, act
        assert {each.result for each in town.stage.audits} == {ActionResult.TAKEN}
        assert [each.verdict for each in town.stage.audits if each.verdict] == [
            Verdict.TRUE,
            Verdict.HANDLED,
            Verdict.FALSE_ALARM,
        ]
        assert town.incident.state is IncidentState.RESOLVED


async def test_an_old_link_says_so(tmp_path):
    """When it is opened; and when a page that was open all the time is sent."""
    async with answering(tmp_path) as town:
        seal = town.seal(Act.ACK)
        async with town.client.get(f"/a/{seal}", headers=HOST) as answer:
            form, session = form_of(await answer.text()), answer.cookies["tocsin_answer"].value
        town.now_ms += 60 * MINUTE
        async with town.client.get(f"/a/{seal}", headers=HOST) as answer:
            assert (answer.status, "已过期" in await answer.text()) == (410, True)
        headers = HOST | {"Cookie": f"tocsin_answer={session}"}
        async with town.client.post(f"/a/{seal}", data={"form": form}, headers=headers) as answer:
            assert answer.status == 410
        assert [each.result for each in town.stage.audits] == [ActionResult.EXPIRED]
        assert town.incident.state is IncidentState.OPEN


async def test_a_forged_link_opens_nothing(tmp_path):
    """Made with another key, or with one sign changed."""
    async with answering(tmp_path) as town:
        forged = Keys([b"x" * 32]).seal(town.offer(Act.ACK))
        for seal in (forged, town.seal(Act.ACK)[:-1] + "!", "nothing", "a.b.c"):
            async with town.client.get(f"/a/{seal}", headers=HOST) as answer:
                assert answer.status == 404
            async with town.client.post(f"/a/{seal}", data={"form": "x"}, headers=HOST) as answer:
                assert answer.status == 404
        assert town.counted("link", "forged") == 8
        assert town.stage.audits == []


@pytest.mark.parametrize(
    ("changes", "form"),
    [
        pytest.param({}, "right", id="no cookie: another site sent the form"),
        pytest.param({"Cookie": "tocsin_answer=another"}, "right", id="the cookie of another session"),
        pytest.param({"Cookie": "own"}, "", id="no form"),
        pytest.param({"Cookie": "own"}, "other", id="the form of another link"),
        pytest.param({"Cookie": "own", "Origin": "https://elsewhere.example"}, "right", id="another origin"),
        pytest.param({"Cookie": "own", "Origin": "null"}, "right", id="an origin that hides"),
        pytest.param({"Cookie": "own", "Host": "elsewhere.example"}, "right", id="another name for this server"),
    ],
)
async def test_another_site_cannot_confirm(tmp_path, changes, form):
    """CSRF: a form counts where it came from our own page in the same browser."""
    async with answering(tmp_path) as town:
        seal = town.seal(Act.ACK)
        async with town.client.get(f"/a/{seal}", headers=HOST) as answer:
            cookie = answer.cookies["tocsin_answer"]
            forms = {"right": form_of(await answer.text()), "": ""}
            assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Strict", True)
        forms["other"] = town.loaded.keys.form(cookie.value, town.seal(Act.RESOLVE))
        headers = HOST | changes
        if headers.get("Cookie") == "own":
            headers["Cookie"] = f"tocsin_answer={cookie.value}"
        town.client.session.cookie_jar.clear()
        async with town.client.post(f"/a/{seal}", data={"form": forms[form]}, headers=headers) as answer:
            assert answer.status == 404
        assert town.stage.audits == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        pytest.param("application/x-www-form-urlencoded", b"form=\xff\xfe", id="no UTF-8"),
        pytest.param("application/x-www-form-urlencoded; charset=bogus", b"a=b", id="an encoding that nobody knows"),
        pytest.param("application/x-www-form-urlencoded; charset=hex", b"a=b", id="an encoding that is not of text"),
        pytest.param("application/json", b"{}", id="no form"),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused(tmp_path, kind, body):
    """As a request of theirs that is wrong, and in the log one line for all of them."""
    async with answering(tmp_path) as town:
        with capture_logs() as logged:
            for _ in range(3):
                async with town.client.post("/a/x", data=body, headers=HOST | {"Content-Type": kind}) as answer:
                    assert answer.status == 400
        assert [each["outcome"] for each in logged if each["event"] == "answer_refused"] == ["unusable"]
        assert town.counted("link", "unusable") == 3


@pytest.mark.parametrize("header", ["Host", "Origin"])
async def test_an_address_that_cannot_be_read_is_another_site(tmp_path, header):
    """A bracket that is not closed: no page, and no error of ours."""
    async with answering(tmp_path) as town:
        headers = HOST | {header: {"Host": "[", "Origin": "http://["}[header]}
        async with town.client.get(f"/a/{town.seal(Act.ACK)}", headers=headers) as answer:
            assert answer.status == 404
        assert town.counted("link", "forged") == 1


async def test_a_group_acts_as_a_group(tmp_path):
    """A link that a whole chat group was sent says which group."""
    async with answering(tmp_path) as town:
        assert (await confirm(town.client, town.seal(Act.ACK, "group")))[0] == 200
        assert town.incident.acked_by == "channel:feishu"


async def test_while_kafka_is_away_nothing_is_lost_in_silence(tmp_path):
    """The page says that nothing was saved; the same link works when it is back."""
    async with answering(tmp_path) as town:
        town.stage.is_away = True
        status, told = await confirm(town.client, town.seal(Act.ACK))
        assert (status, "请重试" in told) == (503, True)
        town.stage.is_away = False
        assert (await confirm(town.client, town.seal(Act.ACK)))[0] == 200


async def test_sizes_and_kinds_of_bodies(tmp_path):
    """More than a form needs is refused before it is read; so is anything that is no form."""
    async with answering(tmp_path) as town:
        big = {"form": "x", "note": "长" * BODY_BYTES_MAX}
        async with town.client.post(f"/a/{town.seal(Act.ACK)}", data=big, headers=HOST) as answer:
            assert answer.status == 413
        async with town.client.post(f"/a/{town.seal(Act.ACK)}", json={"form": "x"}, headers=HOST) as answer:
            assert answer.status == 400
        assert town.stage.audits == []


async def test_a_body_that_never_comes_is_not_waited_for(tmp_path):
    """Whoever sends a byte now and then holds nothing up."""

    async def drip():
        yield b"form="
        await asyncio.Event().wait()

    async with answering(tmp_path) as town:
        headers = HOST | {"Content-Type": "application/x-www-form-urlencoded"}
        async with town.client.post(f"/a/{town.seal(Act.ACK)}", data=drip(), headers=headers) as answer:
            assert answer.status == 408
        assert town.counted("link", "too_slow") == 1


async def test_who_tries_too_often_waits(tmp_path):
    """Guessing comes to an end soon."""
    async with answering(tmp_path) as town:
        statuses = []
        for number in range(70):
            async with town.client.get(f"/a/k.{number}.m", headers=HOST) as answer:
                statuses.append(answer.status)
        assert statuses[0] == 404
        assert statuses[-1] == 429


async def test_a_proxy_may_add_a_line_of_its_own(tmp_path):
    """Who tries has one rate, whatever lines of that name came before the proxy's own."""
    async with answering(tmp_path) as town:
        settings = Answer(proxy_addresses=("127.0.0.0/8",))
        taking = Taking(town.stage, town.witness, now_ms=lambda: town.now_ms)
        server = AnswerServer(settings, town.loaded, taking, town.witness, AnswerMetrics(CollectorRegistry()))
        async with TestClient(TestServer(server.application())) as client:
            statuses = []
            for number in range(70):
                claims = [("X-Forwarded-For", f"198.51.100.{number}"), ("X-Forwarded-For", "203.0.113.9")]
                async with client.get(f"/a/k.{number}.m", headers=CIMultiDict([*HOST.items(), *claims])) as answer:
                    statuses.append(answer.status)
    assert (statuses[0], statuses[-1]) == (404, 429)


async def test_pages_hold_nothing_that_runs(tmp_path):
    """Whatever the title of an incident says; headers forbid the rest, also on a refusal."""
    async with answering(tmp_path) as town:
        from msgspec.structs import replace

        hostile = "</p><script>alert(1)</script><img src=x onerror=alert(1)> $form ${form} {{7*7}} {% raw %}"
        town.witness.take(replace(town.incident, title=hostile, acked_by="<b>x</b>"))
        async with town.client.get(f"/a/{town.seal(Act.ACK)}", headers=HOST) as answer:
            page = await answer.text()
        assert "<script" not in page
        assert "<img" not in page
        assert "<b>x" not in page
        assert "{{7*7}}" in page  # text, not a template
        assert "$form ${form}" in page
        for path in (f"/a/{town.seal(Act.ACK)}", "/a/x", "/static/answer.css", "/nowhere"):
            async with town.client.get(path, headers=HOST) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert answer.headers["X-Frame-Options"] == "DENY"
                assert answer.headers["Referrer-Policy"] == "same-origin"
                assert answer.headers["Cache-Control"] == "no-store"
                assert answer.headers["Server"] == "tocsin"
