"""ID tokens that are not the provider's, not for us, or not for this login: each is refused over the whole journey."""

import time

import jwt
import pytest

from tests.support.openid import (
    CLIENT_ID,
    CLIENT_SECRET,
    SigningKey,
    board_with_provider,
    come_back,
    leave,
    me,
    query_of,
)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"aud": "another-client"}, id="for another client"),
        pytest.param({"aud": [CLIENT_ID, "another"]}, id="for several, and none said to hold it"),
        pytest.param({"aud": [CLIENT_ID, "another"], "azp": "another"}, id="for several, held by another"),
        pytest.param({"azp": "another"}, id="for us, held by another"),
        pytest.param({"aud": None}, id="for nobody"),
        pytest.param({"iss": "https://evil.example"}, id="of another issuer"),
        pytest.param({"exp": int(time.time()) - 3_600}, id="expired"),
        pytest.param({"exp": None}, id="good for ever"),
        pytest.param({"iat": int(time.time()) + 3_600}, id="of tomorrow"),
        pytest.param({"nbf": int(time.time()) + 3_600}, id="not yet good"),
        pytest.param({"nonce": "another"}, id="of another login"),
        pytest.param({"nonce": None}, id="of no login"),
        pytest.param({"nonce": 5}, id="a nonce that is no text"),
        pytest.param({"sub": None}, id="of nobody"),
    ],
)
async def test_a_token_with_a_wrong_claim_lets_nobody_in(tmp_path, changes):
    """Signed by the provider's own key, and still not for this login."""
    async with board_with_provider(tmp_path) as (board, provider):
        address = await leave(board)
        provider.token = provider.signed(**{"nonce": query_of(address)["nonce"]} | changes)
        answer = {"code": provider.code(address), "state": query_of(address)["state"]}
        assert await come_back(board, **answer) == "/?login=refused"
        assert await me(board) is None


STRANGER = SigningKey("k1", "stranger")


def changed(token):
    """One sign of the payload is another."""
    head, body, signature = token.split(".")
    return f"{head}.{body[:-2]}{'A' if body[-2] != 'A' else 'B'}{body[-1]}.{signature}"


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda it, nonce: jwt.encode(it.told(nonce), None, "none"), id="alg none"),
        pytest.param(
            lambda it, nonce: jwt.encode(it.told(nonce), it.key.published["n"], "HS256", {"kid": "k1"}),
            id="the public key taken for a secret",
        ),
        pytest.param(
            lambda it, nonce: jwt.encode(it.told(nonce), CLIENT_SECRET * 2, "HS256"),
            id="our own secret taken for a key",
        ),
        pytest.param(
            lambda it, nonce: jwt.encode(it.told(nonce), STRANGER.private, "RS256", {"kid": "k1"}),
            id="a stranger's key under a published id",
        ),
        pytest.param(
            lambda it, nonce: jwt.encode(
                it.told(nonce), STRANGER.private, "RS256", {"kid": "k1", "jwk": STRANGER.published}
            ),
            id="a key that the token brings along",
        ),
        pytest.param(
            lambda it, nonce: jwt.encode(it.told(nonce), STRANGER.private, "RS256", {"kid": "k9"}), id="an unknown key"
        ),
        pytest.param(
            lambda it, nonce: jwt.encode(it.told(nonce), it.key.private, "PS256", {"kid": "k1"}),
            id="the right key, for another algorithm",
        ),
        pytest.param(lambda it, nonce: changed(it.signed(nonce)), id="one sign changed"),
        pytest.param(lambda it, nonce: it.signed(nonce).rpartition(".")[0] + ".", id="the signature cut off"),
        pytest.param(lambda it, nonce: "no.token.atall", id="no token"),
        pytest.param(lambda it, nonce: "x" * 70_000, id="an endless one"),
    ],
)
async def test_a_forged_token_lets_nobody_in(tmp_path, forge):
    """Whatever the token says of itself, a published key of the provider must have signed it."""
    async with board_with_provider(tmp_path) as (board, provider):
        address = await leave(board)
        provider.token = forge(provider, query_of(address)["nonce"])
        answer = {"code": provider.code(address), "state": query_of(address)["state"]}
        assert await come_back(board, **answer) in {"/?login=refused", "/?login=away"}
        assert await me(board) is None


async def test_a_token_without_an_id_of_its_key(tmp_path):
    """It is good where the provider has one key, and not where it might be any."""
    async with board_with_provider(tmp_path) as (board, provider):
        for published, lands in (([provider.key], "/"), ([provider.key, STRANGER], "/?login=refused")):
            provider.published = [key.published for key in published]
            board.provider._keys = None
            address = await leave(board)
            nonce, state = (query_of(address)[name] for name in ("nonce", "state"))
            provider.token = jwt.encode(provider.told(nonce), provider.key.private, "RS256")
            assert await come_back(board, code=provider.code(address), state=state) == lands
