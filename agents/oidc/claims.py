"""What the claims of a token say about somebody: a name, and groups."""

from collections.abc import Mapping
from typing import Any

from agents.web.tokens import NAME_CHARS_MAX


def name_of(claims: Mapping[str, Any], claim: str) -> str:
    """What stands in what they do; the subject, which every token has, where the claim is missing or no text."""
    found = claims.get(claim)
    name = found if isinstance(found, str) and found.strip() else str(claims["sub"])
    return "".join(char for char in name if char.isprintable()).strip()[:NAME_CHARS_MAX]


def groups_of(claims: Mapping[str, Any], claim: str) -> frozenset[str]:
    """Groups or roles, a list or one text. The claim's name is taken as it is, then as a path with dots."""
    found: Any = claims.get(claim)
    if found is None:
        found = claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return frozenset({found})
    return frozenset(each for each in found if isinstance(each, str)) if isinstance(found, list) else frozenset()
