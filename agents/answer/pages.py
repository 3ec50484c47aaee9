"""Pages: one that asks whether an act is meant, one that says what became of it. No script, nothing from elsewhere."""

from html import escape
from pathlib import Path
from string import Template

from agents.answer.outcomes import TELLINGS, Outcome
from pipeline.answers.acts import MEANINGS, Act
from pipeline.answers.offers import Offer
from schemas.audits import NOTE_CHARS_MAX
from schemas.incidents import Incident, IncidentState

STATIC = Path(__file__).with_name("static")
STYLE = (STATIC / "answer.css").read_bytes()
_PAGE, _ASK, _TELL = (
    Template((STATIC / name).read_text(encoding="utf-8")) for name in ("page.html", "ask.html", "tell.html")
)
_STATES = {
    IncidentState.OPEN: "待处理",
    IncidentState.ACKED: "已确认",
    IncidentState.RESOLVED: "已解决",
    IncidentState.CLOSED: "已关闭",
}


def ask(offer: Offer, incident: Incident | None, form: str) -> str:
    """The page that asks. What stands in it of an incident is text, whatever it holds."""
    meaning = MEANINGS[offer.act]
    main = _ASK.substitute(
        label=escape(meaning.label),
        chinese=escape(meaning.chinese),
        english=escape(meaning.english),
        title=escape(incident.title if incident is not None else offer.incident_id),
        state=_STATES[incident.state] if incident is not None else "",
        count=f"{incident.count} 件" if incident is not None else "",
        acked=escape(f"已由 {incident.acked_by} 确认") if incident is not None and incident.acked_by else "",
        actor=escape(offer.actor),
        form=escape(form),
        note_most=NOTE_CHARS_MAX // 2,
        required="required" if offer.act is Act.COMMENT else "",
    )
    return _PAGE.substitute(title=escape(meaning.label), main=main)


def tell(outcome: Outcome) -> str:
    """The page that says what became of it."""
    telling = TELLINGS[outcome]
    kind = "good" if telling.is_good else "bad"
    main = _TELL.substitute(kind=kind, chinese=escape(telling.chinese), english=escape(telling.english))
    return _PAGE.substitute(title=escape(telling.chinese), main=main)
