"""One question to the provider over HTTPS: bounded in size and time, no redirect, no cookie, its errors sorted."""

import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import aiohttp
import msgspec

from agents.oidc.refusals import LoginError, Problem

_WITHIN = aiohttp.ClientTimeout(total=10, sock_connect=5)
_BYTES_MAX = 256 * 1024
_OAUTH_ERROR = re.compile(r"[a-z_]{1,40}")  # RFC 6749, 5.2: invalid_grant and its like

AnswerT = TypeVar("AnswerT")


class _Refused(msgspec.Struct, frozen=True):
    error: str = ""


class Client:
    """A session that is opened by the first question."""

    def __init__(self, ca_file: Path | None) -> None:
        self._ca_file = ca_file
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Give connections back."""
        if self._session is not None:
            await self._session.close()

    async def get(self, url: str, kind: type[AnswerT]) -> AnswerT:
        """What stands there; raises LoginError."""
        status, body = await self._ask("GET", url)
        return _answer(status, body, kind, what=urlsplit(url).path)

    async def post(
        self, url: str, form: Mapping[str, str], kind: type[AnswerT], *, headers: Mapping[str, str]
    ) -> AnswerT:
        """What a form brings; raises LoginError, also where the form is refused."""
        status, body = await self._ask("POST", url, form=form, headers=headers)
        if status in {400, 401, 403}:
            raise LoginError(Problem.REFUSED, f"the provider refused the code or this client: {oauth_error(body)}")
        return _answer(status, body, kind, what=urlsplit(url).path)

    async def _ask(
        self, method: str, url: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        if self._session is None:
            context = ssl.create_default_context(cafile=self._ca_file)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=context, limit=4),
                timeout=_WITHIN,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Accept": "application/json"},
            )
        body = b""
        try:
            async with self._session.request(method, url, data=form, headers=headers, allow_redirects=False) as answer:
                async for piece in answer.content.iter_any():
                    body += piece
                    if len(body) > _BYTES_MAX:
                        raise LoginError(Problem.AWAY, f"{urlsplit(url).path} answered more than {_BYTES_MAX} bytes")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise LoginError(
                Problem.AWAY, f"{urlsplit(url).path} could not be asked: {type(error).__name__}"
            ) from error
        return answer.status, body


def oauth_error(body: bytes) -> str:
    """The provider's error code, where it is one of the form that the standard gives them."""
    try:
        error = msgspec.json.decode(body, type=_Refused).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "no reason was given"
    return error if _OAUTH_ERROR.fullmatch(error) else "no reason was given"


def _answer(status: int, body: bytes, kind: type[AnswerT], *, what: str) -> AnswerT:
    if status != 200:
        raise LoginError(Problem.AWAY, f"{what} answered {status}")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:  # msgspec names the field, never the value
        raise LoginError(Problem.AWAY, f"{what} answered something else: {error}") from error
