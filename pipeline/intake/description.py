"""What `intake.yaml` may say: sources, how each proves who it is, how bodies become events. Unknown keys are refused.

Only shapes and bounds are here; whether a mapping fits the contract that it fills is `fitting`'s to say.
"""

from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from pipeline.intake.signature import CHATWOOT, ZENDESK, Bearer, Encoding, Scheme, Signed

Path = Annotated[str, Field(pattern=r"^[^.\s]+(\.[^.\s]+){0,11}$", max_length=256)]
Scalar = Annotated[str, Field(max_length=1_000)] | bool | int | float
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("no such time zone; write its name, such as Asia/Shanghai") from None
    return name


Zone = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_known_zone)]


class Section(BaseModel):
    """A part of the file. Messages never hold what was written: it may be a secret in the wrong place."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SecretRef(Section):
    """Where a secret is: in a variable of the environment or in a file; never in this file."""

    env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=100)] = ""
    file: Annotated[str, Field(max_length=500)] = ""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.env) == bool(self.file):
            raise ValueError("expected `env: NAME` or `file: path`, and one of them only")
        if self.env.startswith("TOCSIN_"):
            raise ValueError("a name that begins with TOCSIN_ would be taken for a setting; choose another")
        return self


class SignedBy(Section):
    """A signature, in the words of the system that makes it."""

    scheme: Literal["hmac", "zendesk", "chatwoot"]
    header: HeaderName = "X-Signature"
    prefix: Annotated[str, Field(max_length=32)] = ""
    encoding: Encoding = Encoding.HEX
    timestamp_header: HeaderName | None = None
    separator: Annotated[str, Field(max_length=4)] = "."

    @model_validator(mode="after")
    def _nothing_beside_a_preset(self) -> Self:
        if self.scheme != "hmac" and self.model_fields_set - {"scheme"}:
            raise ValueError(f"the scheme {self.scheme} is fixed; write nothing beside it, or use the scheme hmac")
        return self


class BearerToken(Section):
    """`Authorization: Bearer …` with the secret itself."""

    scheme: Literal["bearer"]


class Rule(Section):
    """Where one field of an event comes from."""

    from_: Path | Annotated[list[Path], Field(min_length=1, max_length=8)] | None = Field(None, alias="from")
    join: Annotated[list[Path], Field(min_length=2, max_length=8)] | None = None
    value: Scalar | None = None
    received: Literal[True] | None = None
    map: Annotated[dict[str, Scalar], Field(min_length=1, max_length=200)] | None = None
    otherwise: Scalar | None = Field(None, alias="else")
    default: Scalar | None = None
    unit: Literal["milliseconds", "seconds"] = "milliseconds"
    plus: Path | None = None
    zone: Zone | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum(each is not None for each in (self.from_, self.join, self.value, self.received)) != 1:
            raise ValueError("expected exactly one of from, join, value, received")
        if self.otherwise is not None and self.map is None:
            raise ValueError("`else` belongs to a `map`")
        return self


class RecordRule(Section):
    """One kind of event that a body may hold."""

    topic: str
    schema_: str | None = Field(None, alias="schema")
    when: Annotated[dict[Path, Scalar | Annotated[list[Scalar], Field(max_length=50)]], Field(max_length=8)] = {}
    has: Annotated[list[Path], Field(max_length=8)] = []
    each: Path | None = None
    fields: Annotated[dict[str, Path | Rule], Field(min_length=1, max_length=64)]


class Source(Section):
    """What every source has."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    path: Annotated[str, Field(pattern=r"^(/[A-Za-z0-9_-]+){1,8}$", max_length=200)]
    secrets: Annotated[list[SecretRef], Field(min_length=1, max_length=2)]
    tenant: Annotated[str, Field(min_length=1, max_length=64)] = "default"
    customer_namespace: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")] | None = None
    window_seconds: Annotated[int, Field(ge=10, le=3_600)] = 300
    requests_per_second: Annotated[float, Field(gt=0, le=10_000)] = 50.0
    burst: Annotated[int, Field(ge=1, le=10_000)] = 100

    @property
    def namespace(self) -> str:
        """What its customers' ids belong to."""
        return self.customer_namespace or self.name


class Zendesk(Source):
    """Event webhooks of one Zendesk account."""

    kind: Literal["zendesk"]
    id_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,32}$")] = ""


class Chatwoot(Source):
    """Account webhooks of one Chatwoot."""

    kind: Literal["chatwoot"]
    id_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,32}$")] = ""
    tickets: bool = True


class Generic(Source):
    """Any system, by a mapping of fields."""

    kind: Literal["generic"]
    auth: Annotated[SignedBy | BearerToken, Field(discriminator="scheme")]
    zone: Zone | None = None  # of times that bring none of their own
    records: Annotated[list[RecordRule], Field(min_length=1, max_length=16)]


AnySource = Annotated[Zendesk | Chatwoot | Generic, Field(discriminator="kind")]


class Intake(Section):
    """The whole file."""

    customer_secret: SecretRef
    sources: Annotated[list[AnySource], Field(min_length=1, max_length=64)]
    body_bytes_max: Annotated[int, Field(ge=1_024, le=1_048_576)] = 262_144
    depth_max: Annotated[int, Field(ge=4, le=64)] = 32
    read_within_seconds: Annotated[float, Field(gt=0, le=60)] = 10.0
    # Chatwoot gives up after 5 s, Zendesk after 12 s.
    answer_within_seconds: Annotated[float, Field(gt=0, le=60)] = 4.0
    in_flight_max: Annotated[int, Field(ge=1, le=1_000)] = 64


def scheme_of(source: AnySource) -> Scheme:
    """How a source proves who it is."""
    window = source.window_seconds
    if isinstance(source, Zendesk):
        return _with_window(ZENDESK, window)
    if isinstance(source, Chatwoot):
        return _with_window(CHATWOOT, window)
    auth = source.auth
    if isinstance(auth, BearerToken):
        return Bearer()
    if auth.scheme != "hmac":
        return _with_window(ZENDESK if auth.scheme == "zendesk" else CHATWOOT, window)
    return Signed(
        header=auth.header,
        prefix=auth.prefix,
        encoding=auth.encoding,
        timestamp_header=auth.timestamp_header or "",
        separator=auth.separator,
        window_seconds=window,
    )


def _with_window(scheme: Signed, window_seconds: int) -> Signed:
    return Signed(
        header=scheme.header,
        prefix=scheme.prefix,
        encoding=scheme.encoding,
        timestamp_header=scheme.timestamp_header,
        separator=scheme.separator,
        window_seconds=window_seconds,
    )
