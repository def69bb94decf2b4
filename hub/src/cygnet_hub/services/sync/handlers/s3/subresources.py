"""What S3 says of a bucket or object besides contents: mostly that nothing of the kind was set.

Clients ask for these in passing and go on when they are told so.
"""

from __future__ import annotations

from ...model.errors import NotFound, Unsupported
from ..dav.xml import text
from . import xml
from .base import S3Handler
from .errors import InvalidArgument
from .service import owner

#: Settings that no bucket has here, by the argument that asks for them: S3's code for "there is none".
_ABSENT = {
    "policy": "NoSuchBucketPolicy",
    "cors": "NoSuchCORSConfiguration",
    "lifecycle": "NoSuchLifecycleConfiguration",
    "tagging": "NoSuchTagSet",
    "website": "NoSuchWebsiteConfiguration",
    "encryption": "ServerSideEncryptionConfigurationNotFoundError",
    "publicAccessBlock": "NoSuchPublicAccessBlockConfiguration",
    "replication": "ReplicationConfigurationNotFoundError",
    "object-lock": "ObjectLockConfigurationNotFoundError",
    "ownershipControls": "OwnershipControlsNotFoundError",
}
_EMPTY = {
    "versioning": "VersioningConfiguration",
    "logging": "BucketLoggingStatus",
    "notification": "NotificationConfiguration",
}
#: Arguments of a bucket that ask for its objects, and those that mean nothing.
LISTING = frozenset(
    {"list-type", "prefix", "delimiter", "marker", "max-keys", "encoding-type", "continuation-token"}
    | {"start-after", "fetch-owner", "versions", "key-marker", "version-id-marker", "x-id", "allow-unordered"}
    | {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders"}
    | {"X-Amz-Signature", "X-Amz-Security-Token", "AWSAccessKeyId", "Signature", "Expires"}
    | {"x-amz-security-token", "X-Amz-Content-Sha256"}
)


class _Absent(NotFound):
    """A setting that was never made."""

    def __init__(self, code: str) -> None:
        super().__init__("This was never set, and cannot be set here.")
        self.code = code


def send_setting(handler: S3Handler) -> bool:
    """Answer a question for a setting of a bucket; False: the request is none.

    Raises:
        NotFound: there is none of this kind. Unsupported: it is not known here.
    """
    asked = handler.query.keys() - LISTING
    if not asked:
        return False
    name = min(asked)
    if name in _ABSENT:
        raise _Absent(_ABSENT[name])
    if name in _EMPTY:
        handler.send_xml(xml.document(_EMPTY[name], []))
    elif name == "location":
        handler.send_xml(f'{xml.HEAD}<LocationConstraint xmlns="{xml.NAMESPACE}"/>')
    elif name == "requestPayment":
        handler.send_xml(xml.document("RequestPaymentConfiguration", [("Payer", "BucketOwner")]))
    elif name == "acl":
        send_acl(handler)
    else:
        raise Unsupported(f"The service does not have what S3 has under ?{name}.")
    return True


def send_acl(handler: S3Handler) -> None:
    """The access list of anything: whoever asks may do all that their key may."""
    schema = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"'
    who = "".join(f"<{name}>{text(str(value))}</{name}>" for name, value in owner(handler))
    handler.send_xml(
        f'{xml.HEAD}<AccessControlPolicy xmlns="{xml.NAMESPACE}"><Owner>{who}</Owner><AccessControlList>'
        f"<Grant><Grantee {schema}>{who}</Grantee><Permission>FULL_CONTROL</Permission></Grant>"
        "</AccessControlList></AccessControlPolicy>"
    )


def parse_tags(body: bytes) -> dict[str, str]:
    """The tags in a Tagging document.

    Raises:
        MalformedXml: it is none. InvalidTag: too many, too long, or one comes twice.
    """
    sets = xml.below(xml.parse(body, "Tagging"), "TagSet")
    tags = [tag for found in sets for tag in xml.below(found, "Tag")]
    return checked_tags([(xml.value(tag, "Key"), xml.value(tag, "Value", "")) for tag in tags])


class InvalidTag(InvalidArgument):
    """Tags that an object cannot have."""

    code = "InvalidTag"


def checked_tags(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Tags by name.

    Raises:
        InvalidTag: see `parse_tags`.
    """
    tags = dict(pairs)
    if len(pairs) > 10 or len(tags) != len(pairs):
        raise InvalidTag("An object can have ten tags, each name once.")
    if any(not 1 <= len(name) <= 128 or len(value) > 256 for name, value in pairs):
        raise InvalidTag("The name of a tag has 1 to 128 characters, its value at most 256.")
    return tags


def send_tags(handler: S3Handler, tags: dict[str, str]) -> None:
    """Answer with tags."""
    found: list[xml.Item] = [("Tag", [("Key", name), ("Value", value)]) for name, value in tags.items()]
    handler.send_xml(xml.document("Tagging", [("TagSet", found)]))
