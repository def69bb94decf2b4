"""The search for secrets in logs finds them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from cygnet_hub.config.layout import Layout
from tests.hub.sync.api import Api, link_token
from tests.hub.sync.conftest import close_clients  # noqa: F401 - a fixture
from tests.leaks import leaked
from tests.sync_server import sync_server


def test_each_kind_of_secret_is_found(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    for folder in (layout.sync, layout.secrets, layout.logs):
        folder.mkdir(parents=True)
    (layout.secrets / "cookie-secret").write_text("0123456789\n")
    (layout.secrets / "demo.json").write_text(json.dumps({"passwords": {"teacher": "chalk-and-board"}}))
    with sync_server(layout.sync) as server:
        ada = Api(server, "ada")
        ada.put("/f")
        secrets = {
            "app": server.app_password("ada"),
            "link": link_token(ada.share("/f", kind="link")),
            "cookie": "0123456789",
            "demo": "chalk-and-board",
            "metrics": (layout.sync / "metrics.token").read_text(),
        }
    assert leaked(tmp_path) == []
    for name, secret in secrets.items():
        (layout.logs / f"{name}.log").write_text(f'{{"path": "/s/{secret}?x"}}\n')
    assert [line.partition(".log: ")[0] for line in leaked(tmp_path)] == sorted(secrets)
    shutil.rmtree(layout.logs)  # or they would be found again when all tests are done
