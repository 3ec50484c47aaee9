"""An advice card for people who read a terminal: Chinese first, English under it."""

from rich.console import Console
from rich.text import Text

from pipeline.conversation.advice import Advice
from pipeline.rules.service import Bilingual


def show_advice(out: Console, advice: Advice) -> None:
    """Type of customer, what to say, how to treat them, what not to say, what next; empty parts are left out."""
    if advice.customer_type:
        out.print(Text(f"客户类型 type  {_named(advice)}"))
    _show(out, "应对 say", advice.card.say)
    _show(out, "态度 handling", advice.handling)
    _show(out, "忌 avoid", advice.avoid)
    _show(out, "下一步 next", advice.card.next_step)


def _named(advice: Advice) -> str:
    return " ".join(filter(None, (advice.type_name.zh, advice.type_name.en or advice.customer_type)))


def _show(out: Console, name: str, text: Bilingual) -> None:
    if text.zh or text.en:
        out.print(Text.assemble(f"{name}  ", (text.zh, "bold"), "  ", (text.en, "dim")), soft_wrap=True)
