"""Whether a broker answers a real request; an open port alone says little."""

import asyncio
import logging
import socket
from concurrent.futures import ThreadPoolExecutor

REQUEST_TIMEOUT_SECONDS = 5.0


def answers(bootstrap: str) -> bool:
    """Whether the broker at `bootstrap` describes its cluster. May be called from inside a running event loop."""
    host, _, port = bootstrap.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1.0).close()
    except OSError:
        return False
    with ThreadPoolExecutor(1) as aside:  # a loop of its own, for callers that already run in one
        return aside.submit(asyncio.run, _describes(bootstrap)).result()


async def _describes(bootstrap: str) -> bool:
    from aiokafka.admin import AIOKafkaAdminClient  # noqa: PLC0415 - 0.2 s, and `status` may not need it
    from aiokafka.errors import KafkaError  # noqa: PLC0415

    logging.getLogger("aiokafka").addFilter(_quiet)  # a broker that is not there yet is what is asked about
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=int(REQUEST_TIMEOUT_SECONDS * 1000))
    try:
        await asyncio.wait_for(admin.start(), REQUEST_TIMEOUT_SECONDS)
        cluster = await asyncio.wait_for(admin.describe_cluster(), REQUEST_TIMEOUT_SECONDS)
        return bool(cluster["brokers"])
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await admin.close()
        logging.getLogger("aiokafka").removeFilter(_quiet)


def _quiet(_record: logging.LogRecord) -> bool:
    return False
