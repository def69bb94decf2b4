"""Macaroons for whoever asks as clients of dCache and XRootD do: POST to a file or folder, or an OAuth token.

The OAuth way is that of XRootD: metadata name a token endpoint, which takes client credentials and scopes
such as `DOWNLOAD:/path`; the token that it gives is a macaroon (RFC 8414, RFC 6749 4.4).
"""

from __future__ import annotations

from typing import Annotated, ClassVar
from urllib.parse import parse_qsl, urljoin

from pydantic import BaseModel, Field, ValidationError

from ...model.errors import BadRequest
from ...service.macaroons import parse_duration
from ..base import Access, BaseHandler
from .doors import parse_target
from .tus import TusCreation

MACAROON_REQUEST = "application/macaroon-request"
_FORM = "application/x-www-form-urlencoded"
_MAX_FORM = 64 << 10


class MacaroonRequest(BaseModel):
    """What a client asks for; fields that are not known are for other services."""

    caveats: Annotated[list[Annotated[str, Field(max_length=4096)]], Field(max_length=50)] = []
    validity: Annotated[str, Field(max_length=50)] | None = None


class MacaroonRequests(TusCreation):
    """POST with `application/macaroon-request`; any other POST begins an upload."""

    @property
    def _wants_macaroon(self) -> bool:
        kind = self.request.headers.get("Content-Type", "")
        return kind.partition(";")[0].strip().lower() == MACAROON_REQUEST

    async def begin_creation(self) -> None:
        """Nothing but a small body comes with a request for a macaroon."""
        if not self._wants_macaroon:
            await super().begin_creation()

    async def post(self) -> None:
        """A macaroon for this place, which need not exist; or a new upload."""
        if not self._wants_macaroon:
            await super().post()
            return
        self.body.check()
        self.principal.note("macaroon.add", self.target.path)
        try:
            asked = MacaroonRequest.model_validate_json(self.body.small)
        except ValidationError:
            raise BadRequest("The request for a macaroon is not in the form that is expected.") from None
        validity = None if asked.validity is None else parse_duration(asked.validity)
        macaroon, seconds = self.services.macaroons.issue(
            self.principal, self.target.path, asked.caveats, validity
        )
        self.set_header("Cache-Control", "no-store")
        self.write({"macaroon": macaroon, "expires_in": int(seconds)})


class TokenMetadataHandler(BaseHandler):
    """Where tokens are to be had."""

    access: ClassVar[Access] = Access.ANYONE

    def get(self) -> None:
        """The metadata of an authorization server, as far as there is one."""
        public = self.services.settings.public_url
        self.write(
            {
                "issuer": public,
                "token_endpoint": urljoin(public, "oauth2/token"),
                "grant_types_supported": ["client_credentials"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }
        )


class TokenHandler(BaseHandler):
    """The token endpoint."""

    access: ClassVar[Access] = Access.USER

    def post(self) -> None:
        """A macaroon for the place and the activities that the scopes name."""
        self.principal.note("macaroon.add")
        form = self._form()
        scopes = (form.get("scopes") or form.get("scope", "")).split()
        places = {place for _, _, place in (scope.partition(":") for scope in scopes)}
        if form.get("grant_type") != "client_credentials" or len(places) != 1:
            raise BadRequest("A token is for client_credentials and for one place, such as DOWNLOAD:/path.")
        seconds = form.get("expire_in", "")
        if seconds and not (seconds.isascii() and seconds.isdecimal() and len(seconds) < 10):
            raise BadRequest("expire_in is not a number of seconds.")
        path = parse_target(places.pop(), self.principal).path
        activity = ",".join(scope.partition(":")[0] for scope in scopes)
        macaroon, lasts = self.services.macaroons.issue(
            self.principal, path, [f"activity:{activity}"], float(seconds) if seconds else None
        )
        self.set_header("Cache-Control", "no-store")
        self.write({"access_token": macaroon, "token_type": "bearer", "expires_in": int(lasts)})

    def _form(self) -> dict[str, str]:
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip()
        if kind != _FORM or len(self.request.body) > _MAX_FORM:
            raise BadRequest("The request is not a form.")
        try:
            return dict(parse_qsl(self.request.body.decode("ascii"), max_num_fields=20))
        except ValueError:
            raise BadRequest("The request is not a form.") from None


ROUTES = [
    (r"\.well-known/(?:oauth-authorization-server|openid-configuration)", TokenMetadataHandler),
    (r"oauth2/token", TokenHandler),
]
