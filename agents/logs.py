"""Structured logs: an event name and fields, one line each, on stderr; foreign loggers come through the same door.

A last line of defence stands here: a string that still looks like a phone number, an identity card, a bank card or an
e-mail address is masked before it is written, whoever wrote it.
"""

import logging
import re
import sys
from typing import Any, TextIO

import orjson
import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from agents.settings import Log

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_OWN_LOGGERS = ("agents", "pipeline", "schemas", "tocsin", "__main__")
_SMALL_TALK = (
    "agents.engine.shell",
    "agents.engine.batches",
)  # classes of faust's: it says under our names what it does
# What faust and aiokafka say again and again without meaning it; the worker's own lag and health metrics say it right.
_NOISE = (
    "has not sent a fetch request",  # compares a monotonic clock with the wall clock
    "Aiokafka has not sent fetch request",
    "has not started a stream",  # an idle partition is no fault
    "Unable connect to",  # once a second while a broker is away; `broker_away` says it once
    "Unable to update metadata from",
    "Heartbeat failed for group",  # part of every rebalance
    "Topic not found in cluster metadata",
)
# While a broker is away each of its clients says so ten times a second, in the same words.
_SAME_WORDS_SECONDS = 60.0
_WORDS_KEPT = 1_000
_PERSONAL = re.compile(
    r"(?a:(?<![\w.])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+)"  # e-mail
    # A digit is one of any script: people also type full-width ones.
    r"|(?<!\d)\d{17}[\dXx\uff38\uff58](?!\d)"  # identity card
    r"|(?<!\d)(?:\d[ -]?){15,18}\d(?!\d)"  # bank card
    r"|(?<!\d)(?:\+?[0\uff10]{0,2}[8\uff18][6\uff16][ -]?|[0\uff10])?"
    r"[1\uff11][3-9\uff13-\uff19]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"  # mobile number, with what is dialled before it
)
_OURS = frozenset({"event", "level", "logger", "timestamp"})  # names that we chose ourselves hold nobody's data


def configure_logs(log: Log, *, stream: TextIO | None = None) -> None:
    """Send every log of the process, ours and foreign, through one handler. May be called again."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(Foreign())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _mark_foreign],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                mask_personal,
                _renderer(log, handler.stream),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(_LEVELS[log.level], logging.WARNING))  # foreign libraries speak up only when something is wrong
    for name in _OWN_LOGGERS:
        logging.getLogger(name).setLevel(_LEVELS[log.level])
    for name in _SMALL_TALK:
        logging.getLogger(name).setLevel(max(_LEVELS[log.level], logging.WARNING))
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[log.level]),
        cache_logger_on_first_use=False,  # a logger made at import must see the configuration of the start
    )


def mask_personal(_logger: WrappedLogger, _method: str, entry: EventDict) -> EventDict:
    """Mask what looks like personal data in every string of an entry, at any depth."""
    return {
        name: value if name in _OURS and not entry.get("foreign") else _masked(value) for name, value in entry.items()
    }


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _PERSONAL.sub("***", value)
    if isinstance(value, dict):
        return {_masked(key): _masked(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(each) for each in value]
    if isinstance(value, int | float | None):
        return value
    return _PERSONAL.sub("***", str(value))


def _mark_foreign(_logger: WrappedLogger, _method: str, entry: EventDict) -> EventDict:
    entry["foreign"] = True  # its event is a sentence and may quote anything
    return entry


def _renderer(log: Log, stream: TextIO) -> Processor:
    if log.format == "console":
        return structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer(serializer=_as_json)


def _as_json(entry: EventDict, **_options: Any) -> str:
    return orjson.dumps(entry, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class Foreign:
    """Lets through what faust and aiokafka say and mean: no noise, and the same words once a minute."""

    def __init__(self) -> None:
        self._said_at: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is worth reading. Ours all are, and whatever ends something or brings a traceback."""
        is_foreign = record.name.partition(".")[0] in {"faust", "aiokafka", "mode"}
        if not is_foreign or record.levelno >= logging.CRITICAL:
            return True
        words = str(record.msg)
        if any(noise in words for noise in _NOISE):
            return False
        return record.exc_info is not None or self._is_news((record.name, words), at_seconds=record.created)

    def _is_news(self, said: tuple[str, str], *, at_seconds: float) -> bool:
        if at_seconds - self._said_at.get(said, -_SAME_WORDS_SECONDS) < _SAME_WORDS_SECONDS:
            return False
        if len(self._said_at) >= _WORDS_KEPT:  # words that are never the same
            self._said_at.clear()
        self._said_at[said] = at_seconds
        return True
