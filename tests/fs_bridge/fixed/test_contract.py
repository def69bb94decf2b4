"""fsspec's own suite of what a filesystem does, on `fixed://` over three folders."""

import fsspec.tests.abstract as abstract
import pytest

from cygnet_fs_bridge.fixed.filesystem import FixedFileSystem


@pytest.fixture(scope="module")
def fixed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nodes")
    lines = ["[[epoch]]", "replicas = 2", "quorum = 1", "[epoch.nodes]"]
    for name in "abc":
        (folder / name).mkdir()
        lines.append(f'{name} = "file://{folder}/{name}"')
    (folder / "table.toml").write_text("\n".join(lines))
    return FixedFileSystem("test", table=folder / "table.toml", skip_instance_cache=True)


class FixedFixtures(abstract.AbstractFixtures):
    @pytest.fixture
    def fs(self, fixed):
        return fixed

    @pytest.fixture
    def fs_path(self):
        return "/contract"


class TestCopy(abstract.AbstractCopyTests, FixedFixtures):
    pass


class TestGet(abstract.AbstractGetTests, FixedFixtures):
    pass


class TestPut(abstract.AbstractPutTests, FixedFixtures):
    pass


class TestOpen(abstract.AbstractOpenTests, FixedFixtures):
    pass


class TestPipe(abstract.AbstractPipeTests, FixedFixtures):
    pass
