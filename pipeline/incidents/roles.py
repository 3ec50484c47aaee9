"""Roles: what somebody may do about incidents, on the board, by a link, by a card or on the command line."""

from enum import StrEnum

from schemas.actions import ActionKind


class Role(StrEnum):
    """What somebody may do, each more than the one before."""

    VIEWER = "viewer"
    OPERATOR = "operator"  # deal with alerts and incidents
    ADMIN = "admin"  # keep alerts quiet, close what is high risk

    def may(self, action: ActionKind) -> bool:
        """Whether the role may take an action."""
        return action in _MAY[self]


_OPERATORS = frozenset(
    {ActionKind.ACK, ActionKind.RESOLVE, ActionKind.ESCALATE, ActionKind.VERDICT, ActionKind.COMMENT}
)
_MAY = {Role.VIEWER: frozenset[ActionKind](), Role.OPERATOR: _OPERATORS, Role.ADMIN: frozenset(ActionKind)}
