"""What can go wrong with a broker of ours, in words that say what to do."""

from pipeline.errors import TocsinError


class BrokerError(TocsinError):
    """The broker could not be fetched, started, stopped or reached; the text says why and what helps."""


def unreachable(bootstrap: str, error: BaseException) -> BrokerError:
    """What an operator is told where no broker answers; a client's own words about sockets are no help."""
    return BrokerError(
        f"no broker answers at {bootstrap} ({type(error).__name__}); "
        "start it, or set TOCSIN_BROKER (tocsin doctor looks closer)\n"
        "  Kafka 没有应答：请启动它，或检查 TOCSIN_BROKER；tocsin doctor 可进一步检查"
    )
