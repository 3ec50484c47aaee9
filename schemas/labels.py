"""Labels: what people said about an alert, beside what made it. Topic `labels.verdicts`, compacted, keyed by alert."""

from schemas.actions import Verdict
from schemas.base import Code, EpochMillis, Id, Note, Wire
from schemas.evidence import Codes, Reasons
from schemas.vocabulary import AlertKind, ChannelClass, Level


class VerdictLabel(Wire, tag="verdict.label/1", frozen=True, kw_only=True):
    """The last verdict on one alert, for whoever measures rules or trains a model."""

    alert_id: Id
    verdict: Verdict
    by: Id
    at: EpochMillis  # of the verdict
    kind: AlertKind
    level: Level
    region: Code
    occurred_at: EpochMillis
    reasons: Reasons = ()
    rules: Codes = ()  # that the evidence names, each once: `threat.regulator:12315`
    channel: ChannelClass | None = None
    conversation_id: Code = ""
    utterance_id: Code = ""  # of the one text that made the alert; empty where several did
    text: Note = ""  # masked quote of that text; only where the operator has switched it on
    rules_version: Code = ""
    model_version: Code = ""
    tenant: Code = "default"

    def record_id(self) -> str:
        """The alert and the moment of the verdict."""
        return f"label:{self.alert_id}:{self.at}"
