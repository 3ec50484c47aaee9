"""The board over real HTTP, without Kafka: what it shows, to whom, and what never gets out."""

import asyncio
import json
from ipaddress import ip_network

import jsonschema
import msgspec
import pytest

from agents.backtest.saved import Backtest, save
from agents.board.heat import MINUTE_MS
from agents.board.openapi import document
from agents.board.reader import wall_ms
from agents.board.server import STATIC
from agents.board.words import names
from agents.settings import Board
from agents.web.shield import HEADERS, Rate, client_address
from agents.web.streams import QUEUED_MAX
from agents.web.tokens import new_token
from pipeline.incidents.roles import Role
from pipeline.places.provinces import REGIONS
from pipeline.rules.load import load_pack
from pipeline.rules.sections import NATURES
from pipeline.sla import house, parking
from schemas.actions import ActionKind, ActionSource, Verdict
from schemas.base import MAX_MILLIS
from schemas.feedback import Touchpoint
from schemas.kpis import Kpi
from schemas.sla_clocks import GoalKind
from schemas.vocabulary import AlertKind, ChannelClass, Level, ReasonGroup, ThreatGroup
from tests.support.backtests import comparison
from tests.support.boards import incident, quoted, served, ticket, window

PATHS = (
    "/api/status",
    "/api/regions",
    "/api/alerts",
    "/api/incidents",
    "/api/clocks",
    "/api/words",
    "/api/figures",
    "/api/natures",
)
SIGNS = {
    value
    for module in (parking, house)
    for name, value in vars(module).items()
    if name.isupper() and isinstance(value, str)
}
VERDICT = {"action_id": "a1", "action": "verdict", "verdict": "true", "region": "440000", "alert_id": "x"}


async def fill(board):
    """Something of everything, now."""
    now_ms = wall_ms()
    alert = quoted(1, "我要投诉，退钱", 2, 4, occurred_at=now_ms, emitted_at=now_ms, score=70)
    for value in (alert, window(now_ms - now_ms % MINUTE_MS), incident(1), ticket(1)):
        board.model.take(value)
    return alert


async def test_what_is_shown_fits_its_description(tmp_path):
    """Each answer of the API validates against the OpenAPI document, and each described path is there."""
    described = json.loads(msgspec.json.encode(document()))
    save(tmp_path, Backtest(7, 0, 7, comparison()))
    async with served(Board(backtests=tmp_path)) as board:
        alert = await fill(board)
        backtests = ("/api/backtests", "/api/backtests/7", "/api/backtests/run")
        for path in (*PATHS, *backtests, f"/api/alerts/{alert.alert_id}", "/api/incidents/i1"):
            status, body = await board.get(path)
            assert status == 200, path
            template = path if path in described["paths"] else path.rsplit("/", 1)[0] + "/{id}"
            content = described["paths"][template]["get"]["responses"]["200"]["content"]
            schema = {**content["application/json"]["schema"], "components": described["components"]}
            jsonschema.validate(body, schema)
        assert (await board.get("/api/openapi.json"))[1] == described
        routes = {route.resource.canonical for route in board.client.app.router.routes()}
        assert set(described["paths"]) <= routes


async def test_nothing_raw_gets_out():
    """Even where somebody wrote raw words and ids onto our topic; the mark stays on its words."""
    async with served() as board:
        text = "打我手机13800138000，我要投诉，身份证11010519491231002X"
        raw = quoted(7, text, 18, 20, keywords=("13900139000",), agent_id="agent-77", customer_key="hmac-secret")
        board.model.take(raw)
        board.model.take(incident(1, title="客户 13700137000"))
        told = "".join([json.dumps((await board.get(path))[1], ensure_ascii=False) for path in PATHS])
        for secret in ("13800138000", "13900139000", "13700137000", "11010519491231002X", "agent-77", "hmac-secret"):
            assert secret not in told
        (shown,) = (await board.get("/api/alerts"))[1]["items"]
        (quote,) = shown["quotes"]
        assert quote["text"][quote["mark_start"] : quote["mark_end"]] == "投诉"


async def test_a_mistake_in_a_query_is_told_and_not_echoed():
    """What was expected, never what was given."""
    async with served() as board:
        for query in (
            "level=<script>",
            "region=<script>",
            "limit=<script>",
            "before=<script>",
            "<script>=1",
            "limit=501",
        ):
            status, body = await board.get(f"/api/alerts?{query}")
            assert (status, "script" in body) == (400, False), query
            assert "expected" in body
        assert (await board.get("/api/alerts/none"))[0] == 404


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(f"/api/alerts?before={'9' * 5_000}", id="before which moment"),
        pytest.param(f"/api/alerts?before={MAX_MILLIS + 1}:x", id="a moment that no calendar has"),
        pytest.param("/api/alerts?before=１２:x", id="digits of another script"),
        pytest.param(f"/api/alerts?limit={'9' * 5_000}", id="how many alerts"),
        pytest.param(f"/api/incidents?offset={'9' * 5_000}", id="after how many incidents"),
        pytest.param(f"/api/clocks?limit={'9' * 5_000}", id="how many clocks"),
    ],
)
async def test_a_number_that_nobody_can_read_is_a_mistake_too(path):
    """Python itself raises at a number of thousands of digits."""
    async with served() as board:
        status, body = await board.get(path)
        assert (status, "expected" in body) == (400, True)


async def test_a_page_of_nothing_is_answered():
    """A program that only wants the total."""
    async with served() as board:
        await fill(board)
        assert await board.get("/api/alerts?limit=0") == (200, {"items": [], "total": 1, "next": ""})


async def raw(board, *headers, request=b"GET /api/status HTTP/1.1"):
    """The status of an answer to headers that no HTTP library would send."""
    url = board.client.make_url("/")
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(b"\r\n".join((request, *headers, b"Connection: close", b"", b"")))
    line = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    return int(line.split()[1])


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        pytest.param({}, 400, id="this machine"),
        pytest.param({"public_url": "https://board.example"}, 400, id="a public name"),
    ],
)
async def test_a_host_that_is_no_name_is_refused(settings, status, tmp_path):
    """As a mistake of whoever asks, not as one of ours."""
    (tmp_path / "tokens").touch()
    async with served(Board(**settings, tokens_file=tmp_path / "tokens")) as board:
        assert await raw(board, b"Host: [") == status


async def test_bytes_that_are_no_text_let_nobody_in(tmp_path):
    """A token or a cookie of bytes that are no UTF-8 is an unknown one, whatever else would let in."""
    path = tmp_path / "tokens"
    path.write_text(new_token(Role.VIEWER, "wall")[1], encoding="utf-8")
    async with served(Board(tokens_file=path)) as board:
        for header in (
            b"Authorization: Bearer \xff",
            b"Authorization: Bearer \xed\xb0\x80",
            b"Cookie: tocsin_board=\xff",
        ):
            assert await raw(board, b"Host: 127.0.0.1", header) == 401
        for body in (b'{"token": "\xff"}', b'{"token": 5}', b"[", b""):
            headers = {"Content-Type": "application/json"}
            async with board.client.post("/login", data=body, headers=headers) as answer:
                assert (answer.status, await answer.text()) == (400, "expected a token\n")


async def test_every_answer_wears_the_headers():
    """Also a refusal; scripts and styles come from here alone and none stands in the page."""
    async with served() as board:
        for path in ("/", "/static/main.js", "/api/status", "/nowhere"):
            async with board.client.get(path) as answer:
                assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert "unsafe" not in HEADERS["Content-Security-Policy"]
        page = (STATIC / "index.html").read_text(encoding="utf-8")
        assert "<style" not in page
        assert " style=" not in page
        assert "<script>" not in page
        assert "://" not in page
    for path in STATIC.glob("*.js"):
        assert "innerHTML" not in path.read_text(encoding="utf-8")


async def test_nobody_is_shown_anything_before_the_login(tmp_path):
    """No data path answers; the page itself, which holds no data, does. A login opens them, a logout closes them."""
    token, line = new_token(Role.VIEWER, "wall")
    path = tmp_path / "tokens"
    path.write_text(line, encoding="utf-8")
    async with served(Board(tokens_file=path)) as board:
        for each in (*PATHS, "/api/me", "/api/events", "/api/alerts/x", "/api/incidents/x"):
            assert await board.get(each) == (401, "token\n"), each
        assert (await board.get("/"))[0] == 200
        assert (await board.post("/login", {"token": "wrong"}))[0] == 401
        async with board.client.post("/login", json={"token": token}) as answer:
            assert "HttpOnly" in answer.headers["Set-Cookie"]
            assert "SameSite=Strict" in answer.headers["Set-Cookie"]
        me = {"name": "wall", "role": "viewer", "may": [], "can_log_out": True, "grafana_url": ""}
        assert (await board.get("/api/me"))[1] == me
        assert (await board.post("/api/actions", VERDICT))[0] == 403
        await board.post("/logout", {})
        assert (await board.get("/api/status"))[0] == 401
        assert (await board.get("/api/status", Authorization=f"Bearer {token}"))[0] == 200


async def test_an_action_is_written_under_the_name_that_logged_in():
    """Whatever the body says of who acts; a wrong body is told with its field."""
    async with served() as board:
        assert (await board.post("/api/actions", VERDICT))[0] == 202
        (action,) = board.written.actions
        assert (action.actor, action.source, action.verdict) == ("local", ActionSource.BOARD, Verdict.TRUE)
        assert action.action is ActionKind.VERDICT
        for wrong in ({}, VERDICT | {"actor": "me"}, VERDICT | {"verdict": None}, VERDICT | {"action": "x"}):
            assert (await board.post("/api/actions", wrong))[0] == 400
        assert (await board.post("/api/actions", VERDICT | {"action": "close_high_risk"}))[0] == 403
        assert len(board.written.actions) == 1
        assert [each.action for each in board.written.refused] == [ActionKind.CLOSE_HIGH_RISK]


async def test_a_program_comments_silences_and_judges(tmp_path):
    """With a token of its own and as far as its role goes; what it may not do is kept for the audit."""
    about = {"region": "440000", "incident_id": "i1"}
    matchers = [{"name": "incident_id", "value": "i1"}]
    asked = (
        {"action": "comment", "note": "客户手机13800138000，已回电", "action_id": "a1"} | about,
        {"action": "verdict", "verdict": "handled", "action_id": "a2"} | about,
        {"action": "silence", "silence": {"matchers": matchers, "starts_at": 1, "ends_at": 2}, "action_id": "a3"}
        | about,
        {"action": "consent", "silence_id": "a3", "action_id": "a4"} | about,
        {"action": "unsilence", "silence_id": "a3", "action_id": "a5"} | about,
    )
    (desk, desk_line), (chief, chief_line) = new_token(Role.OPERATOR, "desk"), new_token(Role.ADMIN, "chief")
    path = tmp_path / "tokens"
    path.write_text(f"{desk_line}\n{chief_line}\n", encoding="utf-8")
    async with served(Board(tokens_file=path)) as board:
        for token, answers in ((desk, [202, 202, 403, 403, 403]), (chief, [202] * 5)):
            authorization = {"Authorization": f"Bearer {token}"}
            assert [(await board.post("/api/actions", each, **authorization))[0] for each in asked] == answers
            unnamed = {"action": "consent", "action_id": "a6"} | about
            assert (await board.post("/api/actions", unnamed, **authorization))[0] == 400
        assert {each.source for each in board.written.actions} == {ActionSource.API}
        assert [each.actor for each in board.written.actions] == ["desk"] * 2 + ["chief"] * 5
        assert [(each.actor, each.action) for each in board.written.refused] == [
            ("desk", ActionKind.SILENCE),
            ("desk", ActionKind.CONSENT),
            ("desk", ActionKind.UNSILENCE),
        ]
        assert "13800138000" not in board.written.actions[0].note


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param(
            {"Origin": "https://elsewhere.example", "Content-Type": "application/json"}, 403, id="another origin"
        ),
        pytest.param({"Origin": "http://[", "Content-Type": "application/json"}, 403, id="an origin that is none"),
        pytest.param({"Host": "elsewhere.example"}, 421, id="another name for this machine"),
        pytest.param({"Content-Type": "text/plain"}, 415, id="a plain form"),
    ],
)
async def test_another_site_cannot_act(headers, status):
    """A page elsewhere in the same browser gets nothing done."""
    async with served() as board:
        async with board.client.post("/api/actions", data=json.dumps(VERDICT), headers=headers) as answer:
            assert answer.status == status
        assert not board.written.actions


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        pytest.param("https://board.example:8443", 202, id="our page, by its public name"),
        pytest.param("https://board.example", 403, id="another port of our machine"),
        pytest.param("https://elsewhere.example", 403, id="another site"),
        pytest.param("null", 403, id="a page that hides where it comes from"),
    ],
)
async def test_a_proxy_may_ask_by_a_name_of_its_own(origin, status, tmp_path):
    """Where it does not keep the name that people typed, the page is known by the public one."""
    token, line = new_token(Role.OPERATOR, "desk")
    (tmp_path / "tokens").write_text(line, encoding="utf-8")
    async with served(Board(public_url="https://board.example:8443", tokens_file=tmp_path / "tokens")) as board:
        headers = {"Origin": origin, "Authorization": f"Bearer {token}"}
        assert (await board.post("/api/actions", VERDICT, **headers))[0] == status


async def test_too_many_tries_are_slowed_down(tmp_path):
    """Guessing tokens comes to an end soon."""
    path = tmp_path / "tokens"
    path.write_text(new_token(Role.VIEWER, "wall")[1], encoding="utf-8")
    async with served(Board(tokens_file=path)) as board:
        found = []
        while 429 not in found and len(found) < 200:  # a slow machine takes a while for twenty
            found.append((await board.post("/login", {"token": str(len(found))}))[0])
    assert found[0] == 401
    assert 20 <= len(found) < 200


def test_a_rate_refills():
    """So many at once, then so many a second; another address has its own."""
    now = [0.0]
    rate = Rate(burst=2, per_second=1, clock=lambda: now[0])
    assert [rate.takes("a") for _ in range(3)] == [True, True, False]
    assert rate.takes("b")
    now[0] = 1.0
    assert [rate.takes("a") for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ("peer", "forwarded", "whose"),
    [
        pytest.param("10.0.0.1", "203.0.113.7", "203.0.113.7", id="behind the proxy"),
        pytest.param("10.0.0.1", "1.1.1.1, 203.0.113.7, 10.0.0.2", "203.0.113.7", id="behind two, with a made-up hop"),
        pytest.param("192.0.2.9", "203.0.113.7", "192.0.2.9", id="not our proxy: its word counts for nothing"),
        pytest.param("10.0.0.1", "", "10.0.0.1", id="a proxy that does not say"),
        pytest.param("10.0.0.1", "nonsense", "nonsense", id="no address"),
    ],
)
def test_limits_are_for_people_not_for_their_proxy(peer, forwarded, whose):
    """Else two hundred boards behind one proxy would be one impatient client."""
    assert client_address(peer, forwarded, [ip_network("10.0.0.0/8")]) == whose


async def test_readiness_follows_trust():
    """A balancer sends nobody to a board that cannot be believed."""
    async with served() as board:
        assert (await board.get("/readyz"))[0] == 200
        board.reader.facts = type(board.reader.facts)()
        status, body = await board.get("/readyz")
        assert (status, body["trust"]) == (503, "loading")
        assert (await board.get("/livez"))[0] == 200


async def read_event(stream, name):
    """The next event of a name."""
    while True:
        lines = (await asyncio.wait_for(stream.content.readuntil(b"\n\n"), 10)).decode().splitlines()
        if f"event: {name}" in lines:
            return json.loads(next(line for line in lines if line.startswith("data: "))[6:])


async def test_the_stream_tells_what_changed():
    """Status at once, then alerts and tiles as they come; a flood says to load again."""
    async with served() as board:
        beat = asyncio.create_task(board.live.run())
        async with board.client.get("/api/events") as stream:
            assert stream.content_type == "text/event-stream"
            assert (await read_event(stream, "status"))["trust"] == "live"
            alert = await fill(board)
            update = await read_event(stream, "update")
            assert [each["id"] for each in update["alerts"]] == [alert.alert_id]
            assert [each["id"] for each in update["incidents"]] == ["i1"]
            assert "440000" in {tile["region"] for tile in await read_event(stream, "tiles")}
            for number in range(2, 600):
                board.model.take(quoted(number, "投诉"))
            assert await read_event(stream, "reload") == {}
        beat.cancel()


async def test_a_page_that_does_not_keep_up_is_let_go():
    """One slow phone costs nobody anything: its stream ends and it loads again."""
    async with served() as board, board.hub.listen() as messages:
        for number in range(QUEUED_MAX + 1):
            board.hub.publish("update", number)
        assert [message async for message in messages] == []
        assert len(board.hub) == 1
    assert len(board.hub) == 0


def test_everything_has_a_name_in_both_languages():
    """Every value of every vocabulary that the page shows."""
    known = names()
    wanted = {
        "region": REGIONS,
        "level": Level,
        "reason": ReasonGroup,
        "threat": ThreatGroup,
        "channel": ChannelClass,
        "kind": AlertKind,
        "clock": GoalKind,
        "parking": SIGNS,
        "figure": Kpi,
        "touchpoint": Touchpoint,
        "nature": NATURES,
        "topic": {leaf.id for leaf in load_pack().reasons},
    }
    assert {name: set(values) for name, values in known.items()} == {name: set(each) for name, each in wanted.items()}
    assert all(zh and en and zh != en for values in known.values() for zh, en in values.values())
