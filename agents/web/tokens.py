"""A file of tokens: who may come in, in which role. It holds hashes only; taking a line away ends what it let in.

A file that gets a mistake, or goes away, while somebody is served changes nothing until it is put right: one slip of an
editor must not lock out everybody. The log says so. Who is to let in nobody leaves the file there, without a line.
"""

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from pipeline.errors import TocsinError

log = structlog.get_logger(__name__)

NAME_CHARS_MAX = 128

RoleT = TypeVar("RoleT", bound=StrEnum)


class AccessError(TocsinError):
    """The settings or the file of tokens would let in the wrong people; the text says what to change."""


@dataclass(frozen=True, slots=True)
class Holder(Generic[RoleT]):
    """One line of the file: somebody with a token."""

    role: RoleT
    name: str
    token_hash: str


class Tokens(Generic[RoleT]):
    """The file of tokens, read again when it changes. A line is `role name sha256-of-the-token`."""

    def __init__(self, path: Path, roles: type[RoleT]) -> None:
        self._path = path
        self._roles = roles
        self._read: tuple[int, int, int] | None = None  # which version of the file
        self._unreadable = ""  # why, where it could not even be opened
        self._holders: dict[str, Holder[RoleT]] = {}
        self._by_hash: dict[str, Holder[RoleT]] = {}
        self._reload()

    def reload(self) -> None:
        """Read the file where it has changed; with a mistake, or gone, it leaves what was read before."""
        unreadable = ""
        try:
            self._reload()
        except AccessError as error:
            self._tell(str(error))
        except OSError as error:
            unreadable = f"{self._path.name}: {error.strerror}"
            if unreadable != self._unreadable:  # asked for at every request
                self._tell(unreadable)
        self._unreadable = unreadable

    def _tell(self, problem: str) -> None:
        log.error("tokens_not_read", problem=problem, still_known=len(self._holders))

    def _reload(self) -> None:
        now = self._path.stat()
        version = (now.st_mtime_ns, now.st_ctime_ns, now.st_size)
        if version != self._read:
            data = self._path.read_bytes()
            self._read = version  # a mistake is told once for each version of the file
            found = (_parsed(number, line, self._path.name, self._roles) for number, line in _lines(data, self._path))
            self._holders = {holder.name: holder for holder in found}
            self._by_hash = {holder.token_hash: holder for holder in self._holders.values()}

    def of_token(self, token: str) -> Holder[RoleT] | None:
        """Whose token it is."""
        return self._by_hash.get(_hash(token))  # of a hash, the time that a look-up takes tells nothing about the token

    def of_name(self, name: str) -> Holder[RoleT] | None:
        """The line of a name."""
        return self._holders.get(name)


def new_token(role: RoleT, name: str) -> tuple[str, str]:
    """A token, and the line of the file that knows it."""
    token = secrets.token_urlsafe(32)
    line = f"{role} {name} {_hash(token)}"
    _parsed(1, line, "name", type(role))
    return token, line


def _hash(token: str) -> str:
    """Of whatever was sent: bytes of a header that are no UTF-8 come as surrogates."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def _lines(data: bytes, path: Path) -> list[tuple[int, str]]:
    try:
        written = enumerate(data.decode().splitlines(), 1)
    except UnicodeDecodeError as error:
        raise AccessError(f"{path.name}: expected UTF-8 text; save the file anew") from error
    return [(number, line) for number, line in written if line.strip() and not line.startswith("#")]


def _parsed(number: int, line: str, file: str, roles: type[RoleT]) -> Holder[RoleT]:
    parts = line.split()
    if len(parts) != 3 or parts[0] not in set(roles) or len(parts[2]) != 64 or not _is_name(parts[1]):
        known = "|".join(roles)
        raise AccessError(f"{file}:{number}: expected `{known} name sha256`; a command of tocsin makes the line")
    return Holder(roles(parts[0]), parts[1], parts[2])


def _is_name(name: str) -> bool:
    return "|" not in name and len(name) <= NAME_CHARS_MAX
