"""The doctor looks at the port for metrics and health, whatever kind of address it is on."""

import socket

import pytest

from agents.diagnosis.finding import Verdict
from agents.diagnosis.surroundings import check_ops_port

LOOPBACKS = [
    pytest.param("127.0.0.1", socket.AF_INET, id="IPv4"),
    pytest.param("::1", socket.AF_INET6, id="IPv6"),
]


@pytest.mark.parametrize(("host", "family"), LOOPBACKS)
def test_a_port_is_free_or_taken(monkeypatch, host, family):
    """Taken while something listens there, free afterwards."""
    with socket.create_server((host, 0), family=family) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("TOCSIN_OPS__HOST", host)
        monkeypatch.setenv("TOCSIN_OPS__PORT", str(port))
        assert [finding.verdict for finding in check_ops_port()] == [Verdict.ODD]
    (finding,) = check_ops_port()
    assert (finding.verdict, finding.detail) == (Verdict.GOOD, f"{host}:{port} is free")
