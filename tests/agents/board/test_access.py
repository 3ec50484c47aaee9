"""Who is let in, as what, and who is not."""

import os

import pytest

from agents.board.access import COOKIE, PROVIDED_SECONDS, SESSION_SECONDS, Access, Identity
from agents.oidc.settings import Oidc
from agents.settings import Board
from agents.web.tokens import AccessError, new_token
from pipeline.incidents.roles import Role
from schemas.actions import ActionKind

OIDC = Oidc(issuer="https://id.example", client_id="board")
NOW_S = 1_763_697_600.0


@pytest.fixture
def lines(tmp_path):
    """A file of tokens with an operator and a viewer; path and tokens."""
    made = [new_token(Role.OPERATOR, "desk"), new_token(Role.VIEWER, "wall")]
    path = tmp_path / "tokens"
    path.write_text("# who may log in\n\n" + "\n".join(line for _, line in made), encoding="utf-8")
    return path, [token for token, _ in made]


def ask(access, *, headers=None, cookie="", peer="10.0.0.9", now_s=NOW_S):
    """Who is asking."""
    return access.identify(headers or {}, {COOKIE: cookie}, peer=peer, now_s=now_s)


def test_a_token_is_its_role(lines):
    """As a header, and as a cookie after the login; no token, or another one, is nobody."""
    path, (token, _) = lines
    access = Access(Board(tokens_file=path))
    desk = Identity("desk", Role.OPERATOR)
    assert ask(access, headers={"Authorization": f"Bearer {token}"}) == desk
    identity, cookie = access.log_in(token, now_s=NOW_S)
    assert identity == ask(access, cookie=cookie) == desk
    assert ask(access) is None
    assert ask(access, headers={"Authorization": "Bearer x"}) is None
    assert access.log_in("x", now_s=NOW_S) is None


def test_a_cookie_ends(lines):
    """After its time, with another server secret, with any change to it."""
    path, (token, _) = lines
    access = Access(Board(tokens_file=path))
    _, cookie = access.log_in(token, now_s=NOW_S)
    assert ask(access, cookie=cookie, now_s=NOW_S + SESSION_SECONDS) is not None
    assert ask(access, cookie=cookie, now_s=NOW_S + SESSION_SECONDS + 1) is None
    assert ask(Access(Board(tokens_file=path)), cookie=cookie) is None
    middle = len(cookie) // 2
    changed = cookie[:middle] + ("A" if cookie[middle] != "A" else "B") + cookie[middle + 1 :]
    for forged in (changed, cookie[:-4], "desk", "", "ü", "x" * 10_000):
        assert ask(access, cookie=forged) is None


def test_a_line_that_is_gone_ends_its_sessions(lines):
    """Without a restart: the file is read again when it changes. A new token under the name is a new login."""
    path, (token, _) = lines
    access = Access(Board(tokens_file=path))
    _, cookie = access.log_in(token, now_s=NOW_S)
    path.write_text(new_token(Role.OPERATOR, "desk")[1], encoding="utf-8")
    os.utime(path, (NOW_S, NOW_S))
    assert ask(access, cookie=cookie) is None


def test_a_session_secret_of_ones_own_outlives_a_restart(lines, tmp_path):
    """And several boards behind one name take each other's cookies."""
    path, (token, _) = lines
    secret = tmp_path / "secret"
    secret.write_bytes(b"s" * 32)
    board = Board(tokens_file=path, session_secret_file=secret)
    _, cookie = Access(board).log_in(token, now_s=NOW_S)
    assert ask(Access(board), cookie=cookie) is not None


@pytest.mark.parametrize("secret", ["", "\n" * 40, "s" * 31], ids=["empty", "blank", "short"])
def test_a_secret_that_can_be_guessed_is_refused(lines, tmp_path, secret):
    """An empty file would let everybody make sessions; the message says how many bytes there are, not which."""
    path = tmp_path / "secret"
    path.write_text(secret, encoding="utf-8")
    with pytest.raises(AccessError, match="TOCSIN_BOARD__SESSION_SECRET_FILE"):
        Access(Board(tokens_file=lines[0], session_secret_file=path))


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        pytest.param("", Role.VIEWER, id="no group"),
        pytest.param("staff, tocsin-operator", Role.OPERATOR, id="operator"),
        pytest.param("tocsin-operator,tocsin-admin", Role.ADMIN, id="the higher of two"),
    ],
)
def test_a_proxy_says_who_it_is(groups, role):
    """The role is the group's."""
    access = Access(Board(proxy_user_header="X-User", proxy_addresses=("10.0.0.0/8",)))
    headers = {"X-User": "someone", "X-Forwarded-Groups": groups}
    assert ask(access, headers=headers) == Identity("someone", role)


def test_whom_the_proxy_does_not_name_may_have_a_token(lines):
    """Programs and walls come through the same proxy; a name that it says counts more than a token."""
    path, (_, token) = lines
    access = Access(Board(tokens_file=path, proxy_user_header="X-User", proxy_addresses=("10.0.0.0/8",)))
    bearer = {"Authorization": f"Bearer {token}"}
    wall, cookie = access.log_in(token, now_s=NOW_S)
    assert ask(access, headers=bearer) == ask(access, cookie=cookie) == wall == Identity("wall", Role.VIEWER)
    assert ask(access, headers=bearer | {"X-User": "someone"}) == Identity("someone", Role.VIEWER)
    assert ask(access, headers={"Authorization": "Bearer x"}) is None


def test_only_the_proxy_is_believed():
    """The same header from anywhere else, or without a name, is nobody."""
    access = Access(Board(proxy_user_header="X-User", proxy_addresses=("10.0.0.0/8",)))
    for peer in ("192.168.1.1", "", "::1", "not an address"):
        assert ask(access, headers={"X-User": "someone"}, peer=peer) is None
    assert ask(access, headers={"X-User": " "}) is None


@pytest.mark.parametrize(
    "board",
    [
        pytest.param(Board(host="0.0.0.0"), id="open to the network"),
        pytest.param(Board(public_url="https://board.example"), id="a public name, and no login"),
        pytest.param(Board(public_url="board.example"), id="a public name without a scheme"),
        pytest.param(Board(proxy_addresses=("127.0.0.1",)), id="behind a proxy, and no login"),
        pytest.param(Board(proxy_user_header="X-User"), id="a header that anybody may send"),
        pytest.param(Board(oidc=OIDC), id="a provider that does not know where to send people back to"),
        pytest.param(Board(oidc=OIDC, public_url="http://board.example"), id="a cookie that travels in clear"),
    ],
)
def test_settings_that_let_in_the_wrong_people_are_refused(board):
    """With what to change."""
    with pytest.raises(AccessError, match="TOCSIN_BOARD__"):
        Access(board)


@pytest.mark.parametrize("public_url", ["", "http://127.0.0.1:9465", "http://localhost:9465/"])
def test_this_machine_alone_needs_no_login(public_url):
    """Whoever sits at it is an operator, by whatever name they call it."""
    access = Access(Board(public_url=public_url))
    assert access.is_open
    assert ask(access, peer="127.0.0.1") == Identity("local", Role.OPERATOR)


def test_a_session_of_the_provider_ends():
    """After a working day, at another issuer, and where nobody logs in at one any more."""
    board = Board(oidc=OIDC, public_url="https://board.example")
    access = Access(board)
    cookie = access.admit("desk", {"tocsin-admin"}, now_s=NOW_S)
    assert ask(access, cookie=cookie, now_s=NOW_S + PROVIDED_SECONDS) == Identity("desk", Role.ADMIN)
    assert ask(access, cookie=cookie, now_s=NOW_S + PROVIDED_SECONDS + 1) is None
    assert ask(Access(board), cookie=cookie) is None
    access._board = Board(oidc=OIDC.model_copy(update={"issuer": "https://other.example"}))
    assert ask(access, cookie=cookie) is None


@pytest.mark.parametrize("line", ["viewer wall", "chief wall " + "0" * 64, "viewer wall abc", "viewer a|b " + "0" * 64])
def test_a_wrong_line_is_told_with_its_place(tmp_path, line):
    """File and line, never the hash."""
    path = tmp_path / "tokens"
    path.write_text("# tokens\n" + line, encoding="utf-8")
    with pytest.raises(AccessError, match="tokens:2: expected"):
        Access(Board(tokens_file=path))


def test_what_a_role_may():
    """Viewers look, operators deal with alerts, admins keep them quiet."""
    assert not [action for action in ActionKind if Role.VIEWER.may(action)]
    assert Role.OPERATOR.may(ActionKind.ACK)
    assert not Role.OPERATOR.may(ActionKind.SILENCE)
    assert not Role.OPERATOR.may(ActionKind.CLOSE_HIGH_RISK)
    assert all(Role.ADMIN.may(action) for action in ActionKind)
