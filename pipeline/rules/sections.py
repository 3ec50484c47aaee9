"""The sections that rule files may hold, and the shape of each."""

from pipeline.rules.service import SERVICE_SECTIONS
from pipeline.rules.shapes import Choice, Each, Number, Record, Regexes, Shape, Table, Text, Title, Word
from pipeline.watches.conditions import CollectedWord
from pipeline.watches.written import Rules
from schemas.vocabulary import Level, ReasonGroup, ThreatGroup

SIGN_LEVELS = (Level.POTENTIAL.value, Level.EXPLICIT.value, Level.HIGH_RISK.value)
NATURES = ("售后服务", "质量", "合同", "虚假宣传", "价格", "安全", "假冒", "人格尊严", "计量", "其他")
# In the order in which they decide a clause that says 投诉; the rest decide other things.
COMPLAINT_GUARDS = (
    *("script", "withdraw", "rhetorical_positive", "negated", "inquiry", "third_party", "history", "conditional"),
)
OTHER_GUARDS = (
    "hypothetical",
    "threat_inquiry",
    "threat_ordinary",
    "threat_reported",
    "threat_denied",
    "self_harm_denied",
    "self_harm_reported",
    "civic",
    "civic_title",
    "civic_asks",
    "civic_wishes",
)
_SCORE = Number(0, 100)
_WORDS = Each(Word())
_LEAF: dict[str, Shape] = {"zh": Title(), "ca_nature": Choice(NATURES), "words": _WORDS}
_REGEXES = Regexes()

SECTIONS: dict[str, Shape] = {
    "levels": Table(Record({"zh": Title(), "band": Each(_SCORE, at_least=2)}), keys=[level.value for level in Level]),
    "complaint_words": _WORDS,
    "cues": Table(Record({"level": Choice(SIGN_LEVELS), "score": _SCORE, "words": _WORDS})),
    "patterns": Table(
        Record(
            {"level": Choice(SIGN_LEVELS), "score": _SCORE, "anchors": _WORDS, "match": _REGEXES},
            {
                "unless": _REGEXES,
                "tags": Each(Text()),
                "group": Choice([group.value for group in ThreatGroup]),
            },
        )
    ),
    "weak": Record(
        {
            "score": _SCORE,
            "threshold": Number(1, 20),
            "praise_share": Number(1, 20),
            "negative": _WORDS,
            "asking": _WORDS,
            "positive": _WORDS,
        }
    ),
    "verbs": Record({"within_chars": Number(1, 40), "before": _WORDS, "not_before": _WORDS, "around": _WORDS}),
    "links": _REGEXES,
    "threats": Table(
        Record(
            {"zh": Title(), "score": _SCORE, "words": _WORDS},
            {"mentions": _WORDS, "needs": Choice(("verb", "link")), "unless": _REGEXES},
        ),
        keys=[group.value for group in ThreatGroup],
    ),
    "guards": Table(Record({"match": _REGEXES}, {"unless": _REGEXES}), keys=COMPLAINT_GUARDS + OTHER_GUARDS),
    "civic_channels": _WORDS,
    "civic_requests": _WORDS,
    "civic_only": _WORDS,
    "civic_joint": _WORDS,
    "cue_negations": _WORDS,
    "traps": Table(_WORDS, fold_keys=True),
    "reasons": Table(
        Record({"zh": Title(), "leaves": Table(Record(_LEAF, {"about": _WORDS}))}),
        keys=[group.value for group in ReasonGroup],
    ),
    "tags": Table(_WORDS),
    "agent_tags": Table(_WORDS),
    **SERVICE_SECTIONS,
    "collections": Table(Each(CollectedWord())),
    "rules": Rules(),
}
REQUIRED = ("levels", "complaint_words", "cues", "weak", "verbs", "links", "threats", "guards", "advice")
