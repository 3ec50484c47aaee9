"""The files that one KRaft node reads: server.properties and its logging, and the ports it may take."""

import random
import socket
from pathlib import Path

HOST = "127.0.0.1"
# Below the range from which systems take ports for outgoing connections (32768 on Linux, 49152 elsewhere). A client
# that keeps calling a stopped broker there may be given that very port as its own, connect to itself, and keep the
# broker from coming back.
PORTS = range(20_000, 32_000)

_SERVER = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
# without it the first member of a group waits three seconds for others
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=16777216
# An index is mapped at its full size, a hole on disk; its first touch reads ahead as far as the disk's setting says.
# On a disk that reads ahead 8 MiB, ten MiB (Kafka's default) of every partition's two are half a second of silence now
# and then. One is enough for a segment of 350 MB.
log.index.size.max.bytes=1048576
"""

_LOGGING = """\
<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="ERROR">
  <Appenders>
    <File name="file" fileName="{log}"><PatternLayout pattern="%d{{ISO8601}} %-5p %c: %m%n"/></File>
  </Appenders>
  <Loggers><Root level="WARN"><AppenderRef ref="file"/></Root></Loggers>
</Configuration>
"""


def write_files(folder: Path, *, port: int, controller_port: int) -> None:
    """Write the node's configuration into `folder`."""
    data = _escaped(str(folder / "data"))
    server = _SERVER.format(host=HOST, port=port, controller_port=controller_port, data=data)
    (folder / "server.properties").write_text(server, encoding="ascii")
    (folder / "log4j2.xml").write_text(_LOGGING.format(log=folder / "server.log"), encoding="utf-8")


def _escaped(value: str) -> str:
    """A value of a properties file, which Java reads as Latin-1: other characters are written in UTF-16 code units."""
    units = value.replace("\\", "\\\\").encode("utf-16-be")
    codes = (int.from_bytes(units[at : at + 2]) for at in range(0, len(units), 2))
    return "".join(chr(code) if code < 0x80 else f"\\u{code:04x}" for code in codes)


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on, all different."""
    found: list[int] = []
    for port in random.SystemRandom().sample(PORTS, k=len(PORTS)):
        if is_free(port):
            found.append(port)
        if len(found) == count:
            break
    return found


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
