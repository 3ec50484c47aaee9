"""The hint stream over real HTTP, without Kafka: who hears what, what comes back after a break, who is cut."""

import asyncio
import json
import os

import pytest
from aiohttp import WSServerHandshakeError

from agents.hints import feed
from agents.hints.access import SUBPROTOCOL, Access, HintRole
from agents.hints.reader import wall_ms
from agents.hints.streams import OPEN_PER_AGENT_MAX
from agents.settings import Hints
from agents.web.streams import QUEUED_MAX
from agents.web.tokens import AccessError, new_token
from schemas.evidence import Evidence
from tests.support.hint_streams import bearer, served, tokens_in

EVENTS, SOCKET, LATELY = "/api/hints/events", "/api/hints/socket", "/api/hints"
MINE = {"agent": "agent-17"}


@pytest.fixture
def guarded(tmp_path):
    """Settings with tokens of an agent and of a desk, and the tokens."""
    path, tokens = tokens_in(tmp_path, agent_17=HintRole.AGENT, callcentre=HintRole.DESK)
    return Hints(tokens_file=path), tokens


async def events_of(answer, count):
    """The next events of a stream: name, id, data."""
    found = []
    async with asyncio.timeout(60):
        while len(found) < count:
            lines = {}
            while line := (await answer.content.readline()).decode().rstrip("\n"):
                name, _, value = line.partition(": ")
                lines[name] = value
            if "event" in lines:
                found.append((lines["event"], lines.get("id", ""), json.loads(lines["data"])))
    return found


async def test_a_desktop_hears_its_own_agent_only(guarded):
    """An agent with the own token hears the own hints; a desk those of the agent that it names."""
    settings, tokens = guarded
    async with (
        served(settings) as server,
        server.client.get(EVENTS, headers=bearer(tokens["agent-17"])) as own,
        server.client.get(EVENTS, params={"agent": "agent-18"}, headers=bearer(tokens["callcentre"])) as desk,
    ):
        await server.opened(2)
        server.publish(1, "agent-18")
        server.publish(2, "agent-17")
        ((name, place, shown),) = await events_of(own, 1)
        assert (name, place, shown["hint_id"]) == ("hint", "0.2", "hint:2")
        assert [each["hint_id"] for _, _, each in await events_of(desk, 1)] == ["hint:1"]


async def test_nobody_else_hears_anything(guarded):
    """No token, a wrong one, an agent that asks for another's, a desk that names nobody: 401 on every address."""
    settings, tokens = guarded
    asked = [
        ({}, {}),
        ({}, bearer("guessed")),
        ({"agent": "agent-18"}, bearer(tokens["agent-17"])),
        ({}, bearer(tokens["callcentre"])),
        ({"token": tokens["agent-17"]}, {}),
    ]
    async with served(settings) as server:
        for query, headers in asked:
            for path in (EVENTS, SOCKET, LATELY):
                async with server.client.get(path, params=query, headers=headers) as answer:
                    assert answer.status == (400 if "token" in query else 401), (path, query)
                    assert "guessed" not in await answer.text()
        assert len(server.streams) == 0


async def test_a_browser_sends_its_token_as_a_subprotocol(guarded):
    """It can send no header with a WebSocket; the token is not echoed."""
    settings, tokens = guarded
    async with served(settings) as server:
        offered = (SUBPROTOCOL, f"bearer.{tokens['agent-17']}")
        async with server.client.ws_connect(SOCKET, protocols=offered) as socket:
            assert socket.protocol == SUBPROTOCOL
            await server.opened(1)
            place = server.publish(5)
            told = await socket.receive_json(timeout=60)
            assert (told["type"], told["id"], told["hint"]["advice"]) == ("hint", place, "先致歉 5")
        await server.opened(0)


@pytest.mark.parametrize("path", [EVENTS, LATELY])
async def test_whoever_comes_back_misses_nothing_and_sees_nothing_twice(path):
    """After the id that was seen last; without one a stream begins now, with `all=1` a quarter of an hour back."""
    async with served() as server:
        for number in range(4):
            server.publish(number)
        for query, expected in [
            ({"last_event_id": "0.1"}, ["hint:2", "hint:3"]),
            ({"all": "1"}, ["hint:0", "hint:1", "hint:2", "hint:3"]),
        ]:
            async with server.client.get(path, params=MINE | query) as answer:
                if path == EVENTS:
                    told = [each["hint_id"] for _, _, each in await events_of(answer, len(expected))]
                else:
                    told = [each["hint"]["hint_id"] for each in (await answer.json())["items"]]
                assert told == expected


async def test_what_is_forgotten_is_said():
    """An id older than the memory: the word `gap` comes first, over both protocols."""
    async with served() as server:
        server.memory.begin(0, 100)
        server.publish(100)
        headers = {"Last-Event-ID": "0.7"}
        async with server.client.get(EVENTS, params=MINE, headers=headers) as answer:
            assert [name for name, _, _ in await events_of(answer, 2)] == ["gap", "hint"]
        async with server.client.ws_connect(SOCKET, params=MINE | {"last_event_id": "0.7"}) as socket:
            assert [(await socket.receive_json(timeout=60))["type"] for _ in range(2)] == ["gap", "hint"]
        async with server.client.get(EVENTS, params=MINE, headers={"Last-Event-ID": "<script>"}) as answer:
            assert answer.status == 400
            assert "<script>" not in await answer.text()


async def test_a_drill_is_shown_to_whoever_asked_for_drills_and_to_nobody_else():
    """Not live, not from memory, not in the list."""
    async with served() as server:
        async with (
            server.client.get(EVENTS, params=MINE) as plain,
            server.client.get(EVENTS, params=MINE | {"drills": "1"}) as drilled,
        ):
            await server.opened(2)
            server.publish(1, test="drill-1")
            server.publish(2)
            assert [each["hint_id"] for _, _, each in await events_of(plain, 1)] == ["hint:2"]
            assert [each["hint_id"] for _, _, each in await events_of(drilled, 2)] == ["hint:1", "hint:2"]
        async with server.client.get(LATELY, params=MINE) as answer:
            assert [each["id"] for each in (await answer.json())["items"]] == ["0.2"]


async def test_a_desktop_that_reads_nothing_is_cut_and_the_others_hear_everything(monkeypatch):
    """More than waits for one and more than the network holds: one is ended and counted, the other sees all."""
    monkeypatch.setattr(feed, "WRITE_SECONDS", 0.5)
    async with served() as server:
        host, port = server.client.host, server.client.port
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(f"GET {EVENTS}?agent=agent-17 HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        async with server.client.ws_connect(SOCKET, params=MINE, max_msg_size=0) as socket:
            await server.opened(2)
            count = 0
            while not server.streams.cut_count:
                server.publish(count, advice="话" * 8_000)
                told = await socket.receive_json(timeout=60)
                assert told["hint"]["hint_id"] == f"hint:{count}"
                count += 1
            assert count > QUEUED_MAX
            await server.opened(1)
        assert len(await reader.read()) < count * 24_000  # the end comes before all of it
        writer.close()


async def test_a_silent_stream_beats(monkeypatch):
    """So that a desktop knows that it still hears."""
    monkeypatch.setattr(feed, "BEAT_SECONDS", 0.01)
    async with served() as server, server.client.get(EVENTS, params=MINE) as answer:
        async with asyncio.timeout(60):
            while await answer.content.readline() != b": beat\n":
                pass


async def test_a_token_that_is_taken_away_ends_its_stream(guarded, monkeypatch):
    """With the next beat or hint; the file is read again when it changes."""
    settings, tokens = guarded
    async with served(settings) as server, server.client.get(EVENTS, headers=bearer(tokens["agent-17"])) as answer:
        await server.opened(1)
        settings.tokens_file.write_text(new_token(HintRole.AGENT, "agent-99")[1], encoding="utf-8")
        os.utime(settings.tokens_file, (1, 1))
        server.publish(1)
        async with asyncio.timeout(60):
            assert b"hint:1" not in await answer.read()


async def test_an_agent_with_too_many_streams_waits():
    """A client that connects without end finds no more room; others do."""
    async with served() as server:
        streams = [await server.client.get(EVENTS, params=MINE) for _ in range(OPEN_PER_AGENT_MAX)]
        async with server.client.get(EVENTS, params=MINE) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
        async with server.client.get(EVENTS, params={"agent": "agent-18"}) as answer:
            assert answer.status == 200
        for each in streams:
            each.close()


async def test_pages_of_other_origins_stay_outside():
    """Refused unless named; a named page's browser is told that it may send the token."""
    async with served(Hints(allowed_origins=("https://desk.example.com",))) as server:
        foreign, named = {"Origin": "https://other.example.com"}, {"Origin": "https://desk.example.com"}
        async with server.client.get(EVENTS, params=MINE, headers=foreign) as answer:
            assert (answer.status, answer.headers.get("Access-Control-Allow-Origin")) == (403, None)
        with pytest.raises(WSServerHandshakeError):
            await server.client.ws_connect(SOCKET, params=MINE, headers=foreign)
        async with server.client.options(EVENTS, headers=named) as answer:
            assert answer.status == 204
            assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
        async with server.client.get(LATELY, params=MINE, headers=named) as answer:
            assert answer.headers["Access-Control-Allow-Origin"] == named["Origin"]


async def test_words_of_customers_are_masked_once_more():
    """Even where somebody wrote them raw onto our topic."""
    said = Evidence(
        rule="level.explicit:test", version="r1", utterance_id="u1", char_start=0, char_end=2,
        text_masked="打我手机13800138000，我要投诉", mark_start=18, mark_end=20,
    )  # fmt: skip
    async with served() as server:
        server.publish(1, evidence=(said,), keywords=("13900139000",))
        async with server.client.get(LATELY, params=MINE) as answer:
            text = await answer.text()
        assert "13800138000" not in text
        assert "13900139000" not in text


@pytest.mark.parametrize(
    "hints",
    [
        pytest.param({"host": "0.0.0.0"}, id="an address that others reach"),
        pytest.param({"public_url": "https://hints.example"}, id="a name that others know"),
        pytest.param({"proxy_addresses": ("127.0.0.1",)}, id="a proxy that brings others"),
    ],
)
def test_without_tokens_nobody_from_elsewhere_is_let_in(hints):
    """Whatever others come in by needs a file of tokens; this machine alone does not."""
    with pytest.raises(AccessError, match="TOCSIN_HINTS__TOKENS_FILE"):
        Access(Hints(**hints))
    assert Access(Hints()).is_open
    assert Access(Hints(public_url="http://localhost:9466")).is_open


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({"last_event_id": "0.10"}, ["0.11", "0.12"], id="comes back"),
        pytest.param({}, ["0.12"], id="begins now"),
        pytest.param({"all": "1"}, [f"0.{number}" for number in range(5, 13)], id="was just opened"),
    ],
)
async def test_a_desktop_that_comes_before_the_last_minutes_are_read_is_held(query, expected, monkeypatch):
    """After a restart: no gap where nothing was lost, nothing twice, and signs of life meanwhile."""
    monkeypatch.setattr(feed, "BEAT_SECONDS", 0.01)
    async with served(is_loaded=False) as server:
        async with server.client.get(LATELY, params=MINE) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        async with server.client.get(EVENTS, params=MINE | query) as answer:
            assert answer.status == 200
            assert await answer.content.readline() == b": beat\n"
            server.memory.begin(0, 5)
            for number in range(5, 12):
                server.publish(number, emitted_at=wall_ms() - 60_000)
            server.streams.begin()
            server.publish(12)  # before the desktop is let go
            told = await events_of(answer, len(expected))
            assert [(name, place) for name, place, _ in told] == [("hint", place) for place in expected]
            server.publish(13)
            assert [place for _, place, _ in await events_of(answer, 1)] == ["0.13"]


async def test_the_end_of_a_server_that_has_not_loaded_lets_desktops_go():
    """They come back to the next one; nobody is told of a gap that nobody knows of."""
    async with served(is_loaded=False) as server, server.client.get(EVENTS, params=MINE) as answer:
        await server.opened(1)
        server.streams.close()
        assert b"gap" not in await asyncio.wait_for(answer.read(), 60)
