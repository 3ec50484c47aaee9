"""What can go wrong with a broker, in words that say what to do. Every command imports this: it stays light."""

import logging
import sys

from pipeline.errors import TocsinError

_NOT_LET_IN = {"AuthenticationFailedError", "SaslAuthenticationFailed", "UnsupportedSaslMechanismError"}


class BrokerError(TocsinError):
    """The broker could not be fetched, started, stopped or reached; the text says why and what helps."""


class _LastFailure(logging.Handler):
    """Remembers why Kafka's client could not connect: it logs that, and raises only that it could not."""

    error: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        cause = record.args[-1] if isinstance(record.args, tuple) and record.args else None
        if isinstance(cause, BaseException) and str(record.msg).startswith("Unable connect to"):
            self.error = cause


_last_failure = _LastFailure()


def remember_failures() -> None:
    """From now on `unreachable` knows why; and what the client logs is no line of ours where nobody configured logs."""
    logging.getLogger("aiokafka").addHandler(_last_failure)


def why_unreachable(error: BaseException) -> str:
    """The client's own word on the last connection that failed, else `error`."""
    cause = _cause_of(error)
    return str(cause) or type(cause).__name__


def unreachable(bootstrap: str, error: BaseException) -> BrokerError:
    """What an operator is told where no broker answers, or none lets us in."""
    why = why_unreachable(error)
    if _is_not_let_in(_cause_of(error)):
        return BrokerError(
            f"the broker at {bootstrap} and we do not trust each other ({why}); check TOCSIN_SECURITY__…\n"
            "  与 Kafka 的安全连接未通过：请检查 TOCSIN_SECURITY__… 的协议、证书、用户名和密码"
        )
    if isinstance(_cause_of(error), TimeoutError):
        return BrokerError(
            f"{bootstrap} does not answer as a Kafka broker does: a firewall, another program, or a broker that hangs\n"
            "  对方不像 Kafka 那样应答：请检查地址、端口和防火墙，或 Kafka 是否卡住"
        )
    return BrokerError(
        f"no broker answers at {bootstrap} ({why}); start it, or set TOCSIN_BROKER (tocsin doctor looks closer)\n"
        "  Kafka 没有应答：请启动它，或检查 TOCSIN_BROKER；tocsin doctor 可进一步检查"
    )


def _cause_of(error: BaseException) -> BaseException:
    return _last_failure.error or error


def _is_not_let_in(cause: BaseException) -> bool:
    ssl = sys.modules.get("ssl")  # not imported: then it is not its error
    return type(cause).__name__ in _NOT_LET_IN or (ssl is not None and isinstance(cause, ssl.SSLError))
