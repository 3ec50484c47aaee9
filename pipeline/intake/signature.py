"""Whether a request comes from who knows the secret: signatures over body and timestamp, and bearer tokens.

Comparisons take the same time whatever is wrong. A verdict names the reason and never what was received.
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pipeline.intake.values import millis_of

_UNIX_SECONDS = re.compile(r"\d{9,11}", re.ASCII)


class Verdict(StrEnum):
    """What a check of a request says; all but `genuine` refuse it."""

    GENUINE = "genuine"
    NO_SIGNATURE = "no_signature"
    NO_TIMESTAMP = "no_timestamp"  # missing, or not written as the scheme writes it
    STALE = "stale"  # the timestamp is outside of the window: an old request sent again, or a clock that is wrong
    WRONG = "wrong"  # another secret, another body


class Encoding(StrEnum):
    """How a signature is written."""

    HEX = "hex"
    BASE64 = "base64"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """HMAC-SHA256 over the body, or over timestamp, separator and body."""

    header: str
    prefix: str = ""  # before the signature: `sha256=`
    encoding: Encoding = Encoding.HEX
    timestamp_header: str = ""  # empty: only the body is signed
    separator: str = ""
    window_seconds: int = 300


@dataclass(frozen=True, slots=True)
class Bearer:
    """`Authorization: Bearer <secret>`."""


Scheme = Signed | Bearer

# developer.zendesk.com, "Verifying webhook authenticity": base64(HMACSHA256(TIMESTAMP + BODY))
ZENDESK = Signed(
    header="X-Zendesk-Webhook-Signature",
    encoding=Encoding.BASE64,
    timestamp_header="X-Zendesk-Webhook-Signature-Timestamp",
)
# chatwoot/chatwoot PR 13573, since 4.11.2: sha256=<hex> over `<unix seconds>.<body>`
CHATWOOT = Signed(
    header="X-Chatwoot-Signature", prefix="sha256=", timestamp_header="X-Chatwoot-Timestamp", separator="."
)


def check(scheme: Scheme, headers: Mapping[str, str], body: bytes, *, secrets: Sequence[bytes], now_ms: int) -> Verdict:
    """Check one request; any of the secrets will do, so that one can be exchanged for the next."""
    if isinstance(scheme, Bearer):
        kind, _, token = headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            return Verdict.NO_SIGNATURE
        return _verdict([hmac.compare_digest(_bytes(token.strip()), secret) for secret in secrets])
    given = headers.get(scheme.header, "").strip()
    if not given:
        return Verdict.NO_SIGNATURE
    stamp = headers.get(scheme.timestamp_header, "").strip() if scheme.timestamp_header else ""
    if scheme.timestamp_header:
        at_ms = _moment(stamp)
        if at_ms is None:
            return Verdict.NO_TIMESTAMP
        if abs(now_ms - at_ms) > scheme.window_seconds * 1000:
            return Verdict.STALE
    said = _bytes(stamp + scheme.separator if scheme.timestamp_header else "") + body
    wanted = [_comparable(scheme, _written(scheme, hmac.digest(secret, said, "sha256"))) for secret in secrets]
    shown = _comparable(scheme, _bytes(given))
    return _verdict([hmac.compare_digest(shown, each) for each in wanted])


def sign(scheme: Signed, body: bytes, *, secret: bytes, timestamp: str = "") -> str:
    """The signature that `check` accepts, as a sender makes it."""
    stamp = timestamp + scheme.separator if scheme.timestamp_header else ""
    return _written(scheme, hmac.digest(secret, stamp.encode() + body, "sha256")).decode()


def _verdict(matches: Sequence[bool]) -> Verdict:
    return Verdict.GENUINE if any(matches) else Verdict.WRONG


def _written(scheme: Signed, digest: bytes) -> bytes:
    text = digest.hex() if scheme.encoding is Encoding.HEX else b64encode(digest).decode()
    return (scheme.prefix + text).encode()


def _comparable(scheme: Signed, signature: bytes) -> bytes:
    """Hex means the same in capitals, and so does what stands before it."""
    return signature.lower() if scheme.encoding is Encoding.HEX else signature


def _moment(stamp: str) -> int | None:
    """Unix seconds, or a time of RFC 3339."""
    if _UNIX_SECONDS.fullmatch(stamp):
        return int(stamp) * 1000
    return None if stamp.isdecimal() else millis_of(stamp)


def _bytes(text: str) -> bytes:
    """Header bytes that are not UTF-8 come as surrogates; they must compare as unequal and not raise."""
    return text.encode("utf-8", "backslashreplace")
