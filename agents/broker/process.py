"""One Kafka node in a folder of its own: started, asked until it answers, stopped; its data and ports stay.

Only a process that this code started is ever ended, and only while its start time and command are the recorded ones.
"""

import base64
import json
import signal
import subprocess
import time
import uuid
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Self

from agents.broker import config, distribution
from agents.broker.identity import identity, is_alive, signal_if_same
from agents.broker.readiness import answers
from agents.broker_errors import BrokerError

READY_WITHIN = timedelta(seconds=90)  # 4 s on an idle machine; slow disks and full CPUs take their time
STOP_WITHIN = timedelta(seconds=30)
_STATE = "broker.json"
_POLL_SECONDS = 0.1
_JVM_FLAGS = ("-Xms256m", "-Xmx1g", "-XX:+UseSerialGC", "-Xshare:auto")
_BRIEF_FLAGS = ("-XX:TieredStopAtLevel=1",)  # starts with two thirds of the processor time
# Records of a year ago stay: half a minute after its start a broker looks for what is past its topic's retention.
_BRIEF_OVERRIDES = ("--override", "log.initial.task.delay.ms=86400000")
_children: dict[int, "subprocess.Popen[bytes]"] = {}  # to be reaped here, else they stay as zombies


@dataclass(frozen=True, slots=True)
class Broker:
    """A running node: where it listens, where it lives, and which process it is."""

    folder: Path
    port: int
    controller_port: int
    pid: int
    identity: str

    @property
    def bootstrap(self) -> str:
        """What clients take as bootstrap server."""
        return f"{config.HOST}:{self.port}"

    @classmethod
    def start(
        cls, folder: Path, *, port: int | None = None, ready_within: timedelta = READY_WITHIN, is_brief: bool = False
    ) -> Self:
        """Start a node in `folder` and wait until it answers; what the folder holds already is kept, ports too.

        One that is brief runs for minutes: it starts sooner, would be slower under a load for hours, and keeps records
        of any age.
        """
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        with distribution.locked(folder / "lock"):
            running = cls.running(folder)
            if running is not None:
                raise BrokerError(f"a broker runs in {folder} already (pid {running.pid}, {running.bootstrap})")
            known = cls._recorded(folder)
            main, controller = (known.port, known.controller_port) if known else config.free_ports(2)
            return cls._launch(folder, port or main, controller, is_brief=is_brief, ready_within=ready_within)

    @classmethod
    def running(cls, folder: Path) -> Self | None:
        """The node that runs in `folder`, whoever started it there; None where there is none."""
        known = cls._recorded(folder)
        return known if known is not None and known.is_alive() else None

    @classmethod
    def _recorded(cls, folder: Path) -> Self | None:
        try:
            state = json.loads((folder / _STATE).read_text(encoding="utf-8"))
            return cls(**{**state, "folder": folder.resolve()})
        except (FileNotFoundError, ValueError, TypeError):
            return None

    @classmethod
    def _launch(cls, folder: Path, port: int, controller_port: int, *, is_brief: bool, ready_within: timedelta) -> Self:
        flags, overrides = (_BRIEF_FLAGS, _BRIEF_OVERRIDES) if is_brief else ((), ())
        for number in (port, controller_port):
            if not config.is_free(number):
                raise BrokerError(f"port {number} is taken by another program")
        config.write_files(folder, port=port, controller_port=controller_port)
        _format(folder)
        with (folder / "output.log").open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - our own command line
                [*_java(folder, *_JVM_FLAGS, *flags), "kafka.Kafka", str(folder / "server.properties"), *overrides],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for us; we stop the broker last
            )
        _children[process.pid] = process
        broker = cls(folder, port, controller_port, process.pid, identity(process.pid) or "")
        state = {**asdict(broker), "folder": str(folder)}
        (folder / _STATE).write_text(json.dumps(state), encoding="utf-8")
        try:
            broker._wait_until_ready(ready_within)
        except BaseException:  # Ctrl-C too: what we started ends with us
            broker.stop()
            raise
        return broker

    def _wait_until_ready(self, within: timedelta) -> None:
        deadline = time.monotonic() + within.total_seconds()
        while not answers(self.bootstrap):
            if not self.is_alive():
                raise BrokerError(f"Kafka ended while it started: {_last_words(self.folder)}")
            if time.monotonic() > deadline:
                seconds = f"{within.total_seconds():.0f} s"
                raise BrokerError(f"Kafka did not answer within {seconds}: {_last_words(self.folder)}")
            time.sleep(_POLL_SECONDS)

    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        child = _children.get(self.pid)
        if child is not None and child.poll() is not None:
            del _children[self.pid]
        return is_alive(self.pid, self.identity)

    def stop(self) -> None:
        """End the node politely, then firmly; its data stay. Nothing happens when it is gone already."""
        for number, patience in ((signal.SIGTERM, STOP_WITHIN), (signal.SIGKILL, timedelta(seconds=10))):
            if not signal_if_same(self.pid, self.identity, number):
                break
            deadline = time.monotonic() + patience.total_seconds()
            while self.is_alive() and time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
        if self.is_alive():
            raise BrokerError(f"the broker (pid {self.pid}) does not end")
        child = _children.pop(self.pid, None)
        if child is not None:
            child.wait()


def _java(folder: Path, *flags: str) -> list[str]:
    logging = f"-Dlog4j2.configurationFile={folder / 'log4j2.xml'}"
    return [str(distribution.java()), *flags, logging, "-cp", distribution.class_path()]


def _format(folder: Path) -> None:
    if (folder / "data" / "meta.properties").exists():
        return
    tool = [*_java(folder, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"), "kafka.tools.StorageTool"]
    settings = str(folder / "server.properties")
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    done = subprocess.run(  # noqa: S603 - our own command line
        [*tool, "format", f"--cluster-id={cluster}", "-c", settings], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BrokerError(f"the data folder could not be formatted: {(done.stderr or done.stdout).strip()[-500:]}")


def _last_words(folder: Path) -> str:
    for path in (folder / "server.log", folder / "output.log"):
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        if text:
            return " | ".join(text.splitlines()[-3:])[-800:]
    return f"no word in {folder}"
