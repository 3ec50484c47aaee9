"""E-mail over SMTP: text and HTML, one thread of mails for each incident, an id that makes repeats known."""

import asyncio
import hashlib
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from html import escape

from pydantic import SecretStr

from agents.channels.base import Channel, Judgement, Message
from agents.channels.outgoing import TIMEOUT_SECONDS
from pipeline.cards.draw import text_of
from pipeline.cards.plain import plain_card
from schemas.cards import Card
from schemas.deliveries import Outcome


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The server that takes our mails. TLS always, but to a server on this machine."""

    host: str
    sender: str
    port: int = 587
    username: str = ""
    password: SecretStr | None = None
    is_private: bool = False  # on our own network and without TLS, because the operator said so
    timeout_seconds: float = TIMEOUT_SECONDS


class Email(Channel):
    """Mails from one sender. SMTP has no asynchronous client in the standard library: a thread waits for it."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def send(self, message: Message, *, now_ms: int) -> Judgement:
        """Try once."""
        mail = mail_of(message, sender=self._mailbox.sender, now_ms=now_ms)
        try:
            async with asyncio.timeout(self._mailbox.timeout_seconds * 2):  # the socket's own timeout is for each step
                return await asyncio.to_thread(_send, self._mailbox, mail)
        except TimeoutError:
            return Judgement(Outcome.UNREACHABLE, "timeout")


def _send(mailbox: Mailbox, mail: EmailMessage) -> Judgement:
    try:
        server = smtplib.SMTP(mailbox.host, mailbox.port, timeout=mailbox.timeout_seconds)
    except (smtplib.SMTPException, OSError) as error:
        return Judgement(Outcome.UNREACHABLE, "timeout" if isinstance(error, TimeoutError) else "network")
    try:
        return _talk(server, mailbox, mail)
    finally:
        with suppress(smtplib.SMTPException, OSError):  # the mail is taken or not; how they part changes nothing
            server.quit()
        server.close()


def _talk(server: smtplib.SMTP, mailbox: Mailbox, mail: EmailMessage) -> Judgement:
    try:
        if not mailbox.is_private:
            server.starttls(context=ssl.create_default_context())
        if mailbox.password is not None:
            server.login(mailbox.username, mailbox.password.get_secret_value())
        server.send_message(mail)
    except smtplib.SMTPAuthenticationError as error:
        return Judgement(Outcome.UNAUTHORISED, f"smtp {error.smtp_code}")
    except smtplib.SMTPRecipientsRefused as error:
        return _judged(next(iter(error.recipients.values()), (550,))[0])  # nobody at all is no mailbox either
    except smtplib.SMTPResponseException as error:
        return _judged(error.smtp_code)
    except smtplib.SMTPNotSupportedError:
        return Judgement(Outcome.UNAUTHORISED, "no tls")
    except (smtplib.SMTPException, OSError) as error:
        return Judgement(Outcome.UNREACHABLE, "timeout" if isinstance(error, TimeoutError) else "network")
    except ValueError:  # what a server asks us to sign comes in base64, or should
        return Judgement(Outcome.UNREACHABLE, "no challenge")
    return Judgement(Outcome.ACCEPTED, "smtp 250")


def _judged(code: int) -> Judgement:
    """By the standard a 4xx may be repeated and a 5xx may not."""
    if code == 421 or 450 <= code < 460:
        return Judgement(Outcome.RATE_LIMITED if code in {421, 450, 452} else Outcome.UNREACHABLE, f"smtp {code}")
    return Judgement(Outcome.REFUSED if code >= 500 else Outcome.UNREACHABLE, f"smtp {code}")


def mail_of(message: Message, *, sender: str, now_ms: int) -> EmailMessage:
    """The mail; header values are one line, whatever the card holds."""
    shown = plain_card(message.card)
    mail = EmailMessage()
    mail["Subject"] = shown.title
    mail["From"] = sender
    mail["To"] = message.to
    mail["Date"] = formatdate(now_ms / 1000)
    mail["Message-ID"] = _mail_id(message.notification_id)
    mail["References"] = _mail_id(message.incident_id)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text_of(message.card))
    mail.add_alternative(_html(shown), subtype="html")
    return mail


def _mail_id(name: str) -> str:
    return f"<{hashlib.blake2b(name.encode(), digest_size=16).hexdigest()}@tocsin>"


def _html(card: Card) -> str:
    rows = "".join(f"<tr><th align=left>{escape(each.name)}<td>{escape(each.value)}" for each in card.facts)
    samples = "".join(f"<blockquote>{escape(each)}</blockquote>" for each in card.samples)
    links = " ".join(f'<a href="{escape(each.url)}">{escape(each.label)}</a>' for each in card.buttons)
    why = "<br>".join(map(escape, card.why))
    return (
        f"<h3>{escape(card.title)}</h3><table>{rows}</table><p><b>建议</b> {escape(card.advice)}</p>{samples}"
        f"<p>{why}</p><p>{escape(card.english)}</p><p>{links}</p>"
    )
