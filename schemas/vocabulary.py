"""The closed vocabularies: every value here is the string on the wire and the value of a metric label."""

from enum import StrEnum


class Level(StrEnum):
    """How far a complaint has come; ordered by `rank`."""

    NONE = "none"
    POTENTIAL = "potential"
    EXPLICIT = "explicit"
    HIGH_RISK = "high_risk"

    @property
    def rank(self) -> int:
        """0 for none up to 3 for high_risk."""
        return _RANK[self]


_RANK = {level: rank for rank, level in enumerate(Level)}


class Role(StrEnum):
    """Who speaks."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"


class ChannelClass(StrEnum):
    """What a metric or a window tells channels apart by."""

    VOICE = "voice"
    CHAT = "chat"
    TICKET = "ticket"
    FEEDBACK = "feedback"
    EMAIL = "email"
    SOCIAL = "social"


class ThreatGroup(StrEnum):
    """The nine kinds of high-risk sign (`domain.md` 5)."""

    MEDIA_EXPOSURE = "media_exposure"
    SOCIAL_PLATFORM = "social_platform"
    REGULATOR = "regulator"
    LEGAL = "legal"
    GROUP_OFFLINE = "group_offline"
    SAFETY_SELF_HARM = "safety_self_harm"
    SAFETY_VIOLENCE = "safety_violence"
    SAFETY_INJURY = "safety_injury"
    INFLUENCE = "influence"


class ReasonGroup(StrEnum):
    """First level of the reason tree; `other` carries a complaint that names no reason."""

    PRODUCT = "product"
    LOGISTICS = "logistics"
    SERVICE = "service"
    AFTER_SALES = "after_sales"
    BILLING_CONTRACT = "billing_contract"
    OTHER = "other"


class AlertKind(StrEnum):
    """What an alert is about."""

    LEVEL_RISE = "level_rise"
    SELF_HARM = "self_harm"
    SLA_WARNING = "sla_warning"
    SLA_BREACH = "sla_breach"
    SURGE = "surge"
    RATE = "rate"
    OUTBREAK = "outbreak"
    NO_DATA = "no_data"
    PROMISE = "promise"  # an agent's promise was broken
    PROMISE_WARNING = "promise_warning"  # it soon will be
    HOUSE_RULE = "house_rule"  # something was done with a ticket that the house does not want
    COMMAND_UNANSWERED = "command_unanswered"  # the ticket system did not do what it was told
    SCORE_FALL = "score_fall"  # a score of the customers' voice is lower than it was, and not by chance
    REVIEW_UNANSWERED = "review_unanswered"  # an unhappy review waits too long for an answer
    AGENT_COMPLAINTS = "agent_complaints"  # several conversations with one agent became complaints within minutes


RISES = frozenset({AlertKind.LEVEL_RISE, AlertKind.SELF_HARM})  # one conversation became a complaint, or a graver one


class Category(StrEnum):
    """Why a record was refused; bounded, so it may label a metric."""

    DECODE = "decode"  # not JSON, not UTF-8, a broken structured CloudEvent
    SCHEMA = "schema"  # a field is missing or of the wrong type or out of its bounds
    UNKNOWN_TYPE = "unknown_type"  # the schema id is not one of the topic's
    TIME_OUT_OF_RANGE = "time_out_of_range"  # occurred_at against the record's own timestamp
    TOO_LARGE = "too_large"
    RULE_ERROR = "rule_error"
    ILLEGAL_STEP = "illegal_step"  # an action that the state of its subject does not allow
