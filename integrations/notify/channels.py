"""The ways out: e-mail and webhooks. Each try ends in nothing, ``Refused`` or ``TryAgain``."""

import asyncio
import json
import smtplib
import ssl
import time
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import httpx

from . import addresses, signing
from .outbox import Letter
from .settings import NotifySettings, SmtpSettings, WebhookSettings

TRY_S = 15.0
"""No step of a try takes longer; SMTP has seven, all together shorter than the outbox's lease."""


class Refused(Exception):
    """It will not be taken, ever; the message says why, as the agent can say it."""


class TryAgain(Exception):
    """It was not taken now."""

    def __init__(self, message: str, after_s: float = 0.0) -> None:
        super().__init__(message)
        self.after_s = after_s
        """The receiver wants us to wait so long."""


class Channels:
    """Belongs to one event loop."""

    def __init__(self, settings: NotifySettings) -> None:
        self._settings = settings
        self._client = httpx.AsyncClient(timeout=TRY_S, follow_redirects=False)

    def why_not(self, recipient: str) -> str:
        """Why nothing can be sent there, as the agent can say it; empty if it can."""
        if recipient in self._settings.webhooks:
            return ""
        if addresses.is_email(recipient):
            return "" if self._settings.smtp else "I can't send e-mails"
        if addresses.is_phone(recipient):
            return "" if self._settings.phones else "I can't send messages to phones"
        return "that is not an address that I can write to"

    async def deliver(self, letter: Letter) -> None:
        """One try.

        :raises Refused, TryAgain: it was not taken.
        """
        if reason := self.why_not(letter.recipient):  # the settings may have changed since it was accepted
            raise TryAgain(reason)
        smtp = self._settings.smtp
        if smtp and letter.recipient not in self._settings.webhooks and addresses.is_email(letter.recipient):
            await asyncio.to_thread(_mail, smtp, letter)
            return
        name = letter.recipient if letter.recipient in self._settings.webhooks else self._settings.phones
        await self._post(self._settings.webhooks[name], letter)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def health(self) -> str:
        """Empty when well, else what is wrong and what to do."""
        if self._settings.smtp is None:
            return ""
        try:
            await asyncio.to_thread(_look, self._settings.smtp)
        except (OSError, smtplib.SMTPException) as error:
            return f"{_where(self._settings.smtp)}: {error} (settings integration.notify.smtp)"
        return ""

    async def _post(self, webhook: WebhookSettings, letter: Letter) -> None:
        now = time.time()
        document = {
            "type": "message",
            "id": letter.event_id,
            "timestamp": datetime.fromtimestamp(letter.created_at, UTC).isoformat(),
            "data": {"to": letter.recipient, "subject": letter.subject, "body": letter.body},
        }
        content = json.dumps(document, ensure_ascii=False).encode()
        signed = signing.sign(webhook.secret.get_secret_value(), letter.event_id, int(now), content)
        headers = {"Content-Type": "application/json", "User-Agent": "voicegw", **webhook.headers, **signed}
        try:
            answer = await self._client.post(webhook.url, content=content, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise TryAgain(f"{webhook.url}: {error or type(error).__name__}") from error
        if answer.status_code == 410:
            raise Refused("nobody wants these messages any more")
        if not answer.is_success:
            raise TryAgain(f"{webhook.url}: HTTP {answer.status_code}", _wait_s(answer.headers.get("Retry-After", "")))


def _mail(smtp: SmtpSettings, letter: Letter) -> None:
    message = _message(smtp, letter)
    try:
        with _connected(smtp) as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        _judge(code, f"{_where(smtp)}: {_text(text)}", "that address does not exist")
    except smtplib.SMTPDataError as error:
        _judge(error.smtp_code, f"{_where(smtp)}: {_text(error.smtp_error)}", "the mail server does not take it")
    except smtplib.SMTPNotSupportedError as error:
        raise TryAgain(f"{_where(smtp)}: {error}") from error
    except (OSError, smtplib.SMTPException) as error:
        raise TryAgain(f"{_where(smtp)}: {error}") from error


def _judge(code: int, error: str, reason: str) -> None:
    """RFC 5321 §4.2.1: 4yz may go another time, 5yz will not."""
    if 500 <= code < 600:
        raise Refused(reason)
    raise TryAgain(error)


def _message(smtp: SmtpSettings, letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["From"] = Address(smtp.sender_name, addr_spec=smtp.sender)
    message["To"] = letter.recipient
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = format_datetime(datetime.fromtimestamp(letter.created_at, UTC))
    # The same at every try: mail servers and readers show a message that comes twice once.
    message["Message-ID"] = f"<{letter.event_id}@{smtp.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no out-of-office replies
    message.set_content(letter.body)
    return message


def _connected(smtp: SmtpSettings) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=str(smtp.certificates) if smtp.certificates else None)
    if smtp.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=TRY_S, context=context)
    else:
        server = smtplib.SMTP(smtp.host, smtp.port, timeout=TRY_S)
    try:
        if smtp.security == "starttls":
            server.starttls(context=context)
        if smtp.username:
            server.login(smtp.username, smtp.password.get_secret_value())
    except BaseException:
        server.close()
        raise
    return server


def _look(smtp: SmtpSettings) -> None:
    with _connected(smtp) as server:
        server.noop()


def _where(smtp: SmtpSettings) -> str:
    return f"mail server {smtp.host}:{smtp.port}"


def _text(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer


def _wait_s(header: str) -> float:
    return float(header) if header.isdigit() else 0.0
