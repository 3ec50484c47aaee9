"""What a card says of the customer's earlier contacts, so that nobody has to ask for them again."""

from pipeline import words
from pipeline.times import in_china
from schemas.contacts import Background, EarlierContact
from schemas.vocabulary import Level

CONTACTS_SHOWN = 3


def history(background: Background | None) -> str:
    """How often the customer came, how far that went, the newest contacts, promises that were broken."""
    if background is None or (background.contacts < 2 and not background.broken_promises):
        return ""
    parts = [f"72 小时内第 {background.contacts} 次联系"]
    parts += [f"最高{words.LEVELS[background.level]}"] if background.level is not Level.NONE else []
    parts += [f"{background.broken_promises} 项承诺未兑现"] if background.broken_promises else []
    parts += [_contact(each) for each in background.earlier[:CONTACTS_SHOWN]]
    return " · ".join(parts)


def _contact(contact: EarlierContact) -> str:
    level = "" if contact.level is Level.NONE else f" {words.LEVELS[contact.level]}"
    return f"{in_china(contact.started_at):%m-%d %H:%M} {words.CHANNELS[contact.channel]}{level}"
