"""Logs: one JSON line an entry, foreign loggers too, nobody's number in clear."""

import io
import logging
import warnings
from collections.abc import Callable, Iterator

import orjson
import pytest
import structlog

from agents.logs import configure_logs
from agents.settings import Log

Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What was logged, parsed; the process's logging is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs(Log(), stream=stream)
    yield lambda: [orjson.loads(line) for line in stream.getvalue().splitlines()]
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    root.handlers[:], _ = handlers, root.setLevel(level)


def test_an_entry_is_an_event_with_fields(lines: Lines) -> None:
    """Chinese stays readable, the time is UTC, fields keep their types."""
    structlog.get_logger("agents.app").info("worker_ready", partitions=4, region="广东")
    (entry,) = lines()
    assert entry["event"] == "worker_ready"
    assert (entry["partitions"], entry["region"], entry["level"], entry["logger"]) == (4, "广东", "info", "agents.app")
    assert str(entry["timestamp"]).endswith("Z")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        pytest.param("电话13800138000请回电", "电话***请回电", id="mobile number"),
        pytest.param("+86 138-0013-8000", "***", id="mobile number with blanks"),
        pytest.param("013800138000。", "***。", id="mobile number behind a trunk's zero"),
        pytest.param("打008613800138000", "打***", id="mobile number from abroad"),
        pytest.param("0086 138 0013 8000", "***", id="mobile number from abroad with blanks"),
        pytest.param("电话１３８００１３８０００请回电", "电话***请回电", id="full-width mobile number"),
        pytest.param("０１３８００１３８０００", "***", id="full-width behind a zero"),
        pytest.param("证件１１０１０５１９４９１２３１００２Ｘ。", "证件***。", id="full-width identity card"),
        pytest.param("邮箱a.b@example.com", "邮箱***", id="mail address behind Chinese"),
        pytest.param("证件11010519491231002X。", "证件***。", id="identity card"),
        pytest.param("卡号6222 0200 0000 0000 000", "卡号***", id="bank card"),
        pytest.param("写信给a.b@example.com吧", "写信给***吧", id="mail address"),
        pytest.param("at 1763769600000 ms", "at 1763769600000 ms", id="a time in milliseconds stays"),
        pytest.param("conversation c-20261121-0007", "conversation c-20261121-0007", id="an id stays"),
        pytest.param("12315", "12315", id="a hotline stays"),
    ],
)
def test_personal_data_is_masked(lines: Lines, said: str, kept: str) -> None:
    """The last line of defence covers fields, nested values, exceptions and foreign sentences."""
    log = structlog.get_logger("agents.app")
    log.warning("refused", text=said, nested={"deep": [said]})
    logging.getLogger("aiokafka.client").error("cannot read %s", said)
    try:
        raise ValueError(said)  # noqa: TRY301 - the exception is what is tested
    except ValueError:
        log.exception("failed")
    field, foreign, failure = lines()
    assert field["text"] == kept
    assert field["nested"] == {"deep": [kept]}
    assert foreign["event"] == f"cannot read {kept}"
    assert f"ValueError: {kept}" in str(failure["exception"])


def test_noise_of_foreign_libraries_is_left_out(lines: Lines) -> None:
    """Known false alarms are dropped, real errors of the same library are not, its small talk is not."""
    logging.getLogger("aiokafka.conn").error("Unable connect to node with id 1: refused")
    logging.getLogger("faust.app").info("starting")
    logging.getLogger("faust.app").error("something else")
    assert [entry["event"] for entry in lines()] == ["something else"]


def test_the_same_words_of_a_library_are_said_once_a_minute(lines: Lines) -> None:
    """A broker that is away makes each client repeat itself; ours, last words and tracebacks all stay."""
    client = logging.getLogger("aiokafka.of_this_test")  # what others configure may have disabled the real ones
    moments = (0.0, 0.1, 59.9, 60.0, 60.1)
    for at_seconds in moments:
        said = client.makeRecord(client.name, logging.ERROR, "", 0, "no answer from %s", (at_seconds,), None)
        said.created = 1_700_000_000 + at_seconds
        client.handle(said)
    client.error("something else")
    for _ in range(2):
        client.critical("it ends")
        client.error("a bug", exc_info=ValueError("x"))
        structlog.get_logger("tocsin.engine").error("turn_failed")
    expected = ["no answer from 0.0", "no answer from 60.0", "something else", *["it ends", "a bug", "turn_failed"] * 2]
    assert [entry["event"] for entry in lines()] == expected


def test_warnings_are_logged(lines: Lines) -> None:
    """A warning of Python is an entry as well."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert lines()[0]["logger"] == "py.warnings"


def test_console_is_for_people() -> None:
    """The console format is plain text, without colours where nobody sees them."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logs(Log(format="console"), stream=stream)
    structlog.get_logger("agents").info("worker_ready", partitions=4)
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    root.handlers[:], _ = handlers, root.setLevel(level)
    assert "worker_ready" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()
