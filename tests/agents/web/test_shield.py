"""The host's name is looked at for people and never for supervisors, who ask by a container's address."""

import pytest

from agents.settings import Board, Hints
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
