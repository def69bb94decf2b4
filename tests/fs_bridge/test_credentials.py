"""Where the address and the credential come from."""

import os

import pytest

from cygnet_fs_bridge.credentials import Basic, Bearer, TokenFile, discover, save_login
from cygnet_fs_bridge.errors import NotConfigured

URL = "http://127.0.0.1:1/services/sync"


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch, tmp_path):
    for name in ("CYGNET_URL", "CYGNET_TOKEN_FILE", "CYGNET_USER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def test_nothing_known_is_said_with_the_cure():
    with pytest.raises(NotConfigured, match="Run `cygnet login URL`"):
        discover()


def test_the_session_tells(monkeypatch, tmp_path):
    (tmp_path / "token").write_text("t")
    monkeypatch.setenv("CYGNET_URL", URL)
    monkeypatch.setenv("CYGNET_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("CYGNET_USER", "ada")
    found = discover()
    assert (found.url, found.user, found.credentials.authorization()) == (URL + "/", "ada", "Bearer t")


def test_the_sessions_token_is_not_sent_to_another_service(monkeypatch, tmp_path):
    (tmp_path / "token").write_text("t")
    monkeypatch.setenv("CYGNET_URL", URL)
    monkeypatch.setenv("CYGNET_TOKEN_FILE", str(tmp_path / "token"))
    with pytest.raises(NotConfigured):
        discover("http://127.0.0.1:2/")


def test_a_login_is_remembered_and_bound_to_its_service():
    save_login(URL + "/", "ada", "secret")
    found = discover()
    assert (found.url, found.user) == (URL + "/", "ada")
    assert discover(URL).credentials == Basic("ada", "secret")
    with pytest.raises(NotConfigured):
        discover("http://127.0.0.1:2/")


def test_a_damaged_login_is_said(tmp_path):
    save_login(URL, "ada", "secret").write_text("{")
    with pytest.raises(NotConfigured, match="is damaged; run `cygnet login` again"):
        discover()


def test_an_address_has_a_scheme():
    with pytest.raises(NotConfigured, match="it has to begin with https:// or http://"):
        discover("example", credentials=Bearer("t"))


def test_a_token_file_is_read_again_when_it_is_replaced(tmp_path):
    file = tmp_path / "token"
    with pytest.raises(NotConfigured, match="cannot be read"):
        TokenFile(file).authorization()
    file.write_text("one")
    credentials = TokenFile(file)
    assert credentials.authorization() == "Bearer one"
    assert not credentials.refresh()
    (tmp_path / "new").write_text("two")
    os.replace(tmp_path / "new", file)
    assert credentials.authorization() == "Bearer two"
    file.unlink()
    assert credentials.authorization() == "Bearer two", "the last one known serves while it is being replaced"


def test_secrets_do_not_show():
    assert "geheim" not in repr(Basic("ada", "geheim")) + repr(Bearer("geheim"))
