"""Which OpenID provider is believed, and what it says of people."""

from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_settings import NoDecode

from agents.web.loopback import LOCAL


class Oidc(BaseModel):
    """A client of one provider. Without an issuer there is no such login."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = ""  # exactly as the provider writes it in its tokens
    client_id: str = ""
    client_secret_file: Path | None = None  # None is a public client, which PKCE alone protects
    ca_file: Path | None = None  # issuer of the provider's certificate; None trusts what the system trusts
    scopes: Annotated[tuple[str, ...], NoDecode] = ("openid", "profile")
    name_claim: str = "preferred_username"  # stands in what somebody does; `sub` where a token has none
    role_claim: Annotated[str, Field(min_length=1)] = "groups"  # with dots into objects: realm_access.roles
    viewer_group: str = ""  # who may look; where empty, everybody whom the provider knows
    other_hosts: Annotated[tuple[str, ...], NoDecode] = ()  # of a provider that answers under several names

    @property
    def is_used(self) -> bool:
        """Whether people log in there."""
        return bool(self.issuer)

    @field_validator("scopes", "other_hosts", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("issuer")
    @classmethod
    def _is_safe(cls, value: str) -> str:
        parts = urlsplit(value)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)
        if value and not (is_safe and parts.hostname and not (parts.query or parts.fragment or parts.username)):
            raise ValueError("expected https://host or https://host/path, as in the provider's discovery document")
        return value

    @field_validator("client_secret_file", "ca_file")
    @classmethod
    def _is_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"{value} is not a file that can be read")
        return value

    @field_validator("scopes")
    @classmethod
    def _asks_for_a_login(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "openid" not in value:
            raise ValueError("expected openid among the scopes: without it there is no login")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.issuer and not self.client_id:
            raise ValueError("an issuer is given, but no CLIENT_ID")
        if not self.issuer and (self.client_id or self.client_secret_file):
            raise ValueError("a client is given, but no ISSUER")
        return self
