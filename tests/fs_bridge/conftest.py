"""The real sync service, and `cygnet://` on it."""

import itertools

import pytest
from click.testing import CliRunner

from cygnet_fs_bridge import cli
from cygnet_fs_bridge.filesystem import CygnetFileSystem
from tests.sync_server import sync_server

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server():
    with sync_server() as running:
        yield running


@pytest.fixture(scope="module")
def fs(server):
    return CygnetFileSystem(
        url=server.url, user="ada", password=server.app_password("ada"), skip_instance_cache=True
    )


@pytest.fixture
def folder(fs):
    """A new folder in ada's tree."""
    path = f"/work-{next(_numbers)}"
    fs.mkdir(path)
    return path


@pytest.fixture
def cygnet(server, tmp_path, monkeypatch):
    """Runs a command as ada, who is logged in, and returns what it prints."""
    for name in ("CYGNET_URL", "CYGNET_TOKEN_FILE", "CYGNET_USER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    runner = CliRunner()

    def run(*arguments, code=0, **options):
        result = runner.invoke(cli.main, [str(argument) for argument in arguments], **options)
        assert result.exit_code == code, result.output
        return result.output

    run("login", server.url, "--user", "ada", "--password-stdin", input=server.app_password("ada") + "\n")
    return run
