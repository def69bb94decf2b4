"""What this service can do, as clients ask before anything else."""

from __future__ import annotations

import re
from typing import Any

from ..dav import tus

#: Clients choose what they speak by it; this is the dialect of Nextcloud 28.
VERSION = (28, 0, 0)
#: Nextcloud's desktop clients before this version never get past an empty file when they upload in bulk.
BULK_SINCE = (3, 10)
_DESKTOP = re.compile(r"mirall/(\d{1,9})\.(\d{1,9})")

VERSION_TEXT = ".".join(map(str, VERSION))


def status() -> dict[str, Any]:
    """What status.php says."""
    return {
        "installed": True,
        "maintenance": False,
        "needsDbUpgrade": False,
        "version": f"{VERSION_TEXT}.0",
        "versionstring": VERSION_TEXT,
        "edition": "",
        "productname": "Cygnet",
        "extendedSupport": False,
    }


def capabilities(client: str = "") -> dict[str, Any]:
    """What cloud/capabilities says. Names of checksums in lower case would silently switch them off.

    Args:
        client: the User-Agent of who asks.
    """
    major, minor, micro = VERSION
    return {
        "version": {
            "major": major,
            "minor": minor,
            "micro": micro,
            "string": VERSION_TEXT,
            "edition": "",
            "extendedSupport": False,
        },
        "capabilities": {
            "core": {"pollinterval": 60, "webdav-root": "remote.php/webdav", "status": status()},
            # Without "chunking" Nextcloud's client falls back to a kind of upload that loses data.
            "dav": {"chunking": "1.0"} | ({"bulkupload": "1.0"} if _can_bulk(client) else {}),
            "files": {
                "bigfilechunking": True,
                "undelete": True,
                "versioning": True,
                "blacklisted_files": [],
                # ownCloud's client sends every file so, however small.
                "tus_support": {
                    "version": tus.VERSION,
                    "resumable": tus.VERSION,
                    "extension": tus.EXTENSIONS,
                    "max_chunk_size": tus.MAX_CHUNK,
                    "http_method_override": "",
                },
            },
            "checksums": {"supportedTypes": ["SHA1", "MD5", "ADLER32"], "preferredUploadType": "SHA1"},
            "files_sharing": _sharing(),
        },
    }


def _can_bulk(client: str) -> bool:
    """Whether bulk upload works with this client."""
    desktop = _DESKTOP.search(client)
    return desktop is None or (int(desktop[1]), int(desktop[2])) >= BULK_SINCE


def _sharing() -> dict[str, Any]:
    return {
        "api_enabled": True,
        "resharing": True,
        "group_sharing": True,
        "default_permissions": 1,
        "auto_accept_share": False,
        "share_with_group_members_only": False,
        "user_enumeration": {"enabled": True, "group_members_only": False},
        "user": {"send_mail": False, "expire_date": {"enabled": True}},
        "group": {"enabled": True, "expire_date": {"enabled": True}},
        "public": {
            "enabled": True,
            "upload": True,
            "upload_files_drop": False,
            "supports_upload_only": False,
            "send_mail": False,
            "multiple_links": True,
            "expire_date": {"enabled": False},
            "password": {"enforced": False, "askForOptionalPassword": False},
        },
        "federation": {"outgoing": False, "incoming": False},
        "sharebymail": {"enabled": False},
    }
