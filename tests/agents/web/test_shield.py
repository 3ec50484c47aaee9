"""The host's name is looked at for people and never for supervisors, who ask by a container's address."""

from ipaddress import ip_network

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from agents.settings import Board, Hints
from agents.web.shield import client_of
from tests.support import boards, hint_streams

PUBLIC = {"host": "0.0.0.0", "public_url": "https://tocsin.example.com"}
KUBELET = "10.244.1.7:9465"


@pytest.mark.parametrize(
    "board",
    [
        pytest.param(PUBLIC, id="a public name"),
        pytest.param({"host": "0.0.0.0"}, id="none"),
        pytest.param({}, id="this machine alone"),
    ],
)
async def test_a_board_is_probed_by_address(board, tmp_path):
    """Whatever its public name is; else it would never become ready in a cluster."""
    (tmp_path / "tokens").touch()
    async with boards.served(Board(**board, tokens_file=tmp_path / "tokens")) as served:
        assert await served.get("/livez", Host=KUBELET) == (200, {"ok": True})
        assert (await served.get("/readyz", Host=KUBELET))[0] in {200, 503}


async def test_a_hint_server_is_probed_by_address(tmp_path):
    """The same shield, the same probe."""
    (tmp_path / "tokens").touch()
    async with hint_streams.served(Hints(**PUBLIC, tokens_file=tmp_path / "tokens")) as served:
        async with served.client.get("/livez", headers={"Host": KUBELET}) as answer:
            assert answer.status == 200
        async with served.client.get("/api/hints", headers={"Host": KUBELET}) as answer:
            assert answer.status == 421


@pytest.mark.parametrize("path", ["/", "/api/alerts", "/livez/", "/livez/../api/alerts", "/login/begin", "/metrics"])
async def test_only_the_probes_are_let_past(path, tmp_path):
    """Everything else is for those who typed the public name."""
    (tmp_path / "tokens").touch()
    async with boards.served(Board(**PUBLIC, tokens_file=tmp_path / "tokens")) as served:
        assert (await served.get(path, Host=KUBELET))[0] == 421
        assert (await served.get(path, Host="tocsin.example.com"))[0] != 421


@pytest.mark.parametrize(
    ("lines", "whose"),
    [
        pytest.param([], "10.0.0.1", id="a proxy that does not say"),
        pytest.param(["203.0.113.7"], "203.0.113.7", id="one line"),
        pytest.param(["1.1.1.1", "203.0.113.7"], "203.0.113.7", id="made up by a client, and the proxy's"),
        pytest.param(["1.1.1.1, 203.0.113.7", "10.0.0.2"], "203.0.113.7", id="two proxies, each with a line"),
    ],
)
def test_every_line_of_the_proxies_is_read(lines, whose):
    """One that adds a line, as HAProxy does, leaves what a client wrote in the first: it is not believed."""
    headers = CIMultiDict([("X-Forwarded-For", line) for line in lines])
    request = make_mocked_request("GET", "/", headers).clone(remote="10.0.0.1")
    assert client_of(request, [ip_network("10.0.0.0/8")]) == whose
