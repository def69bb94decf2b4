"""The address of the service itself: which buckets there are, and temporary keys (STS)."""

from __future__ import annotations

from urllib.parse import parse_qsl

from ...model.errors import TooLarge, Unauthorized, Unsupported
from ...model.principal import Principal
from ...service.access_keys import USUAL
from ..authentication import by_certificate, by_token
from ..dav.xml import text
from . import errors, xml
from .base import BUCKETS, S3Handler

STS = "https://sts.amazonaws.com/doc/2011-06-15/"
MAX_FORM = 64 << 10
_BY_TOKEN, _BY_CERTIFICATE = "AssumeRoleWithWebIdentity", "AssumeRoleWithCertificate"


class ServiceHandler(S3Handler):
    """The buckets of whoever asks; and a temporary key for whoever has a token of another kind."""

    def get(self) -> None:
        """ListBuckets."""
        self.body.check()
        buckets: list[xml.Item] = [
            ("Bucket", [("Name", name), ("CreationDate", xml.stamp(0))]) for name in BUCKETS
        ]
        self.send_xml(xml.document("ListAllMyBucketsResult", [("Owner", owner(self)), ("Buckets", buckets)]))

    async def identify(self) -> Principal:
        """Who signed; or, for a temporary key, whose token or certificate it is."""
        if self.request.method != "POST":
            return await super().identify()
        self.form = self._form()
        self.action = self.form.get("Action", "")
        if self.action not in (_BY_TOKEN, _BY_CERTIFICATE):
            raise Unsupported(
                "Of STS the service has {first} and {second} only.", first=_BY_TOKEN, second=_BY_CERTIFICATE
            )
        try:
            if self.action == _BY_CERTIFICATE:
                return await by_certificate(self)
            return await by_token(self, self.form.get("WebIdentityToken", ""))
        except Unauthorized as error:
            raise errors.WrongIdentity(error.message) from None

    def _form(self) -> dict[str, str]:
        if len(self.request.body) > MAX_FORM:
            raise TooLarge("The request is larger than a request of this kind can be.")
        try:
            return dict(parse_qsl(self.request.body.decode("ascii"))) | dict(self.query)
        except ValueError:
            raise errors.InvalidArgument("The request is not a form.") from None

    async def post(self) -> None:
        """A key that ends by itself, for the holder of a token or a certificate.

        AssumeRoleWithWebIdentity is Amazon's; AssumeRoleWithCertificate is that of other stores.
        """
        self.body.check()
        self.principal.note("access-key.add-temporary")
        seconds = self.form.get("DurationSeconds", f"{USUAL:.0f}")
        if not (seconds.isascii() and seconds.isdecimal() and len(seconds) < 10):
            raise errors.InvalidArgument("DurationSeconds must be a whole number.")
        key, secret, token = await self.services.access_keys.add_temporary(self.principal, float(seconds))
        user = self.principal.user
        role = self.form.get("RoleSessionName", user)
        credentials: list[xml.Item] = [
            ("AccessKeyId", key.id),
            ("SecretAccessKey", secret),
            ("SessionToken", token),
            ("Expiration", xml.stamp(key.expires or 0)),
        ]
        result: list[xml.Item] = [
            ("Credentials", credentials),
            *([("SubjectFromWebIdentityToken", user)] if self.action == _BY_TOKEN else []),
            (
                "AssumedRoleUser",
                [("Arn", f"arn:aws:sts:::assumed-role/{user}/{role}"), ("AssumedRoleId", role)],
            ),
        ]
        told: list[xml.Item] = [
            (f"{self.action}Result", result),
            ("ResponseMetadata", [("RequestId", self.request_id)]),
        ]
        self.send_xml(xml.document(f"{self.action}Response", told, STS))

    def finish_error(self, status: int, code: str, message: str) -> None:
        """STS wraps its errors."""
        if self.request.method != "POST":
            super().finish_error(status, code, message)
            return
        self.set_header("Content-Type", "text/xml")
        inner = f"<Code>{errors.code_of(code)}</Code><Message>{text(message)}</Message>"
        self.finish(
            f'{xml.HEAD}<ErrorResponse xmlns="{STS}"><Error><Type>Sender</Type>{inner}</Error>'
            f"<RequestId>{self.request_id}</RequestId></ErrorResponse>"
        )


def owner(handler: S3Handler) -> list[xml.Item]:
    """Whoever asks, as the owner of what they see."""
    who = handler.principal
    return [("ID", who.user), ("DisplayName", who.display_name or who.user)]
