"""Whether an ID token is the provider's, for us, for this login, and still good (OpenID Connect Core 1.0, 3.1.3.7)."""

import hmac
from collections.abc import Sequence
from typing import Any

import jwt

from agents.oidc.provider import Key
from agents.oidc.refusals import LoginError, Problem

# Signatures with a published key only: `none`, and the HS family, whose "key" would be our own secret, are not here.
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
_LEEWAY_SECONDS = 60  # between two clocks
_NEEDED = ["iss", "sub", "aud", "exp", "iat"]


def key_id_of(token: str) -> str | None:
    """The id of the key that is said to have signed; raises LoginError where the token is none of ours to read."""
    header = _header(token)
    if header.get("alg") not in ALGORITHMS:
        raise LoginError(Problem.REFUSED, "the ID token is signed by no algorithm with published keys")
    key_id = header.get("kid")
    return key_id if isinstance(key_id, str) else None


def checked_claims(token: str, keys: Sequence[Key], *, issuer: str, client_id: str, nonce: str) -> dict[str, Any]:
    """What the token says; raises LoginError with what is wrong. Without an id there must be one key only."""
    if len(keys) != 1:
        raise LoginError(Problem.REFUSED, f"{len(keys)} published keys could have signed the ID token")
    algorithm = _header(token)["alg"]
    if keys[0].get("alg", algorithm) != algorithm:
        raise LoginError(Problem.REFUSED, "the ID token's key is for another algorithm")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK(keys[0], algorithm=algorithm),
            algorithms=[algorithm],
            audience=client_id,
            issuer=issuer,
            leeway=_LEEWAY_SECONDS,
            options={"require": _NEEDED, "enforce_minimum_key_length": True},
        )
    except jwt.PyJWTError as error:  # its text may hold the key or the value; its kind says enough
        raise LoginError(Problem.REFUSED, f"the ID token is not good: {type(error).__name__}") from error
    is_for_several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", "" if is_for_several else client_id) != client_id:
        raise LoginError(Problem.REFUSED, "the ID token was issued to another client (azp)")
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise LoginError(Problem.REFUSED, "the ID token is of another login (nonce)")
    return claims


def _header(token: str) -> dict[str, Any]:
    try:
        return jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise LoginError(Problem.REFUSED, f"the ID token cannot be read: {type(error).__name__}") from error
