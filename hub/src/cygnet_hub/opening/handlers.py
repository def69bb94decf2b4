"""Where links of the kind "open in Cygnet" arrive: after the login they go on to a page that shows first."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

from jupyterhub.handlers import BaseHandler
from tornado import web

#: Where the page is among the settings of the hub's application: the address of the Files site.
SETTING = "cygnet_files_site"

#: What such a link may say; anything else is left out, and nothing of it is an address.
_KNOWN = {
    "file": re.compile(r"[0-9]{1,18}"),
    "path": re.compile(r"[^\x00-\x1f\x7f]{1,4096}"),
    "link": re.compile(r"[A-Za-z0-9]{1,64}"),
    "gallery": re.compile(r"[0-9]{1,18}"),
    "environment": re.compile(r"[^\x00-\x1f\x7f]{1,200}"),
}


class OpenHandler(BaseHandler):
    """`/hub/open`: goes on to the page of the Files site that previews and asks, whatever the link says."""

    @web.authenticated
    def get(self) -> None:
        """Go on with what is known of the arguments."""
        given = {name: self.get_query_argument(name, "", strip=False) for name in _KNOWN}
        kept = {name: value for name, value in given.items() if _KNOWN[name].fullmatch(value)}
        self.redirect(f"{self.settings[SETTING]}open?{urlencode(kept)}")


class ChoicesHandler(BaseHandler):
    """`/hub/open/choices`: which software there is, and which the person's server runs with."""

    @web.authenticated
    def get(self) -> None:
        """Answer with JSON."""
        spawner = self.current_user.spawner
        catalogue = getattr(spawner, "catalogue", None)
        offered = catalogue().environments if catalogue else {}
        running = (spawner.user_options or {}).get("environment") if spawner.active else None
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps({"environments": list(_shown(offered)), "running": running}))


def _shown(offered: Any) -> Any:
    for name, one in offered.items():
        yield {"id": name, "title": str(one.title), "description": str(one.description)}
