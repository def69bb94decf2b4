"""S3: a person's files by the protocol of Amazon's object store, on a port of its own."""

from __future__ import annotations

from . import buckets, objects, service
from .base import MissingHandler, S3Handler

__all__ = ["ROUTES", "MissingHandler"]

#: Patterns of whole addresses; buckets are the first part of the path.
ROUTES: list[tuple[str, type[S3Handler]]] = [
    (r"/", service.ServiceHandler),
    (r"/([^/]+)/?", buckets.BucketHandler),
    (r"/([^/]+)/(.+)", objects.ObjectHandler),
]
