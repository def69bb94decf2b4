"""The server extension: its routes, below `<base>/cygnet/api/`."""

from __future__ import annotations

from typing import Any

from jupyter_server.extension.application import ExtensionApp

from .activity import Activity, ActivityHandler
from .base import CygnetHandler
from .conflicts import CompareHandler
from .gateway import Gateway
from .history import VersionCompareHandler, VersionRestoreHandler, VersionsHandler
from .inbox import MountReporter, NoticeEventsHandler
from .look import LookHandler
from .mount import MountHandler
from .people import PeopleHandler
from .room import QuotaHandler, RoomHandler
from .root_files import BytesHandler, ViewerHandler
from .shares import AnswerHandler, CopyHandler, ShareHandler, SharesHandler
from .teaching import TeachingHandler
from .watch import ShareWatch, VersionHandler

# No percent sign: an id that hides a slash would reach another route of the service.
_ID = r"([A-Za-z0-9_-]+)"
_PASSED_ON = "(?:classes|groups|notices|gallery)"

ROUTES: list[tuple[str, type[CygnetHandler]]] = [
    (r"/cygnet/api/shares", SharesHandler),
    (r"/cygnet/api/shares/version", VersionHandler),  # before the ids, of which it looks like one
    (rf"/cygnet/api/shares/{_ID}", ShareHandler),
    (rf"/cygnet/api/shares/{_ID}/(accept|decline)", AnswerHandler),
    (rf"/cygnet/api/shares/{_ID}/copy", CopyHandler),
    (rf"/cygnet/api/shares/{_ID}/(files|content|preview)", LookHandler),
    (r"/cygnet/api/people", PeopleHandler),
    (r"/cygnet/api/mount", MountHandler),
    (r"/cygnet/api/bytes", BytesHandler),
    (r"/cygnet/api/root-viewer", ViewerHandler),
    (r"/cygnet/api/activity", ActivityHandler),
    (r"/cygnet/api/quota", QuotaHandler),
    (r"/cygnet/api/room", RoomHandler),
    (r"/cygnet/api/compare", CompareHandler),
    (r"/cygnet/api/versions", VersionsHandler),
    (rf"/cygnet/api/versions/{_ID}/compare", VersionCompareHandler),
    (rf"/cygnet/api/versions/{_ID}/(restore|copy)", VersionRestoreHandler),
    (r"/cygnet/api/notices/events", NoticeEventsHandler),  # before those that are passed on as they are
    (rf"/cygnet/api/({_PASSED_ON}(?:/[A-Za-z0-9_@-][A-Za-z0-9_@.-]*)*)", TeachingHandler),
]


class CygnetExtension(ExtensionApp):
    """Passes the front end's questions on to the sync service, with the session's credential."""

    name = "cygnet_extensions"

    def initialize_settings(self) -> None:
        """Give the handlers what they share."""
        gateway = Gateway()
        self.settings["cygnet_gateway"] = gateway
        self.settings["cygnet_watch"] = ShareWatch(gateway)
        self.settings["cygnet_mount_reporter"] = MountReporter.of_session(gateway)

        self.settings["cygnet_activity"] = Activity(self._busy)

    def _busy(self) -> bool:
        kernels = self.serverapp.kernel_manager
        return any(kernel.get("execution_state") == "busy" for kernel in kernels.list_kernels())

    def initialize_handlers(self) -> None:
        """Register the routes."""
        self.handlers: list[Any] = [*self.handlers, *ROUTES]

    async def stop_extension(self) -> None:
        """Close the connections to the service."""
        await self.settings["cygnet_watch"].stop()
        await self.settings["cygnet_activity"].stop()
        await self.settings["cygnet_mount_reporter"].stop()
        await self.settings["cygnet_gateway"].close()
