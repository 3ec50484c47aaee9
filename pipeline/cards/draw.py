"""A card as lines: plain text, and the markdown that DingTalk, WeCom, Feishu and Slack agree on (bold and quotes)."""

from collections.abc import Sequence

from pipeline.cards.plain import cut, plain_card
from schemas.cards import Button, Card


def text_of(card: Card) -> str:
    """The whole card as plain lines, for e-mail, logs and terminals."""
    card = plain_card(card)
    lines = [card.title, *(f"{fact.name}：{fact.value}" for fact in card.facts)]
    lines += [f"“{sample}”" for sample in card.samples]
    lines += [f"依据：{each}" for each in card.why]
    lines += [f"建议：{card.advice}"] if card.advice else []
    lines += [card.english] if card.english else []
    lines += [f"{button.label}：{button.url}" for button in card.buttons]
    return "\n".join(lines)


def markdown_of(card: Card, *, most_bytes: int, bold: str = "**", paragraph: str = "\n\n") -> str:
    """The body of a card without its title and buttons. What does not fit is left out line by line, from the end.

    The order is by worth: what an on-call person needs first comes first, so that a limit costs the least.
    """
    card = plain_card(card)
    lines = [f"{bold}{fact.name}{bold} {fact.value}" for fact in card.facts]
    lines += [f"{bold}建议{bold} {card.advice}"] if card.advice else []
    lines += [f"> {sample}" for sample in card.samples]
    lines += [f"依据 {each}" for each in card.why]
    lines += [card.english] if card.english else []
    return fitting(lines, most_bytes=most_bytes, paragraph=paragraph)


def fitting(lines: Sequence[str], *, most_bytes: int, paragraph: str) -> str:
    """As many lines as fit, then how many did not; a first line that is too long by itself is cut."""
    for shown in range(len(lines), 0, -1):
        text = paragraph.join([*lines[:shown], *_left_out(len(lines) - shown)])
        if len(text.encode()) <= most_bytes:
            return text
    if not lines:
        return ""
    rest = paragraph.join(["", *_left_out(len(lines) - 1)])
    return cut(lines[0], most_bytes - len(rest.encode())) + rest


def few(buttons: Sequence[Button], most: int) -> tuple[Button, ...]:
    """The first ones and the last, where a vendor has no room for all: what to do, and where to read more."""
    return tuple(buttons) if len(buttons) <= most else (*buttons[: most - 1], buttons[-1])


def _left_out(count: int) -> list[str]:
    return [f"… 另有 {count} 行"] if count else []
