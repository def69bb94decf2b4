"""`root://` and `roots://` with bearer tokens, on a server that checks who has signed them, and for what."""

import json
import os
import ssl
import subprocess
import sys
import time

import pytest

from cygnet_fs_bridge.xrootd import client
from tests.xrootd_tokens import ALL, token_server

pytestmark = pytest.mark.needs("xrootd", "openssl", "scitokens")

WORK = """
import sys, fsspec
fs, folder = fsspec.url_to_fs(sys.argv[1])
for attempt in (
    lambda: fs.pipe_file(f"{folder}/x", b"hello"), lambda: fs.cat(f"{folder}/x"), lambda: len(fs.ls(folder))
):
    try:
        print(attempt())
    except OSError as error:
        print(type(error).__name__)
"""


@pytest.fixture(scope="module")
def site():
    with token_server() as running:
        yield running


def run(site, scheme, code=WORK, authorities=None, **environment):
    """Run code in a process of its own, since a connection stays who it was; what it printed."""
    environment |= {"X509_CERT_DIR": str(authorities or site.authorities), "XDG_RUNTIME_DIR": "/nowhere"}
    command = [sys.executable, "-c", code, f"{scheme}://{site.server.hostid}//data"]
    path = {"PATH": os.environ["PATH"], "HOME": "/nowhere"}
    done = subprocess.run(command, env=path | environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def kept(folder, token):
    file = folder / "token"
    file.write_text(f"{token}\n")
    file.chmod(0o600)
    return str(file)


@pytest.mark.parametrize("scheme", ["root", "roots"])
def test_a_token_opens_what_it_is_for(site, scheme, tmp_path):
    (site.server.data / "x").unlink(missing_ok=True)
    all_of_it = ["None", "b'hello'", "1"]
    assert run(site, scheme, BEARER_TOKEN_FILE=kept(tmp_path, site.token())) == all_of_it
    assert run(site, scheme, BEARER_TOKEN=site.token()) == all_of_it
    reading = site.token("storage.read:/")
    assert run(site, scheme, BEARER_TOKEN=reading) == ["Forbidden", "b'hello'", "1"]


def test_what_is_no_good_token_opens_nothing(site):
    ended = site.token(exp=int(time.time()) - 60)
    forged = site.token().rpartition(".")[0] + "." + site.token(sub="other").rpartition(".")[2]
    strange = site.token(iss="https://elsewhere.example.org")
    for token in ("", "nonsense", ended, forged, strange, site.token(aud="https://elsewhere.example.org")):
        told = run(site, "roots", BEARER_TOKEN=token)
        assert set(told) <= {"NotLoggedIn", "Forbidden"}, (token, told)


def test_each_filesystem_may_have_a_token_of_its_own(site, tmp_path):
    for name, scope in (("all", ALL), ("reads", "storage.read:/")):
        (tmp_path / name).mkdir()
        kept(tmp_path / name, site.token(scope))
    code = f"""
import sys, fsspec, uproot
host = sys.argv[1].split("/")[2]
every, reads = (
    fsspec.filesystem("root", hostid=host, scheme="roots", token_file="{tmp_path}/" + name + "/token")
    for name in ("all", "reads")
)
every.pipe_file("/data/own", b"1")
print(reads.cat("/data/own"), reads.unstrip_protocol("/data/own") == sys.argv[1] + "/own")
with every.open("/data/own", "ab") as file:
    file.write(b"2")
for attempt in (lambda: reads.pipe_file("/data/own", b"2"), lambda: reads.rm("/data/own")):
    try:
        attempt()
    except PermissionError:
        print("refused")
with reads.open("/data/own") as file:
    print(file.read())
"""
    assert run(site, "roots", code) == ["b'1'", "True", "refused", "refused", "b'12'"]


def test_each_store_of_a_session_has_its_own_token(site, tmp_path):
    stores = {
        "all": f"roots://{site.server.hostid}//data/mine",
        "reads": f"root://{site.server.hostid}//data",
    }
    (tmp_path / "addresses").write_text(json.dumps(stores))
    for name, scope in (("all", ALL), ("reads", "storage.read:/")):
        (tmp_path / f"{name}.json").write_text("{}")
        (tmp_path / f"{name}.token").write_text(site.token(scope))
        (tmp_path / f"{name}.token").chmod(0o600)
    code = """
import sys, fsspec
for folder in (sys.argv[1] + "/mine", sys.argv[1] + "/other"):
    try:
        with fsspec.open(folder + "/file", "wb") as file:
            file.write(b"1")
        with fsspec.open(folder + "/file") as file:
            print(file.read())
    except PermissionError:
        print("refused")
"""
    assert run(site, "roots", code, CYGNET_STORE_OPTIONS=str(tmp_path)) == ["b'1'", "refused"]


def test_a_server_for_whom_nobody_vouches_is_not_told_the_token(site, tmp_path):
    told = run(site, "roots", authorities=tmp_path, BEARER_TOKEN=site.token())
    assert told == ["Unavailable"] * 3


def test_authorities_are_those_of_the_machine_where_there_are_none_of_the_grid(monkeypatch, tmp_path):
    for name in ("X509_CERT_DIR", "X509_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(client, "_AUTHORITIES", tmp_path)
    client._trust_the_machine()
    assert "X509_CERT_DIR" not in os.environ
    monkeypatch.setattr(client, "_AUTHORITIES", tmp_path / "none")
    client._trust_the_machine()
    assert os.environ["X509_CERT_DIR"] == ssl.get_default_verify_paths().capath
    monkeypatch.setenv("X509_CERT_DIR", "/elsewhere")
    client._trust_the_machine()
    assert os.environ["X509_CERT_DIR"] == "/elsewhere"
