"""fsspec's own suite of what a filesystem does, on `cygnet://` and the real service."""

import fsspec.tests.abstract as abstract
import pytest

from cygnet_fs_bridge.filesystem import CygnetFileSystem
from tests.sync_server import sync_server


@pytest.fixture(scope="module")
def cygnet():
    with sync_server() as server:
        yield CygnetFileSystem(
            url=server.url, user="ada", password=server.app_password("ada"), skip_instance_cache=True
        )


class CygnetFixtures(abstract.AbstractFixtures):
    @pytest.fixture
    def fs(self, cygnet):
        return cygnet

    @pytest.fixture
    def fs_path(self):
        return "/contract"


class TestCopy(abstract.AbstractCopyTests, CygnetFixtures):
    pass


class TestGet(abstract.AbstractGetTests, CygnetFixtures):
    pass


class TestPut(abstract.AbstractPutTests, CygnetFixtures):
    pass


class TestOpen(abstract.AbstractOpenTests, CygnetFixtures):
    pass


class TestPipe(abstract.AbstractPipeTests, CygnetFixtures):
    pass
