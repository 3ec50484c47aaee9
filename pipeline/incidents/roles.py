"""Roles: what somebody may do about incidents, on the board, by a link, by a card or on the command line."""

from enum import StrEnum

from schemas.actions import ActionKind


class Role(StrEnum):
    """What somebody may do, each more than the one before."""

    VIEWER = "viewer"
    OPERATOR = "operator"  # deal with alerts and incidents
    ADMIN = "admin"  # keep alerts quiet, and close what is high risk in a manager's name

    def may(self, action: ActionKind) -> bool:
        """Whether the role may take an action."""
        return action in _MAY[self]


# Resolving is theirs at high risk too: whoever is on call at night must be able to end what they have dealt with.
_OPERATORS = frozenset(
    {ActionKind.ACK, ActionKind.RESOLVE, ActionKind.ESCALATE, ActionKind.VERDICT, ActionKind.COMMENT}
)
_MAY = {Role.VIEWER: frozenset[ActionKind](), Role.OPERATOR: _OPERATORS, Role.ADMIN: frozenset(ActionKind)}
