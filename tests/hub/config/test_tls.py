"""The table `[tls]`: what is understood, what is said of what is not, and what the sync service is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cygnet_hub.config.deployment import Deployment, Ports
from cygnet_hub.config.services import sync_service
from cygnet_hub.config.settings import Settings, load_settings
from cygnet_hub.errors import PlatformError
from cygnet_hub.services.sync.model.settings import Tls
from tests.grid import SERVER, Authority


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A table that can be used."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    host = authority.person("localhost", SERVER)
    return {
        "certificate": str(host.certificate),
        "key": str(host.key),
        "authorities": str(authority.accepted),
        "vomsdir": str(authority.folder),
    }


def test_what_the_sync_service_is_told(table: dict[str, str], deployment: Deployment) -> None:
    settings = Settings.model_validate({"tls": table, "bind": "::1"})
    ports = Ports(8000, 8001, 8002, 8005, 8006, 8003, 8004)
    made = replace(deployment, settings=settings, ports=ports)
    assert Deployment.from_json(made.to_json()) == made
    told = Tls.from_environment(sync_service(made)["environment"])
    assert told == Tls(
        Path(table["certificate"]),
        Path(table["key"]),
        Path(table["authorities"]),
        Path(table["vomsdir"]),
        bind="[::1]:8003",
        s3_bind="[::1]:8004",
        url="https://localhost:8003/services/sync/",
        s3_url="https://localhost:8004",
    )


def test_without_the_table_there_is_no_tls(deployment: Deployment) -> None:
    assert Tls.from_environment(sync_service(deployment)["environment"]) is None


def test_addresses_that_people_are_given(table: dict[str, str], deployment: Deployment) -> None:
    told = table | {
        "url": "https://grid.example.org/",
        "s3_url": "https://s3.example.org",
        "revocation": "if-present",
    }
    made = replace(deployment, settings=Settings.model_validate({"tls": told}))
    tls = Tls.from_environment(sync_service(made)["environment"])
    assert tls is not None
    assert (tls.url, tls.s3_url) == ("https://grid.example.org/services/sync/", "https://s3.example.org")
    assert not tls.needs_lists


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"key": "/none"}, "the certificate or its key cannot be used"),
        ({"certificate": "host.pem"}, "must be a path from the root"),
        ({"authorities": "/none"}, "/none is not a folder"),
        ({"revocation": "never"}, "`tls.revocation`"),
        ({"url": "http://grid.example.org"}, "must be https://"),
        ({"ca": "/etc"}, "there is no setting `tls.ca`"),
    ],
)
def test_what_cannot_be(table: dict[str, str], tmp_path: Path, change: dict[str, str], words: str) -> None:
    path = tmp_path / "cygnet.toml"
    lines = [f'{name} = "{value}"' for name, value in (table | change).items()]
    path.write_text("\n".join(["[tls]", *lines]))
    with pytest.raises(PlatformError, match=words):
        load_settings(path, {})
