"""The file of tokens while somebody is served: it is read again when it changes, and a slip locks nobody out."""

import os
from enum import StrEnum

import pytest
from structlog.testing import capture_logs

from agents.web.tokens import AccessError, Tokens, new_token


class Role(StrEnum):
    """Of a server made up for tests."""

    GUEST = "guest"


@pytest.fixture
def written(tmp_path):
    """A file with one line, what reads it, and the token."""
    token, line = new_token(Role.GUEST, "wall")
    path = tmp_path / "tokens"
    path.write_text(f"{line}\n", encoding="utf-8")
    return path, Tokens(path, Role), token


def spoilt(path, how):
    """The file after a slip."""
    if how is None:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + how)


@pytest.mark.parametrize(
    ("how", "problem"),
    [
        pytest.param(b"guest somebody", "tokens:2: expected", id="a line cut short"),
        pytest.param(b"chief x " + b"0" * 64, "tokens:2: expected", id="an unknown role"),
        pytest.param(b"# \xc3\x28", "tokens: expected UTF-8", id="no text"),
        pytest.param(None, "tokens: No such file", id="gone"),
    ],
)
def test_a_slip_locks_nobody_out(written, how, problem):
    """Who was known is known; the log says what is wrong, once, and what was mended counts at once."""
    path, tokens, token = written
    spoilt(path, how)
    with capture_logs() as logs:
        for _ in range(3):
            tokens.reload()
            assert tokens.of_token(token).name == "wall"
    assert [(each["event"], each["still_known"]) for each in logs] == [("tokens_not_read", 1)]
    assert problem in logs[0]["problem"]
    another, line = new_token(Role.GUEST, "desk")
    path.write_text(line, encoding="utf-8")
    tokens.reload()
    assert tokens.of_token(another).name == "desk"
    assert tokens.of_token(token) is None


def test_an_emptied_file_lets_nobody_in(written):
    """That is no slip: it is how everybody is sent away."""
    path, tokens, token = written
    path.write_bytes(b"")
    tokens.reload()
    assert tokens.of_token(token) is None


def test_a_second_slip_is_told_too(written):
    """And the same one again, after it was put right."""
    path, tokens, _ = written
    good = path.read_bytes()
    with capture_logs() as logs:
        for data in (good + b"x", good + b"x y", good, good + b"x"):
            path.write_bytes(data)
            os.utime(path, (len(logs), len(logs)))
            tokens.reload()
    assert len(logs) == 3


@pytest.mark.parametrize("how", [b"guest", b"\xff", None], ids=["a mistake", "no text", "gone"])
def test_a_start_with_such_a_file_is_refused(written, how):
    """Nobody is served yet: whoever starts it is there to put it right."""
    path, _, _ = written
    spoilt(path, how)
    with pytest.raises((AccessError, OSError), match="tokens"):
        Tokens(path, Role)
