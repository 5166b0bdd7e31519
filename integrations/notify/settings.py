"""Settings of messages, from ``[integration.notify]``."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from . import addresses, signing


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _address(text: str) -> str:
    if not addresses.is_email(text):
        raise ValueError(f"{text!r} is no e-mail address")
    return text


def _secret(secret: SecretStr) -> SecretStr:
    signing.key_of(secret.get_secret_value())
    return secret


class SmtpSettings(_Part):
    """The mail server that takes our messages."""

    host: str = Field(description="Name of the server.")
    port: int = Field(587, ge=1, le=65535, description="587 with starttls, 465 with tls, 25 with none.")
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="none: only on this machine.")
    certificates: Path | None = Field(None, description="PEM file of authorities, for a server of your own.")
    username: str = Field("", description="Empty: without logging in.")
    password: SecretStr = SecretStr("")
    sender: Annotated[str, AfterValidator(_address)] = Field(description="From address.")
    sender_name: str = Field("", description="Name beside it.")

    @model_validator(mode="after")
    def _password_is_safe(self) -> "SmtpSettings":
        if self.username and self.security == "none" and self.host not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("security = 'none' would send the password in the clear: use starttls or tls")
        return self


class WebhookSettings(_Part):
    """Another system that wants to know."""

    url: str = Field(pattern=r"^https?://", description="Gets a POST for each message.")
    secret: Annotated[SecretStr, AfterValidator(_secret)] = Field(description="whsec_ and 24 to 64 bytes as Base64.")
    headers: dict[str, str] = Field({}, description="Sent along.")


class NotifySettings(_Part):
    """Where messages go, and how long it is tried."""

    smtp: SmtpSettings | None = Field(None, description="For e-mail addresses.")
    webhooks: dict[str, WebhookSettings] = Field({}, description="By the name that stands in `to`.")
    phones: str = Field(
        "", description="Name of the webhook that gets messages to phone numbers, such as an SMS service."
    )
    first_retry_s: float = Field(
        5.0, gt=0, description="Pause before the second try; later ones are three times longer."
    )
    longest_retry_s: float = Field(3600.0, gt=0, description="The longest pause.")
    give_up_after_h: float = Field(72.0, gt=0, description="A message that could not be sent for so long is given up.")
    data_dir: Path = Field(Path(), description="The service's data folder; the outbox lies in it.")
    time_limit_s: float = Field(10.0, gt=2, description="A message that takes longer is sent later on.")

    @model_validator(mode="after")
    def _somewhere(self) -> "NotifySettings":
        if not self.smtp and not self.webhooks:
            raise ValueError("neither smtp nor webhooks: messages can go nowhere")
        if self.phones and self.phones not in self.webhooks:
            raise ValueError(f"phones: no webhook is called {self.phones!r}")
        return self
