"""The service behind a real JupyterHub: login, tokens, who exists, who is in which group."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.ports import free_port
from tests.spawner.small_hub import Person, SmallHub

pytestmark = pytest.mark.xdist_group("small-hub")

ADMIN_TOKEN = "token-of-the-tests-own-service"
INTERNAL_KEY = "internal-key-of-the-tests"


def config(folder: Path, port: int, sync_port: int) -> str:
    """JupyterHub's configuration for the service, with the scopes that it needs and no more."""
    key = folder / "internal-key"
    key.write_text(INTERNAL_KEY)
    return f"""
import sys
c.JupyterHub.services = [
    {{
        "name": "sync",
        "url": "http://127.0.0.1:{sync_port}",
        "command": [sys.executable, "-m", "cygnet_hub.services.sync"],
        "environment": {{
            "CYGNET_DATA": {str(folder / "sync")!r},
            "CYGNET_SYNC_BIND": "127.0.0.1:{sync_port}",
            "CYGNET_PUBLIC_URL": "http://127.0.0.1:{port}/services/sync/",
            "CYGNET_INTERNAL_KEY_FILE": {str(key)!r},
        }},
        "oauth_no_confirm": True,
    }},
    {{"name": "tests", "api_token": {ADMIN_TOKEN!r}}},
]
c.JupyterHub.load_groups = {{"class": {{"users": ["ada", "bob"]}}}}
c.Authenticator.allowed_users = {{"ada", "bob"}}
c.JupyterHub.load_roles = [
    {{"name": "user", "scopes": ["self", "access:services!service=sync"]}},
    {{"name": "sync-service", "services": ["sync"],
      "scopes": ["list:users", "read:users:name", "list:groups", "read:groups", "admin:groups"]}},
    {{"name": "tests", "services": ["tests"], "scopes": ["admin:users", "admin:groups", "tokens"]}},
]
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHub]:
    folder = tmp_path_factory.mktemp("hub")
    hub = SmallHub(folder, "simple")
    hub._config.write_text(hub._config.read_text() + config(folder, hub.port, free_port()))
    with hub:
        wait_for(lambda: requests.get(f"{hub.url}/services/sync/status.php", timeout=5).ok)
        yield hub


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def sync(hub: SmallHub, path: str = "") -> str:
    return f"{hub.url}/services/sync/{path}"


def signed_in(hub: SmallHub, name: str) -> Person:
    """Somebody who has opened the Files site."""
    person = hub.login(name)
    page = person.browser.get(sync(hub), timeout=20)
    assert page.url == sync(hub), page.text
    return person


def xsrf(hub: SmallHub, person: Person) -> dict[str, str]:
    path = "/services/sync/"
    values = [c.value or "" for c in person.browser.cookies if c.name == "_xsrf" and c.path == path]
    assert len(values) == 1
    return {"X-XSRFToken": values[0]}


def hub_api(hub: SmallHub, method: str, path: str, **kwargs: object) -> requests.Response:
    headers = {"Authorization": f"token {ADMIN_TOKEN}"}
    url = f"{hub.url}/hub/api/{path}"
    return requests.request(method, url, headers=headers, timeout=10, **kwargs)  # type: ignore[arg-type]


def test_a_person_who_opens_the_site_is_logged_in_by_the_hub(hub: SmallHub) -> None:
    person = signed_in(hub, "ada")
    me = person.browser.get(sync(hub, "api/v1/me"), timeout=10)
    assert me.status_code == 200
    assert me.json()["name"] == "ada"
    assert me.json()["notebook_url"] == "/user/ada/lab"


def test_a_page_deep_in_the_site_is_where_the_login_ends(hub: SmallHub) -> None:
    person = hub.login("bob")
    page = person.browser.get(sync(hub, "files/a%20b?x=1"), timeout=20)
    assert page.url == sync(hub, "files/a%20b?x=1")


def test_a_change_by_cookie_needs_the_header_of_this_login(hub: SmallHub) -> None:
    ada, bob = signed_in(hub, "ada"), signed_in(hub, "bob")
    url, body = sync(hub, "api/v1/folders"), {"path": "/forged"}
    for headers in ({}, {"X-XSRFToken": ""}, {"X-XSRFToken": "x"}, xsrf(hub, bob)):
        assert ada.browser.post(url, json=body, headers=headers, timeout=10).status_code == 403
    assert ada.browser.post(url, json=body, headers=xsrf(hub, ada), timeout=10).status_code == 201


def test_the_cookie_opens_no_webdav(hub: SmallHub) -> None:
    person = signed_in(hub, "ada")
    answer = person.browser.request("PROPFIND", sync(hub, "remote.php/dav/files/ada/"), timeout=10)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_ocs_by_cookie_needs_its_own_header(hub: SmallHub) -> None:
    person = signed_in(hub, "ada")
    url = sync(hub, "ocs/v2.php/cloud/user?format=json")
    assert person.browser.get(url, timeout=10).status_code == 403
    answer = person.browser.get(url, headers={"OCS-APIRequest": "true"}, timeout=10)
    assert answer.json()["ocs"]["data"]["id"] == "ada"


def test_whoever_logs_out_at_the_hub_is_out_here_too(hub: SmallHub) -> None:
    person = signed_in(hub, "bob")
    person.browser.get(f"{hub.url}/hub/logout", timeout=10)
    me = sync(hub, "api/v1/me")
    wait_for(lambda: person.browser.get(me, timeout=10).status_code == 401, 5)


def test_a_token_of_the_hub_works_until_it_is_revoked(hub: SmallHub) -> None:
    made = hub_api(hub, "POST", "users/ada/tokens", json={"note": "test"}).json()
    headers, url = {"Authorization": f"Bearer {made['token']}"}, sync(hub, "api/v1/me")
    assert requests.get(url, headers=headers, timeout=10).json()["name"] == "ada"
    assert hub_api(hub, "DELETE", f"users/ada/tokens/{made['id']}").status_code == 204
    wait_for(lambda: requests.get(url, headers=headers, timeout=10).status_code == 401, 4)


def test_a_token_without_the_right_to_this_service_is_refused(hub: SmallHub) -> None:
    made = hub_api(
        hub, "POST", "users/ada/tokens", json={"note": "narrow", "scopes": ["read:users:name!user"]}
    ).json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert requests.get(sync(hub, "api/v1/me"), headers=headers, timeout=10).status_code == 401


def test_a_token_of_a_service_is_nobody_here(hub: SmallHub) -> None:
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    assert requests.get(sync(hub, "api/v1/me"), headers=headers, timeout=10).status_code == 401


def test_people_and_groups_are_found(hub: SmallHub) -> None:
    person = signed_in(hub, "ada")
    found = person.browser.get(sync(hub, "api/v1/people?q=b"), timeout=10).json()["people"]
    assert {"id": "bob", "display_name": "bob", "kind": "user"} in found
    found = person.browser.get(sync(hub, "api/v1/people?q=cla"), timeout=10).json()["people"]
    assert found == [{"id": "class", "display_name": "class", "kind": "group"}]


def test_who_leaves_a_group_loses_what_was_shared_with_it(hub: SmallHub) -> None:
    ada, bob = signed_in(hub, "ada"), signed_in(hub, "bob")
    url = sync(hub, "api/v1/")
    ada.browser.post(f"{url}folders", json={"path": "/Course"}, headers=xsrf(hub, ada), timeout=10)
    body = {"path": "/Course", "kind": "group", "grantee": "class"}
    made = ada.browser.post(f"{url}shares", json=body, headers=xsrf(hub, ada), timeout=10)
    assert made.status_code == 201
    bob.browser.post(f"{url}shares/{made.json()['id']}/accept", headers=xsrf(hub, bob), timeout=10)
    course = f"{url}files?path=/Shares/Course"
    assert bob.browser.get(course, timeout=10).status_code == 200
    assert hub_api(hub, "DELETE", "groups/class/users", json={"users": ["bob"]}).status_code == 200
    wait_for(lambda: bob.browser.get(course, timeout=10).status_code == 404, 3)
    assert hub_api(hub, "POST", "groups/class/users", json={"users": ["bob"]}).status_code == 200
    wait_for(lambda: bob.browser.get(course, timeout=10).status_code == 200, 3)


def test_the_internal_key_mints_for_people_whom_the_hub_knows(hub: SmallHub) -> None:
    headers, url = {"Authorization": f"Bearer {INTERNAL_KEY}"}, sync(hub, "api/v1/server-credentials")
    assert requests.post(url, json={"user": "nobody"}, headers=headers, timeout=10).status_code == 404
    made = requests.post(url, json={"user": "ada", "server": ""}, headers=headers, timeout=10)
    assert made.status_code == 201
    token = {"Authorization": f"Bearer {made.json()['token']}"}
    assert requests.get(sync(hub, "api/v1/me"), headers=token, timeout=10).json()["name"] == "ada"


def test_the_log_holds_no_secret(hub: SmallHub) -> None:
    made = hub_api(hub, "POST", "users/ada/tokens", json={"note": "test"}).json()
    url = sync(hub, "api/v1/me")
    requests.get(url, headers={"Authorization": f"Bearer {made['token']}"}, timeout=10)
    assert made["token"] not in hub.log()
    assert INTERNAL_KEY not in hub.log()


def test_a_group_made_here_is_one_of_the_hub_and_those_of_the_hub_stay(hub: SmallHub) -> None:
    ada, bob = signed_in(hub, "ada"), signed_in(hub, "bob")
    url, headers = sync(hub, "api/v1/"), xsrf(hub, ada)

    def members(name: str) -> list[str] | None:
        answer = hub_api(hub, "GET", f"groups/{name}")
        return sorted(answer.json()["users"]) if answer.ok else None

    refused = ada.browser.post(f"{url}groups", json={"name": "class"}, headers=headers, timeout=10)
    assert refused.status_code == 409
    body = {"name": "Lunch friends", "joining": "code"}
    made = ada.browser.post(f"{url}groups", json=body, headers=headers, timeout=10).json()
    wait_for(lambda: members("Lunch friends") == ["ada"])
    code = {"code": made["code"]}
    assert bob.browser.post(f"{url}groups/join", json=code, headers=xsrf(hub, bob), timeout=10).ok
    wait_for(lambda: members("Lunch friends") == ["ada", "bob"])
    ada.browser.delete(f"{url}groups/{made['id']}/members/bob", headers=headers, timeout=10)
    wait_for(lambda: members("Lunch friends") == ["ada"])
    ada.browser.delete(f"{url}groups/{made['id']}", headers=headers, timeout=10)
    wait_for(lambda: members("Lunch friends") is None)
    assert members("class") == ["ada", "bob"]
    # The name is free again once the service has heard so from the hub.
    wait_for(lambda: ada.browser.post(f"{url}groups", json=body, headers=headers, timeout=10).ok, 5)
