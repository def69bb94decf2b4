"""Login flow v2: a program asks, a person agrees in the browser, the program gets an app password once."""

from __future__ import annotations

import re
import time
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from cygnet_hub.services.sync.service.login_flow import LIFETIME
from cygnet_hub.services.sync.store.schema import login_flow
from tests.hub.sync.api import client
from tests.sync_server import SyncServer


def begin(server: SyncServer) -> Any:
    answer = client().post(f"{server.url}/index.php/login/v2", headers={"User-Agent": "<b>mirall</b>"})
    assert answer.status_code == 200
    return answer.json()


def poll(begun: Any) -> httpx.Response:
    return client().post(begun["poll"]["endpoint"], data={"token": begun["poll"]["token"]})


@pytest.fixture
def browser(server: SyncServer) -> httpx.Client:
    """Ada's, signed in to the Files site."""
    cookie = server.login.cookie(server, "hub-token-of-ada")
    return client(cookies={server.login.cookie_name: cookie})


def field(page: httpx.Response) -> str:
    found = re.search(r'name="_xsrf" value="([0-9a-f]+)"', page.text)
    assert found, page.text
    return found[1]


def test_a_program_gets_an_app_password_once(server: SyncServer, browser: httpx.Client) -> None:
    begun = begin(server)
    assert poll(begun).status_code == 404
    page = browser.get(begun["login"])
    assert page.status_code == 200
    assert "&lt;b&gt;mirall" in page.text
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert poll(begun).status_code == 404
    assert browser.post(begun["login"], data={"_xsrf": field(page)}).status_code == 200
    answer = poll(begun)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["server"], told["loginName"]) == (server.url, "ada")
    assert poll(begun).status_code == 404
    assert browser.get(begun["login"]).status_code == 404
    files = client(auth=("ada", told["appPassword"]))
    assert files.request("PROPFIND", f"{server.url}/remote.php/dav/files/ada/").status_code == 207
    headers = {"OCS-APIRequest": "true"}
    assert files.get(f"{server.url}/ocs/v2.php/core/getapppassword", headers=headers).status_code == 403
    assert files.delete(f"{server.url}/ocs/v2.php/core/apppassword", headers=headers).status_code == 200
    assert files.request("PROPFIND", f"{server.url}/remote.php/dav/files/ada/").status_code == 401


def test_only_the_page_of_this_login_can_agree(server: SyncServer, browser: httpx.Client) -> None:
    begun = begin(server)
    assert browser.post(begun["login"], data={"_xsrf": "0" * 64}).status_code == 403
    assert browser.post(begun["login"]).status_code == 403
    auth = ("ada", server.app_password("ada"))
    assert client(auth=auth).post(begun["login"]).status_code == 403
    assert client().post(begun["login"]).status_code == 401
    visit = client().get(begun["login"], follow_redirects=False)
    assert visit.status_code == 302
    assert poll(begun).status_code == 404


def test_a_login_ends_after_a_while(server: SyncServer, browser: httpx.Client) -> None:
    begun = begin(server)
    page = browser.get(begun["login"])
    old = update(login_flow).values(created=time.time() - LIFETIME - 1)
    server.services.database.write_now(lambda c: c.execute(old).rowcount)
    assert browser.post(begun["login"], data={"_xsrf": field(page)}).status_code == 404
    assert poll(begun).status_code == 404
    assert client().post(begun["poll"]["endpoint"]).status_code == 404


def test_the_question_is_in_the_language_of_the_person(server: SyncServer, browser: httpx.Client) -> None:
    begun = begin(server)
    page = browser.get(begun["login"], headers={"Accept-Language": "fr"})
    assert '<html lang="fr">' in page.text
    assert "appeler <strong>&lt;b&gt;mirall&lt;/b&gt;</strong>" in page.text
    done = browser.post(begun["login"], data={"_xsrf": field(page)}, headers={"Accept-Language": "fr"})
    assert "Le programme a maintenant accès" in done.text
    gone = browser.get(begun["login"], headers={"Accept-Language": "fr"})
    assert gone.status_code == 404
    assert '<html lang="fr"' in gone.text
    assert "Vers vos fichiers" in gone.text
