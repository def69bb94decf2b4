"""Open Collaboration Services: what sync clients ask besides WebDAV."""

from __future__ import annotations

from ..base import BaseHandler
from . import cloud, sharing

_OCS = r"ocs/v([12])\.php"
_SHARES = rf"{_OCS}/apps/files_sharing/api/v1"

#: Patterns below the service's prefix; a slash at the end is fine.
ROUTES: list[tuple[str, type[BaseHandler]]] = [
    (r"status\.php", cloud.StatusHandler),
    (rf"{_OCS}/cloud/capabilities/?", cloud.CapabilitiesHandler),
    (rf"{_OCS}/config/?", cloud.ConfigHandler),
    (rf"{_OCS}/cloud/user/?", cloud.UserHandler),
    (rf"{_OCS}/cloud/users/([^/]+)/?", cloud.UserHandler),
    (rf"{_OCS}/cloud/users/([^/]+)/groups/?", cloud.UserGroupsHandler),
    (rf"{_OCS}/core/getapppassword/?", cloud.GetAppPasswordHandler),
    (rf"{_OCS}/core/apppassword/?", cloud.AppPasswordHandler),
    (rf"{_SHARES}/shares/?", sharing.SharesHandler),
    (rf"{_SHARES}/shares/([0-9]{{1,18}})/?", sharing.ShareHandler),
    (rf"{_SHARES}/shares/pending/?", sharing.PendingSharesHandler),
    (rf"{_SHARES}/shares/pending/([0-9]{{1,18}})/?", sharing.PendingShareHandler),
    (rf"{_SHARES}/remote_shares(?:/pending)?/?", sharing.RemoteSharesHandler),
    (rf"{_SHARES}/sharees/?", sharing.ShareesHandler),
]
