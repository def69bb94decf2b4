"""The tree against a model of it: random changes, and after each the same tree, sums, and true etags."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cygnet_hub.services.sync.model.errors import CygnetError
from cygnet_hub.services.sync.model.names import is_inside, parent_path
from cygnet_hub.services.sync.model.node import Node
from cygnet_hub.services.sync.model.principal import Principal
from cygnet_hub.services.sync.model.settings import Settings
from cygnet_hub.services.sync.service.fsck import check
from cygnet_hub.services.sync.service.services import Services
from tests.sync_server import GROUPS, PEOPLE, MemoryDirectory

ADA = Principal("user", "ada")
NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: "/" + "/".join(names))


class TreeMachine(RuleBasedStateMachine):
    """Does the same to the service and to a dict of paths."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cygnet-model-"))
        self.loop = asyncio.new_event_loop()
        self.services = Services.open(
            Settings.in_folder(self.folder, "http://127.0.0.1/"), MemoryDirectory(PEOPLE, GROUPS)
        )
        self.run(self.services.tree.open_account("ada"))
        self.model: dict[str, bytes | None] = {"/": None}
        self.before = self.etags()

    def teardown(self) -> None:
        if hasattr(self, "services"):
            report = check(self.services.database, self.services.disk.contents)
            self.services.close()
            self.loop.close()
            shutil.rmtree(self.folder)
            assert report.clean, report

    def run(self, coroutine):
        return self.loop.run_until_complete(coroutine)

    def attempt(self, coroutine, allowed: bool) -> bool:
        """Whether it was done; that must be exactly when the model says so."""
        with contextlib.suppress(CygnetError):
            self.run(coroutine)
            assert allowed, "the service did what the model forbids"
            return True
        assert not allowed, "the service refused what the model allows"
        return False

    def is_folder(self, path: str) -> bool:
        return path in self.model and self.model[path] is None

    def take(self, path: str) -> dict[str, bytes | None]:
        """The part of the model at and below `path`."""
        return {key: value for key, value in self.model.items() if key == path or is_inside(key, path)}

    @rule(path=PATHS, data=st.binary(max_size=5))
    def put(self, path: str, data: bytes) -> None:
        async def put() -> None:
            incoming = self.services.tree.incoming()
            await incoming.write(data)
            await self.services.tree.put(ADA, path, await incoming.finish())

        if self.attempt(put(), self.is_folder(parent_path(path)) and not self.is_folder(path)):
            self.model[path] = data

    @rule(path=PATHS)
    def mkdir(self, path: str) -> None:
        allowed = self.is_folder(parent_path(path)) and path not in self.model
        if self.attempt(self.services.tree.make_folder(ADA, path), allowed):
            self.model[path] = None

    @rule(path=PATHS)
    def delete(self, path: str) -> None:
        if self.attempt(self.services.tree.delete(ADA, path), path in self.model):
            for key in self.take(path):
                del self.model[key]

    @rule(source=PATHS, destination=PATHS, overwrite=st.booleans(), copies=st.booleans())
    def relocate(self, source: str, destination: str, overwrite: bool, copies: bool) -> None:
        apart = (
            source != destination
            and not is_inside(destination, source)
            and not is_inside(source, destination)
        )
        allowed = source in self.model and self.is_folder(parent_path(destination)) and apart
        allowed = allowed and (overwrite or destination not in self.model)
        do = self.services.tree.copy if copies else self.services.tree.move
        if self.attempt(do(ADA, source, destination, overwrite=overwrite), allowed):
            taken = self.take(source)
            gone = [*self.take(destination), *([] if copies else taken)]
            for key in gone:
                self.model.pop(key, None)
            self.model |= {destination + key[len(source) :]: value for key, value in taken.items()}

    @invariant()
    def the_tree_is_the_model(self) -> None:
        if not hasattr(self, "services"):
            return
        nodes = self.nodes()
        assert {path: node.kind for path, node in nodes.items()} == {
            path: "folder" if value is None else "file" for path, value in self.model.items()
        }
        for path, node in nodes.items():
            below = [value for value in self.take(path).values() if value is not None]
            assert node.size == sum(map(len, below)), path

    @invariant()
    def etags_tell_the_truth(self) -> None:
        """Equal etags mean equal contents, everywhere below: then a client may skip the folder."""
        if not hasattr(self, "services"):
            return
        now = self.etags()
        for path, (etag, contents) in now.items():
            if path in self.before and self.before[path][0] == etag:
                assert self.before[path][1] == contents, path
        self.before = now

    def nodes(self) -> dict[str, Node]:
        async def walk() -> dict[str, Node]:
            return {node.path: node async for node in self.services.tree.walk(ADA, "/")}

        return self.run(walk())

    def etags(self) -> dict[str, tuple[str, dict[str, bytes | None]]]:
        """For each path its etag, and what the model has there."""
        found = {}
        for path, node in self.nodes().items():
            found[path] = (node.etag, {key[len(path) :]: value for key, value in self.take(path).items()})
        return found


TestTree = TreeMachine.TestCase
TestTree.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
