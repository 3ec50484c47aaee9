"""Every setting of a process: read once, from TOCSIN_ variables only, checked as a whole, then frozen.

A nested name has two underscores: `TOCSIN_SECURITY__PROTOCOL`. An unknown TOCSIN_ variable is an error, because a
misspelt limit that silently keeps its default is found out on the worst day.
"""

import os
import tempfile
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableError

from agents.broker.distribution import cache_folder
from agents.environment import BY_FIELD, PREFIX, report, unknown_variables
from agents.files.models import BUILTIN, model_files
from agents.oidc.settings import Oidc
from agents.security import Security
from pipeline.errors import TocsinError
from pipeline.learned.reader import ReaderError
from schemas.vocabulary import Level

# What Kafka allows in a topic name; half of its 249 characters is left for the topic's own part.
KafkaName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$", max_length=120)]
Prefix = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]*$", max_length=120)]
Port = Annotated[int, Field(ge=0, le=65_535)]
Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


class SettingsError(TocsinError):
    """The TOCSIN_ variables are wrong; lists everything that is."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(["the settings are wrong:", *(f"  {problem}" for problem in problems)]))
        self.problems = problems


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Engine(_Group):
    """How the engine batches, commits and gives up."""

    batch_records_max: Count = 5_000  # of one topic and partition in one transaction
    compression: Literal["none", "lz4"] = "none"  # of what is written; lz4 costs a twelfth of the throughput
    # Processes beside the worker that read texts; None is one where there is a core for it.
    reading_processes: Annotated[int, Field(ge=0, le=16)] | None = None
    fetch_bytes_max: Count = 4 * 1024 * 1024  # of one partition in one fetch
    transaction_interval_seconds: Annotated[float, Field(ge=0)] = 0.05  # at most one transaction so often
    transaction_timeout_seconds: Seconds = 15.0
    position_after_seconds: Seconds = 1.0  # the group's offsets are committed so often, and positions with them
    # At most a minute: five minutes between two ticks mean that no worker was there, and nothing that waits is woken.
    tick_interval_seconds: Annotated[float, Field(gt=0, le=60)] = 1.0
    session_timeout_seconds: Seconds = 30.0
    heartbeat_interval_seconds: Seconds = 3.0
    stop_within_seconds: Seconds = 10.0  # to finish or abort the running batch
    stall_after_seconds: Seconds = 120.0  # lag and no progress for so long: the watchdog ends the process
    recovery_within_seconds: Seconds = 600.0


class DeadLetters(_Group):
    """When refusing stops being the answer: a bad deployment upstream must not be drained into dead letters."""

    share_max: Annotated[float, Field(gt=0, le=1)] = 0.5  # of one topic, in a window of `window_records`
    window_records: Count = 1_000  # a few bad records among few are no sign of anything


class Quality(_Group):
    """Who is looked at a second time. The same share and salt choose the same conversations."""

    sample_share: Annotated[float, Field(ge=0, le=1)] = 0.05  # of the conversations, for a manual look
    sample_salt: str = ""  # another one chooses other conversations


class Ops(_Group):
    """Where metrics and health are served. Private by default."""

    host: str = "127.0.0.1"
    port: Port = 0  # 0 takes a free one and logs it, so that several workers fit on one machine


class _Reached(_Group):
    """A server that is reached from elsewhere, through proxies maybe."""

    host: str = "127.0.0.1"
    proxy_addresses: Annotated[tuple[str, ...], NoDecode] = ()  # of proxies that say for whom they speak

    @field_validator("proxy_addresses", "allowed_origins", mode="before", check_fields=False)
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("proxy_addresses")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                ip_network(each)
            except ValueError as error:
                raise ValueError(f"expected addresses or networks such as 10.0.0.0/8; {each!r} is none") from error
        return value


class _Website(_Reached):
    """A server that people and their programs reach, with tokens."""

    public_url: str = ""  # as people type it; https makes a cookie secure, other names are refused
    tokens_file: Path | None = None  # lines by `tocsin board-token` or `tocsin hints-token`

    @field_validator("tokens_file", "session_secret_file", check_fields=False)
    @classmethod
    def _is_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"{value} is not a file that can be read")
        return value


class Board(_Website):
    """The warning board: where it listens, and whom it lets in."""

    port: Port = 9465
    session_secret_file: Path | None = None  # None makes one: a restart logs everybody out
    proxy_user_header: str = ""  # a proxy in front says who it is, such as X-Forwarded-User
    proxy_groups_header: str = "X-Forwarded-Groups"
    oidc: Oidc = Oidc()  # or people log in at an OpenID provider
    operator_group: str = "tocsin-operator"
    admin_group: str = "tocsin-admin"
    grafana_url: Annotated[str, StringConstraints(pattern=r"^(https?://\S*[^\s/])?$")] = ""  # to link to
    backtests: Path | None = None  # a folder that `tocsin backtest --save` writes to, and the board; None shows none
    backtest_packs: Path | None = None  # folders with rules, to be chosen on the page
    backtest_recordings: Path | None = None  # *.jsonl to be chosen on the page, beside Kafka's history
    backtest_within_seconds: Count = 3_600
    backtest_memory_bytes_max: Annotated[int, Field(ge=256 * 1024 * 1024)] = 2 * 1024 * 1024 * 1024

    @field_validator("backtest_packs", "backtest_recordings")
    @classmethod
    def _is_folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError(f"{value} is not a folder")
        return value


class Hints(_Website):
    """The hint stream: where desktops find it, and from which pages."""

    port: Port = 9466
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()  # of desktops that are web pages: https://desk.example


class Answer(_Reached):
    """Where links are opened and vendors call back. Who may, and under which address, is in the on-call file."""

    port: Port = 9467


class Intake(_Reached):
    """Where webhooks are received. Private by default: a reverse proxy with TLS stands before it."""

    port: Port = 8085
    file: Path | None = None  # which sources there are: docs/intake.md


class Labels(_Group):
    """What is kept of alerts that people judged."""

    text: bool = False  # also the masked words that made the alert, to train a model with


class Log(_Group):
    """What is logged, and for whom."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "console"] = "json"


class Settings(BaseSettings):
    """All settings. Nothing here can be changed after the start."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True, extra="forbid", frozen=True
    )

    broker: Annotated[tuple[str, ...], NoDecode] = ("127.0.0.1:9092",)  # host:port, more after commas
    application_id: KafkaName = "tocsin"  # consumer group and transactional ids; where unset, after the topic prefix
    topic_prefix: Prefix = ""  # before every topic name: several clusters on one broker
    consumer_instance_id: Prefix = ""  # static membership: a restart within the session moves no partition
    partitions: Annotated[int, Field(ge=1, le=1_000)] = 4  # of every source topic, ticks and changelog
    replication_factor: Annotated[int, Field(ge=1, le=9)] = 1
    rules_dir: Path | None = None  # None is the shipped pack
    model: str = BUILTIN  # the learned scorer: `builtin`, `off`, or the file of a model
    regions_file: Path | None = None  # queues and sites of this company, by region
    oncall_file: Path | None = None  # channels, people, rosters, chains, routes; None is the shipped one: the console
    inquiry_level: Level = Level.POTENTIAL  # what a bare enquiry for the complaint line counts as
    # Customers who complain, of all customers, in the trade; unset, the house is compared with its own week before.
    trade_complaint_rate: float | None = Field(default=None, gt=0, lt=1)
    sla: str = "e_commerce"  # a shipped preset of policies by name, or a file or folder of the operator's own
    replay_mode: bool = False  # events may be older than thirty days
    data_dir: Path = Path(tempfile.gettempdir()) / "tocsin"
    # What can be fetched again: Kafka for demo and tests. They have no settings and ask `cache_folder` themselves.
    cache_dir: Path = Field(default_factory=cache_folder)
    security: Security = Security()
    engine: Engine = Engine()
    dead_letters: DeadLetters = DeadLetters()
    quality: Quality = Quality()
    ops: Ops = Ops()
    board: Board = Board()
    hints: Hints = Hints()
    intake: Intake = Intake()
    answer: Answer = Answer()
    labels: Labels = Labels()
    log: Log = Log()

    @field_validator("broker", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("broker")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            host, _, port = address.rpartition(":")
            if not host or "/" in host or not port.isdecimal() or not 0 < int(port) <= 65_535:
                raise ValueError(f"expected host:port, several separated by commas; {address!r} is not")
        if not value:
            raise ValueError("expected at least one host:port")
        return value

    @field_validator("inquiry_level")
    @classmethod
    def _none_or_potential(cls, value: Level) -> Level:
        if value not in {Level.NONE, Level.POTENTIAL}:
            raise ValueError("expected none or potential")
        return value

    @field_validator("model")
    @classmethod
    def _is_a_model(cls, value: str) -> str:
        try:
            missing = [file for file in model_files(value) if file is not None and not file.is_file()]
        except ReaderError as error:
            raise ValueError(str(error)) from error
        if missing:
            raise ValueError(
                f"expected builtin, off or the file of a model, alone or with +reader; {missing[0]} is none"
            )
        return value

    @field_validator("rules_dir", "regions_file", "oncall_file")
    @classmethod
    def _exists(cls, value: Path | None) -> Path | None:
        if value is not None and not value.exists():
            raise ValueError(f"{value} does not exist")
        return value

    @model_validator(mode="before")
    @classmethod
    def _own_group(cls, values: Any) -> Any:
        """Clusters side by side on one broker differ by prefix; nobody has to name their groups apart as well."""
        if isinstance(values, dict) and values.get("topic_prefix") and not values.get("application_id"):
            return {**values, "application_id": f"{values['topic_prefix']}tocsin"}
        return values

    @property
    def bootstrap(self) -> str:
        """The brokers as aiokafka takes them."""
        return ",".join(self.broker)


def load_settings() -> Settings:
    """Read and check the TOCSIN_ variables; raises one SettingsError that lists every problem."""
    problems = unknown_variables(Settings, os.environ)
    try:
        settings = Settings()
    except ValidationError as error:
        problems += report(error)
    except UnreadableError as error:
        problems.append(f"{error}: {BY_FIELD}")
    else:
        if not problems:
            return settings
    raise SettingsError(problems)


def kafka_security(settings: Settings) -> dict[str, Any]:
    """Keyword arguments that make any aiokafka client connect as the settings say."""
    return settings.security.client_options()
