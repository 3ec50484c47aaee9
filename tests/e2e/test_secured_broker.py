"""A broker that asks for TLS and a password: the worker, Faust and every client of ours get in, others do not."""

import asyncio
import ipaddress
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agents.broker import Broker, config, process
from tests.support.cluster import ROOT, Cluster, wait_until
from tests.support.disruptions import WORKER, environment, is_ready
from tests.support.stories import chat_complaint
from tests.support.topics import write_records

pytestmark = pytest.mark.e2e  # its broker is its own, no fixture that the suite knows

USER, PASSWORD = "tocsin-worker", "correct-horse"
_SECURED = """
listeners=PLAINTEXT://{{host}}:{{port}},SASL_SSL://{{host}}:{port},CONTROLLER://{{host}}:{{controller_port}}
advertised.listeners=PLAINTEXT://{{host}}:{{port}},SASL_SSL://{{host}}:{port}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL
inter.broker.listener.name=PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
user_{user}="{password}";
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
"""


class Secured(NamedTuple):
    """A broker with two doors: one that is open to the test, one that asks who comes."""

    broker: Broker
    port: int
    certificate: Path

    def settings(self, **changes: str) -> dict[str, str]:
        """Settings of somebody who may come in, but for the changes; an empty one is left out."""
        security = {
            "PROTOCOL": "SASL_SSL", "CA_FILE": str(self.certificate), "USERNAME": USER, "PASSWORD": PASSWORD, **changes
        }  # fmt: skip
        return {
            **environment(f"{config.HOST}:{self.port}", "safe."),
            **{f"TOCSIN_SECURITY__{name}": value for name, value in security.items() if value},
        }


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """A broker of this file's own, with a certificate that only its CA file vouches for and one user."""
    folder = tmp_path_factory.mktemp("secured")
    (port,) = config.free_ports(1)
    certificate, keystore = write_certificate(folder)
    extra = _SECURED.format(port=port, user=USER, password=PASSWORD, keystore=keystore)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(config, "_SERVER", config._SERVER + extra)  # of a repeated key Java takes the last
        broker = Broker.start(folder / "own-kafka", is_brief=True)
    try:
        add_user(broker)
        yield Secured(broker, port, certificate)
    finally:
        broker.stop()


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this host that vouches for itself, and a file with its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a broker of a test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(config.HOST))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "broker.crt").write_bytes(public)
    (folder / "broker.pem").write_bytes(secret + public)
    return folder / "broker.crt", folder / "broker.pem"


def add_user(broker: Broker) -> None:
    """Tell the broker whom it may let in by SCRAM; PLAIN stands in its own settings."""
    tool = [*process._java(broker.folder), "kafka.admin.ConfigCommand", "--bootstrap-server", broker.bootstrap]
    user = ["--entity-type", "users", "--entity-name", USER]
    what = ["--alter", "--add-config", f"SCRAM-SHA-512=[password={PASSWORD}]"]
    subprocess.run([*tool, *user, *what], check=True, capture_output=True, timeout=120)


def tocsin(settings: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command as an operator types it."""
    return subprocess.run(
        [sys.executable, "-m", "agents.cli", *arguments],
        cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_a_worker_behind_tls_and_a_password(secured: Secured, tmp_path: Path) -> None:
    """SCRAM for the worker, PLAIN for the reader: a complaint goes in, its alert comes out."""
    with Cluster(tmp_path, secured.settings(), command=WORKER) as cluster:
        cluster.scale(1)
        wait_until(is_ready(cluster, 1), what="the worker takes its partitions over")
        asyncio.run(write_records(secured.broker.bootstrap, [chat_complaint("safe.")]))
        seen = tocsin(secured.settings(MECHANISM="PLAIN"), "tail", "alerts", "--from-start", "--count", "1", "--json")
        assert (seen.returncode, seen.stderr) == (0, "")
        assert json.loads(seen.stdout)["level"] == "explicit"
        assert not cluster.exits


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"PASSWORD": "wrong-horse"}, "SaslAuthenticationFailed", id="a wrong password by SCRAM"),
        pytest.param(
            {"PASSWORD": "wrong-horse", "MECHANISM": "PLAIN"},
            "SaslAuthenticationFailed",
            id="a wrong password by PLAIN",
        ),
        pytest.param(
            {"MECHANISM": "SCRAM-SHA-256"}, "UnsupportedSaslMechanism", id="a mechanism that it does not take"
        ),
        pytest.param({"CA_FILE": ""}, "CERTIFICATE_VERIFY_FAILED", id="nobody we trust vouches for the broker"),
    ],
)
def test_who_may_not_come_in_is_told_so(secured: Secured, changes: dict[str, str], why: str) -> None:
    """What was wrong and where to look, with exit code 3; no traceback, and no password on the screen."""
    done = tocsin(secured.settings(**changes), "topics", "plan")
    assert done.returncode == 3, done.stderr
    assert why in done.stderr
    assert "TOCSIN_SECURITY__" in done.stderr
    assert f"{config.HOST}:{secured.port}" in done.stderr
    assert "Traceback" not in done.stderr
    assert "horse" not in done.stdout + done.stderr
