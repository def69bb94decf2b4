"""fsspec's own suite of what a filesystem does, on `root://` and a real server."""

import fsspec.tests.abstract as abstract
import pytest

from cygnet_fs_bridge.xrootd.filesystem import XRootDFileSystem
from tests.xrootd_server import xrootd_servers

pytestmark = pytest.mark.needs("xrootd")


@pytest.fixture(scope="module")
def remote():
    with xrootd_servers() as (server,):
        yield XRootDFileSystem(hostid=server.hostid, skip_instance_cache=True)


class XRootDFixtures(abstract.AbstractFixtures):
    @pytest.fixture
    def fs(self, remote):
        return remote

    @pytest.fixture
    def fs_path(self):
        return "/data/contract"


class TestCopy(abstract.AbstractCopyTests, XRootDFixtures):
    pass


class TestGet(abstract.AbstractGetTests, XRootDFixtures):
    pass


class TestPut(abstract.AbstractPutTests, XRootDFixtures):
    pass


class TestOpen(abstract.AbstractOpenTests, XRootDFixtures):
    pass


class TestPipe(abstract.AbstractPipeTests, XRootDFixtures):
    pass
