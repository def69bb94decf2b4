"""Each `update_x` sets what it should, on a bare Config."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import pytest
from jupyterhub import scopes
from traitlets.config import Config

from cygnet_hub.config import configure
from cygnet_hub.config.authenticator import update_authenticator
from cygnet_hub.config.deployment import Deployment
from cygnet_hub.config.hub import update_hub
from cygnet_hub.config.pages import TEMPLATES, update_pages
from cygnet_hub.config.proxy import find_proxy, update_proxy
from cygnet_hub.config.roles import ROLES, update_roles
from cygnet_hub.config.services import update_services
from cygnet_hub.config.settings import Settings
from cygnet_hub.config.spawner import update_spawner
from cygnet_hub.errors import PlatformError
from cygnet_hub.services.sync.model.egress import EgressPolicy


def _with(deployment: Deployment, **settings: Any) -> Deployment:
    return dataclasses.replace(deployment, settings=Settings(**settings))


def _services(deployment: Deployment) -> dict[str, dict[str, Any]]:
    c = Config()
    update_services(c, deployment)
    return {service["name"]: service for service in c.JupyterHub.services}


def test_hub_listens_where_people_type_and_keeps_its_own_port_on_loopback(deployment: Deployment) -> None:
    c = Config()
    update_hub(c, _with(deployment, bind="::"))
    assert c.JupyterHub.bind_url == "http://[::]:8000/"
    assert c.JupyterHub.hub_bind_url == "http://127.0.0.1:8002"
    assert c.JupyterHub.db_url == f"sqlite:///{deployment.layout.hub_database}"


def test_people_land_in_their_files_after_login(deployment: Deployment) -> None:
    c = Config()
    update_hub(c, deployment)
    assert c.JupyterHub.default_url == "/services/sync/"


def test_proxy_has_a_key_and_steers_from_loopback(deployment: Deployment) -> None:
    c = Config()
    update_proxy(c, deployment)
    assert len(c.ConfigurableHTTPProxy.auth_token) == 64
    assert c.ConfigurableHTTPProxy.api_url == "http://127.0.0.1:8003"
    assert c.ConfigurableHTTPProxy.command[-2:] == ["node", "proxy"]


def test_proxy_of_the_checkout_is_started_by_node_itself() -> None:
    node, script = find_proxy()
    assert Path(node).read_bytes()[:4] == b"\x7fELF"
    assert Path(script).exists()


def test_proxy_is_found_on_path_without_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cygnet_hub.config.proxy._IN_CHECKOUT", tmp_path / "nothing")
    program = tmp_path / "configurable-http-proxy"
    program.write_text("#!/usr/bin/env node\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_proxy()[1] == str(program)
    program.unlink()
    with pytest.raises(PlatformError, match="npm install"):
        find_proxy()


def test_nobody_can_sign_up(deployment: Deployment) -> None:
    c = Config()
    update_authenticator(c, _with(deployment, minimum_password_length=12))
    assert c.CygnetAuthenticator.enable_signup is False
    assert c.CygnetAuthenticator.minimum_password_length == 12
    assert c.CygnetAuthenticator.allowed_failed_logins > 0


def test_servers_are_confined_unless_told_otherwise(deployment: Deployment) -> None:
    c = Config()
    update_spawner(c, deployment)
    assert c.LocalSpawner.confined is True
    assert c.LocalSpawner.sync_url == "http://127.0.0.1:8001/services/sync/"
    update_spawner(c, dataclasses.replace(deployment, confined=False))
    assert c.LocalSpawner.confined is False


def test_sync_service_is_told_where_it_listens(deployment: Deployment) -> None:
    sync = _services(_with(deployment, bind="0.0.0.0", url="https://cygnet.example.org"))["sync"]
    assert sync["environment"]["CYGNET_SYNC_BIND"] == "0.0.0.0:8001"
    assert sync["environment"]["CYGNET_PUBLIC_URL"] == "https://cygnet.example.org/services/sync/"
    assert sync["url"] == "http://127.0.0.1:8001"
    assert sync["command"][-3:] == [sys.executable, "-m", "cygnet_hub.services.sync"]


def test_sync_service_is_told_its_names(deployment: Deployment) -> None:
    named = dataclasses.replace(deployment, hosts=("cygnet.local", "lab7"))
    assert _services(named)["sync"]["environment"]["CYGNET_SYNC_HOSTS"] == "cygnet.local lab7"


def test_sync_service_is_told_where_copies_may_go(deployment: Deployment) -> None:
    chosen = _with(deployment, copies={"hosts": ["*.example.org"], "inside": ["10.0.0.5:1094"]})
    environment = _services(chosen)["sync"]["environment"]
    policy = EgressPolicy.from_environment(environment)
    assert (policy.hosts, policy.inside) == (("*.example.org",), ("10.0.0.5:1094",))
    assert not EgressPolicy.from_environment(_services(deployment)["sync"]["environment"]).enabled


def test_no_secret_is_in_the_environment_of_a_service(deployment: Deployment) -> None:
    secrets = {path.read_text().strip() for path in deployment.layout.secrets.iterdir()}
    for service in _services(deployment).values():
        assert not secrets & set(service.get("environment", {}).values())


def test_idle_culler_can_be_switched_off(deployment: Deployment) -> None:
    command = _services(_with(deployment, idle_minutes=10))["idle-culler"]["command"]
    assert {"--timeout=600", "--cull-every=60"} <= set(command)
    assert "--cull-every=15" in _services(_with(deployment, idle_minutes=1))["idle-culler"]["command"]
    assert "idle-culler" not in _services(_with(deployment, idle_minutes=0))


def test_every_service_has_a_role_of_its_own_without_the_rights_of_an_administrator(
    deployment: Deployment,
) -> None:
    c = Config()
    update_roles(c)
    roles = {name: role for role in c.JupyterHub.load_roles for name in role.get("services", ())}
    assert roles.keys() == _services(deployment).keys()
    assert all("admin" not in scope for scope in roles["idle-culler"]["scopes"])
    # Only this one makes a group of the hub; the service touches none that it has not made.
    assert [scope for scope in roles["sync"]["scopes"] if "admin" in scope] == ["admin:groups"]


def test_scopes_of_the_roles_exist() -> None:
    for role in ROLES:
        scopes._check_scopes_exist(role["scopes"], who_for=role["name"])


def test_a_server_token_reaches_only_its_own_server_and_user() -> None:
    server = next(role for role in ROLES if role["name"] == "server")
    assert all(scope.endswith(("!user", "!server")) for scope in server["scopes"])


def test_templates_are_found(deployment: Deployment) -> None:
    c = Config()
    update_pages(c)
    assert c.JupyterHub.template_paths == [str(TEMPLATES)]
    assert Path(c.JupyterHub.logo_file).exists()


def test_everything_together_survives_the_trip_to_the_hub_process(deployment: Deployment) -> None:
    here, there = Config(), Config()
    configure(here, deployment)
    configure(there, Deployment.from_json(deployment.to_json()))
    assert here == there
    secrets = {path.read_text().strip() for path in deployment.layout.secrets.iterdir()}
    assert not any(secret in deployment.to_json() for secret in secrets)
