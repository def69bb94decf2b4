"""The address of the service itself: which buckets there are."""

from __future__ import annotations

from . import xml
from .base import BUCKETS, S3Handler


class ServiceHandler(S3Handler):
    """The buckets of whoever asks."""

    async def get(self) -> None:
        """ListBuckets."""
        self.body.check()
        made = xml.stamp(0)
        buckets = [("Bucket", [("Name", name), ("CreationDate", made)]) for name in BUCKETS]
        self.send_xml(xml.document("ListAllMyBucketsResult", [("Owner", owner(self)), ("Buckets", buckets)]))


def owner(handler: S3Handler) -> list[xml.Item]:
    """Whoever asks, as the owner of what they see."""
    who = handler.principal
    return [("ID", who.user), ("DisplayName", who.display_name or who.user)]
