"""Login at an OpenID provider over real HTTP: the journey as it should be, and everybody who tries it otherwise."""

import json

import pytest
import structlog
from aiohttp.test_utils import unused_port

from agents.board.access import COOKIE
from agents.board.login import ATTEMPT_COOKIE, own_page
from pipeline.incidents.roles import Role
from tests.support.browser import chromium, tab
from tests.support.openid import (
    CLIENT_SECRET,
    PUBLIC_URL,
    SigningKey,
    board_with_provider,
    come_back,
    journey,
    leave,
    me,
    query_of,
)


async def test_the_journey(tmp_path):
    """Code flow with PKCE; the cookie is for this site and no script; the page that asked is where one lands."""
    async with board_with_provider(tmp_path) as (board, provider):
        assert await board.get("/api/status") == (401, "oidc\n")
        page = "/backtests?id=7&lang=en"
        address = await leave(board, page)
        assert address.startswith(f"{provider.issuer}/authorize?")
        query = query_of(address)
        assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
        assert query["scope"] == "openid profile"
        assert query["redirect_uri"] == f"{PUBLIC_URL}/login/callback"
        code = provider.code(address)
        answer = {"code": code, "state": query["state"], "iss": provider.issuer}
        async with board.client.get("/login/callback", params=answer, allow_redirects=False) as landed:
            assert landed.headers["Location"] == page
            (given,) = [each for each in landed.headers.getall("Set-Cookie") if each.startswith(COOKIE)]
            assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in given.split(";")}
            assert landed.headers["Cache-Control"] == "no-store"
        found = await me(board)
        assert (found["name"], found["role"], found["can_log_out"]) == ("desk", Role.OPERATOR, True)
        assert CLIENT_SECRET not in address


@pytest.mark.parametrize("address", ["https://board.example", "https://board.example/"])
async def test_behind_https_cookies_are_secure(tmp_path, address):
    """And the provider sends people back to the public address, whatever host was asked."""
    async with (
        board_with_provider(tmp_path, public_url=address) as (board, _),
        board.client.get("/login/oidc", allow_redirects=False) as answer,
    ):
        assert "Secure" in answer.headers["Set-Cookie"]
        assert "SameSite=Lax" in answer.headers["Set-Cookie"]
        assert query_of(answer.headers["Location"])["redirect_uri"] == "https://board.example/login/callback"


async def test_a_logout_ends_the_session_here_and_there(tmp_path):
    """The page is told where the provider's own session ends; a token's logout stays here."""
    async with board_with_provider(tmp_path) as (board, provider):
        await journey(board, provider)
        _, body = await board.post("/logout", {})
        assert body["continue_at"].startswith(f"{provider.issuer}/bye?")
        assert query_of(body["continue_at"])["post_logout_redirect_uri"] == f"{PUBLIC_URL}/"
        assert await me(board) is None
        assert (await board.post("/logout", {}))[1] == {"continue_at": ""}


@pytest.mark.parametrize(
    ("settings", "claims", "role"),
    [
        pytest.param({}, {"groups": None}, Role.VIEWER, id="no group at all looks"),
        pytest.param({}, {"groups": ["tocsin-operator", "tocsin-admin"]}, Role.ADMIN, id="the higher of two"),
        pytest.param({}, {"groups": "tocsin-admin"}, Role.ADMIN, id="one text"),
        pytest.param({}, {"groups": {"tocsin-admin": 1}}, Role.VIEWER, id="another shape is no group"),
        pytest.param(
            {"role_claim": "realm_access.roles"},
            {"realm_access": {"roles": ["tocsin-operator"]}},
            Role.OPERATOR,
            id="a path into objects",
        ),
        pytest.param(
            {"role_claim": "https://example.com/roles"},
            {"https://example.com/roles": ["tocsin-operator"]},
            Role.OPERATOR,
            id="a name with dots in it",
        ),
        pytest.param({"viewer_group": "board"}, {"groups": ["board"]}, Role.VIEWER, id="the group that may look"),
        pytest.param({"viewer_group": "board"}, {"groups": ["tocsin-operator"]}, Role.OPERATOR, id="or a higher one"),
        pytest.param({"viewer_group": "board"}, {"groups": ["staff"]}, None, id="another group is not let in"),
    ],
)
async def test_a_role_is_what_a_claim_says(tmp_path, settings, claims, role):
    """Viewer, operator, admin, by the names of groups in the settings."""
    async with board_with_provider(tmp_path, **settings) as (board, provider):
        provider.claims |= claims
        landed = await journey(board, provider)
        found = await me(board)
        assert (landed, found and found["role"]) == ("/" if role else "/?login=no_role", role)


async def test_a_person_without_a_name_has_their_subject(tmp_path):
    """And no name holds what would break a line of a log."""
    async with board_with_provider(tmp_path) as (board, provider):
        provider.claims["preferred_username"] = None
        await journey(board, provider)
        assert (await me(board))["name"] == "u-1"
        provider.claims["preferred_username"] = "desk\n\x1b[2J two"
        await journey(board, provider)
        assert (await me(board))["name"] == "desk[2J two"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param({"state": "forged"}, "stale", id="a forged state"),
        pytest.param({"state": ""}, "stale", id="no state"),
        pytest.param({"state": "ü"}, "stale", id="a state of other signs"),
        pytest.param({"code": "made-up"}, "refused", id="a code that nobody gave"),
        pytest.param({"code": ""}, "refused", id="no code"),
        pytest.param({"code": "x" * 5_000}, "refused", id="an endless code"),
        pytest.param({"iss": "https://evil.example"}, "refused", id="the answer of another provider"),
        pytest.param({"error": "access_denied"}, "denied", id="the provider said no"),
        pytest.param({"error": "x\nboard_login name=admin"}, "denied", id="an error that forges our log"),
    ],
)
async def test_an_answer_that_is_not_the_provider_s(tmp_path, changes, problem):
    """Nobody is let in, and the page says why; what was sent is not in the log."""
    with structlog.testing.capture_logs() as logged:
        async with board_with_provider(tmp_path) as (board, provider):
            assert await journey(board, provider, **changes) == f"/?login={problem}"
            assert await me(board) is None
    assert [(each["event"], each["problem"]) for each in logged if "problem" in each] == [
        ("board_login_refused", problem)
    ]
    told = json.dumps(logged)
    assert not [text for text in (*changes.values(), CLIENT_SECRET) if text and text in told]


async def test_a_replayed_answer_lets_nobody_in(tmp_path):
    """Neither without the cookie of the browser that began, nor with it: the provider gives for a code once."""
    async with board_with_provider(tmp_path) as (board, provider):
        address = await leave(board)
        answer = {"code": provider.code(address), "state": query_of(address)["state"]}
        jar = board.client.session.cookie_jar
        begun = {each.key: each.value for each in jar}[ATTEMPT_COOKIE]
        assert await come_back(board, **answer) == "/"
        await board.post("/logout", {})
        assert await come_back(board, **answer) == "/?login=stale"
        jar.update_cookies({ATTEMPT_COOKIE: begun})
        assert await come_back(board, **answer) == "/?login=refused"
        assert await me(board) is None


async def test_an_answer_in_another_browser_is_refused(tmp_path):
    """Whoever is lured onto the answer of an attacker's login is not logged in as the attacker (login CSRF)."""
    async with board_with_provider(tmp_path) as (board, provider):
        address = await leave(board)
        answer = {"code": provider.code(address), "state": query_of(address)["state"]}
        board.client.session.cookie_jar.clear()
        assert await come_back(board, **answer) == "/?login=stale"
        await leave(board)  # the victim's own login does not help
        assert await come_back(board, **answer) == "/?login=stale"


async def test_keys_are_changed_while_we_run(tmp_path):
    """A token of the new key is believed at once, one of the old key no longer."""
    now_s = [0.0]
    async with board_with_provider(tmp_path) as (board, provider):
        board.provider._clock = lambda: now_s[0]
        assert await journey(board, provider) == "/"
        assert await journey(board, provider) == "/"
        assert provider.asked.count("/keys") == provider.asked.count("/.well-known/openid-configuration") == 1
        old, provider.key = provider.key, SigningKey("k2", "successor")
        provider.published = [provider.key.published]
        assert await journey(board, provider) == "/?login=refused"  # asked a moment ago: not again for a stranger
        now_s[0] += 11
        assert await journey(board, provider) == "/"
        provider.key = old
        now_s[0] += 11
        assert await journey(board, provider) == "/?login=refused"
        assert provider.asked.count("/keys") == 3


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"issuer": "https://evil.example"}, id="another issuer"),
        pytest.param({"token_endpoint": "https://evil.example/token"}, id="our secret to a stranger"),
        pytest.param({"jwks_uri": "http://169.254.169.254/latest"}, id="keys from inside our network"),
        pytest.param({"jwks_uri": "file:///etc/passwd"}, id="keys from a file"),
        pytest.param({"authorization_endpoint": "https://evil.example/authorize"}, id="people to a stranger"),
        pytest.param({"end_session_endpoint": "https://evil.example/"}, id="people who leave, to a stranger"),
        pytest.param({"token_endpoint": ""}, id="no door"),
        pytest.param({"jwks_uri": 7}, id="no address"),
    ],
)
async def test_nobody_but_the_issuer_is_asked(tmp_path, document):
    """A document that leads away is not followed, by us or by a browser."""
    async with board_with_provider(tmp_path) as (board, provider):
        provider.document = document
        assert await leave(board) == "/?login=away"
        assert set(provider.asked) == {"/.well-known/openid-configuration"}


async def test_a_provider_with_several_names(tmp_path):
    """Hosts that the settings name are followed, over https alone."""
    async with board_with_provider(tmp_path, other_hosts=("login.example",)) as (board, provider):
        provider.document = {"authorization_endpoint": "http://login.example/authorize"}
        assert await leave(board) == "/?login=away"
        provider.document = {"authorization_endpoint": "https://login.example/authorize?tenant=1"}
        board.provider._away = None
        assert (await leave(board)).startswith("https://login.example/authorize?tenant=1&response_type=code")


async def test_many_who_come_while_it_is_away_do_not_wait_in_turn(tmp_path):
    """For some seconds everybody is told at once; then it is asked again."""
    now_s = [0.0]
    async with board_with_provider(tmp_path) as (board, provider):
        board.provider._clock = lambda: now_s[0]
        provider.document = {"issuer": "https://evil.example"}
        assert {await leave(board) for _ in range(5)} == {"/?login=away"}
        assert len(provider.asked) == 1
        provider.document = {}
        now_s[0] += 5
        assert (await leave(board)).startswith(provider.issuer)


async def test_a_provider_that_is_away_is_told(tmp_path):
    """The page says so; the board goes on, and who is logged in stays so."""
    async with board_with_provider(tmp_path) as (board, provider):
        await journey(board, provider)
        address = await leave(board)
        await provider.server.close()
        answer = {"code": "x", "state": query_of(address)["state"]}
        assert await come_back(board, **answer) == "/?login=away"
        assert (await me(board))["name"] == "desk"
        board.client.session.cookie_jar.clear()
        board.provider._document = None
        assert await leave(board) == "/?login=away"
        assert (await board.get("/"))[0] == 200


@pytest.mark.parametrize(
    ("address", "lands"),
    [
        pytest.param("/?region=440000&lang=en", "/?region=440000&lang=en", id="the board with its filters"),
        pytest.param("/backtests?id=1", "/backtests?id=1", id="back-tests"),
        pytest.param("https://evil.example/", "/", id="another site"),
        pytest.param("//evil.example/", "/", id="another site, without a scheme"),
        pytest.param("/\\evil.example/", "/", id="a backslash that browsers take for a slash"),
        pytest.param("https:evil.example", "/", id="a scheme without slashes"),
        pytest.param("javascript:alert(1)", "/", id="a script"),
        pytest.param("\t//evil.example", "/", id="white space before it"),
        pytest.param("//[", "/", id="no address at all"),
        pytest.param("/api/events", "/", id="no page"),
        pytest.param("", "/", id="nothing"),
    ],
)
async def test_nobody_is_led_away_from_the_board(tmp_path, address, lands):
    """A link to the login with an address in it is no way to send people anywhere (open redirect)."""
    assert own_page(address) == lands
    async with board_with_provider(tmp_path) as (board, provider):
        left = await leave(board, address)
        assert await come_back(board, code=provider.code(left), state=query_of(left)["state"]) == lands


async def test_tries_are_limited(tmp_path):
    """Whoever begins logins without end waits; the provider is not asked for them."""
    async with board_with_provider(tmp_path) as (board, _):
        statuses = []
        for _ in range(110):
            async with board.client.get("/login/oidc", allow_redirects=False) as answer:
                statuses.append(answer.status)
        assert (statuses[0], statuses[-1]) == (303, 429)


async def test_in_chromium(tmp_path):
    """One click away and back to the same filters; who leaves has left the provider too; why it failed is said."""
    port = unused_port()
    async with (
        board_with_provider(tmp_path, public_url=f"http://127.0.0.1:{port}", port=port) as (board, provider),
        chromium() as browser,
        tab(browser, str(board.client.make_url("/?region=440000&lang=en"))) as desk,
    ):
        await desk.until("document.querySelector('#login').open")
        assert not await desk.page.is_visible("#token")
        assert await desk.text("#login-oidc") == "Log in with your company account"
        assert await desk.violations() == []
        await desk.page.click("#login-oidc")
        await desk.until("document.querySelector('#logout') && !document.querySelector('#logout').hidden")
        assert "region=440000" in desk.page.url
        assert "lang=en" in desk.page.url
        await desk.page.click("#logout")
        await desk.until("document.querySelector('#login')?.open")
        assert "/bye" in provider.asked
        provider.document = {"issuer": "https://evil.example"}
        board.provider._document = None
        await desk.page.click("#login-oidc")
        await desk.until("document.querySelector('#login-problem')?.textContent.includes('没有应答')")
        assert await desk.violations() == []
        assert [each for each in desk.errors if "401" not in each] == []
