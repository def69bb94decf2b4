"""`LocalSpawner`: a person's notebook server on this machine, confined, with their files mounted."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyterhub.spawner import Spawner, SpawnException
from jupyterhub.utils import random_port
from traitlets import default

from cygnet_fs_bridge import texts
from cygnet_fs_bridge.texts import Text
from cygnet_spawner import form, fuse, idle, options, software
from cygnet_spawner.cell import Cell
from cygnet_spawner.credentials import Credential, CredentialClient, CredentialError
from cygnet_spawner.guard import Guard
from cygnet_spawner.identity import Identity, folder_of, identity_of
from cygnet_spawner.limits import Limits
from cygnet_spawner.numbers import Numbers
from cygnet_spawner.places import Places, read_state, replace_file
from cygnet_spawner.plan import MountPlan, mount_plan
from cygnet_spawner.process import together
from cygnet_spawner.renewal import Renewal
from cygnet_spawner.session import Session, SessionError
from cygnet_spawner.store_mounts import StoreMounts, choose
from cygnet_spawner.stores import ChosenStore, offers, session_files
from cygnet_spawner.story import Step, Story
from cygnet_spawner.traits import LocalSettings
from cygnet_spawner.wanted import require_file
from cygnet_spawner.warm import the_warm

_COMMAND = ["python", "-m", "cygnet_extensions.singleuser"]
_NO_MOUNT = Text(
    "Your files cannot be mounted on this machine. The file browser works as usual; programs and kernels "
    "reach your files by addresses that begin with cygnet://"
)


class LocalSpawner(LocalSettings, Spawner):
    """Starts servers as processes of this machine, each in a sandbox of its own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._session: Session | None = None
        self._renewal: Renewal | None = None
        self._guards: list[Guard] = []
        self._number: int | None = None
        self._story = Story()
        self._starting = False
        self._closing: asyncio.Task[None] | None = None
        if self.warm and self.confined:
            the_warm(self.log)  # while the person still looks at the start page

    @functools.cached_property
    def _stores(self) -> StoreMounts:
        return StoreMounts(self.places(), self.log)

    # -- what is offered and chosen

    def catalogue(self) -> options.Catalogue:
        """Return what the start page offers."""
        configured = {
            key: options.Environment(value["title"], value["python"], value.get("description", ""))
            for key, value in self.environments.items()
        }
        own = {
            "default": options.Environment(
                "Python", sys.executable, Text("The software that comes with Cygnet")
            )
        }
        return options.Catalogue(
            configured or own,
            self.core_choices or options.machine_cores(),
            self.memory_choices or options.machine_memory(),
            offers(self.stores),
        )

    @default("options_form")
    def _default_options_form(self) -> Any:
        return LocalSpawner._render_form

    async def _render_form(self) -> str:
        """Return the start page's fields, with the last choices preselected."""
        catalogue = self.catalogue()
        earlier = (self.orm_spawner.user_options if self.orm_spawner else None) or {}
        notices = [] if fuse.DEVICE.exists() else [_NO_MOUNT]
        page = f"{self.hub.base_url}stores"
        chosen = catalogue.remembered(earlier)
        return form.render(catalogue, chosen, notices, await self._entered(), page, self._language())

    def _language(self) -> str:
        """The language of the person who starts the server, while they do."""
        if self.handler is None:
            return texts.ENGLISH
        accepted = self.handler.request.headers.get("Accept-Language")
        return texts.chosen(self.handler.get_cookie(texts.COOKIE), accepted)

    @default("options_from_form")
    def _default_options_from_form(self) -> Any:
        return self._choose

    def _choose(self, form_data: dict[str, list[Any]]) -> dict[str, Any]:
        return self._checked(options.from_form(form_data)).model_dump()

    @default("apply_user_options")
    def _default_apply_user_options(self) -> Any:
        return LocalSpawner._apply

    def _apply(self, user_options: dict[str, Any]) -> None:
        chosen = self._checked(user_options)
        self.mem_limit = chosen.memory or None
        self.cpu_limit = chosen.cores or None

    def _checked(self, raw: dict[str, Any]) -> options.SpawnOptions:
        try:
            return self.catalogue().choose(raw)
        except options.OptionError as error:
            raise _refusal(error.text, "options", 400) from error

    # -- who, where, with what

    def identity(self) -> Identity:
        """Return who the person's processes run as.

        Raises:
            SessionError: the numbers of accounts cannot be read or written.
        """
        if self._number is None:
            numbers = Numbers(Path(self.data_dir).absolute(), self.uid_base)
            since = str(self.user.orm_user.created)
            try:
                self._number = numbers.of(self.user.name, since, folder_of(self.user.name))
            except (OSError, ValueError) as error:
                raise SessionError(
                    "Your account has no number here ({error}); tell your administrator.", error=str(error)
                ) from error
        root = self.confined and os.geteuid() == 0
        return identity_of(self.user.name, self._number if root else None)

    def places(self) -> Places:
        """Return where the person's things lie on this machine."""
        return Places(Path(self.data_dir).absolute(), folder_of(self.user.name))

    async def _entered(self) -> Mapping[str, Mapping[str, str]]:
        """Return the person's credentials for stores."""
        if self.store_credentials is None:
            return {}
        found: Mapping[str, Mapping[str, str]] = await self.store_credentials(self.user.name)
        return found

    def plan(self, *, fuse: bool, stores: Sequence[ChosenStore] = ()) -> MountPlan:
        """Return what the session sees of the person's storage."""
        places = self.places()
        own = {} if self.confined else {"token_dir": str(places.token), "state_dir": str(places.state)}
        return mount_plan(
            user=self.user.name,
            home=self.identity().home if self.confined else str(places.home),
            sync_url=self.sync_url,
            public_sync_url=self.public_sync_url,
            fuse=fuse,
            stores=stores,
            **own,
        )

    def get_env(self) -> dict[str, str]:
        """Return the session's whole environment: nothing of the hub's own is in it."""
        chosen = self._checked(self.user_options)
        env: dict[str, str] = super().get_env()
        env["JUPYTERHUB_DEFAULT_URL"] = chosen.start_page()
        return env

    def _session_env(self, plan: MountPlan, prefix: str) -> dict[str, str]:
        folder = self.identity().folder
        own = {
            "HOME": plan.home,
            "USER": folder,
            "LOGNAME": folder,
            "SHELL": "/bin/bash",
            "LANG": os.environ.get("LANG", "C.UTF-8"),
            "TZ": os.environ.get("TZ", ""),
            "PATH": f"{prefix}/bin:/usr/local/bin:/usr/bin:/bin",
            "JUPYTERHUB_ROOT_DIR": plan.root,
        }
        # What an administrator set by `c.Spawner.environment` wins over all of it.
        return {**{k: v for k, v in own.items() if v}, **dict(plan.environment), **self.get_env()}

    def _client(self) -> CredentialClient:
        return CredentialClient(self.sync_url, Path(self.internal_key_file))

    # -- start, poll, stop

    async def start(self) -> str:
        """Start the person's mount and server and return the server's address.

        Raises:
            SpawnException: with what to do about it, in words for the person who waits.
        """
        self._story, self._starting = Story(), True
        try:
            return await self._start()
        except (CredentialError, SessionError, software.UnusableEnvironment) as error:
            await self._tear_down()
            raise _refusal(error.text, "session", 500) from error
        except BaseException:
            # Cancelled by the hub's limit, or a defect: leave nothing behind, then pass it on.
            await self._tear_down()
            raise
        finally:
            self._starting = False
            self._story.end()

    async def _start(self) -> str:
        if self._closing is not None:
            await self._closing
        if self.name:
            raise SessionError("Each person has one server here; servers with a name are not offered.")
        chosen = self._checked(self.user_options)
        environment = await software.inspect(self.catalogue().environments[chosen.environment].python)
        self._story.tell(10, Text("Making room for your session"))
        session = self._session = await self._new_session(environment)
        mounted = await session.prepare()
        idle.forget(self.places().run)
        entered = await self._entered() if chosen.stores else {}
        stores = choose(chosen.stores, self.catalogue().stores, entered)
        await self._stores.prepare(self.identity(), stores, session_files(stores), mount=mounted)
        plan = self.plan(fuse=mounted, stores=stores)
        port = int(random_port())
        self.port = port  # get_env tells the server
        env, limits = self._session_env(plan, environment.prefix), Limits(chosen.memory, chosen.cores)
        self._story.tell(30, Text("Connecting your files and starting the notebook server"))
        await together(
            self._connect(session, chosen.open_file),
            self._stores.start(await self._mount_cell(), self.mount_timeout),
            self._serve(session, plan, env, limits, port),
        )
        self._look_after(session)
        self._story.tell(
            95, Text("Ready") if mounted else Text("Ready; kernels see your files by cygnet:// only")
        )
        return f"http://127.0.0.1:{port}"

    async def _connect(self, session: Session, open_file: str) -> None:
        credential = await self._take_credential()
        if open_file:
            await require_file(self.sync_url, credential.token, open_file)
        await session.start_mount(self.sync_url, self.mount_timeout)

    async def _serve(
        self, session: Session, plan: MountPlan, env: dict[str, str], limits: Limits, port: int
    ) -> None:
        await session.start_server(plan, env, limits, self._command())
        await session.answers(port, self.http_timeout)

    async def _new_session(self, environment: software.Software) -> Session:
        mount_cell = await self._mount_cell()
        # Another environment, or another command, has other imports.
        fits = environment == mount_cell.software and self.cmd == _COMMAND
        cell = replace(mount_cell, software=environment, warm=mount_cell.warm if fits else None)
        return Session(cell, mount_cell, self.log)

    async def _mount_cell(self) -> Cell:
        own = await software.inspect(sys.executable)
        warm = the_warm(self.log) if self.warm and self.confined else None
        marks = {name: value for name, value in self.environment.items() if isinstance(value, str)}
        return Cell(self.identity(), self.places(), own, self.confined, warm, marks)

    def _look_after(self, session: Session) -> None:
        """Mount again when the mount's process is killed."""

        async def repair() -> None:
            await session.remount(await self._mount_cell(), self.sync_url, self.mount_timeout)
            self._remember()

        async def repair_stores() -> None:
            await self._stores.repair(await self._mount_cell(), session.inside(), self.mount_timeout)
            self._remember()

        self._guards = [
            Guard(self.user.name, session.mount_lost, repair, session.tell_lost, self.log),
            Guard(f"a store of {self.user.name}", self._stores.lost, repair_stores, lambda _: None, self.log),
        ]
        for guard in self._guards:
            guard.start()

    def _remember(self) -> None:
        """Keep what has changed for a hub that is restarted."""
        if self.orm_spawner is not None:
            self.orm_spawner.state = self.get_state()
            self.user.db.commit()

    def _command(self) -> list[str]:
        return [*self.cmd, *self.get_args()]

    @default("cmd")
    def _default_cmd(self) -> list[str]:
        return list(_COMMAND)

    async def _take_credential(self) -> Credential:
        credential = await self._client().mint(self.user.name, self.name, self.credential_ttl)
        self._use_credential(credential)
        self._renewal = self._renewal_of(credential)
        self._renewal.start()
        return credential

    def _use_credential(self, credential: Credential) -> None:
        replace_file(self.places().token, "token", credential.token, mode=0o600, identity=self.identity())

    def _use_renewed(self, credential: Credential) -> None:
        self._use_credential(credential)
        self._remember()

    def _renewal_of(self, credential: Credential) -> Renewal:
        return Renewal(
            self._client(), self.user.name, self.credential_ttl, credential, self._use_renewed, self.log
        )

    async def poll(self) -> int | None:
        """Return None while the server runs or starts, and how it ended afterwards."""
        if self._starting:
            return None
        if self._session is None:
            return 0
        if self._session.alive():
            self._watch()
            return None
        code = self._session.exit_code()
        await self._tear_down()
        return code

    def _watch(self) -> None:
        """Look after what a running server needs; also after the hub was restarted."""
        if self._renewal is not None and not self._renewal.running:
            self._renewal.start()
        if self._session is not None and not self._guards:
            self._look_after(self._session)

    async def stop(self, now: bool = False) -> None:
        """Stop the server, wait until the mount has sent what it holds, and revoke the credential.

        Args:
            now: kill the server instead of asking it.
        """
        await self._remember_why()
        await self._tear_down(now=now)

    async def _remember_why(self) -> None:
        unused_since = self.orm_spawner.last_activity if self.orm_spawner else None
        if idle.was_idle(unused_since, self.idle_seconds):
            try:
                await asyncio.to_thread(idle.write, self.places().run, self.idle_seconds)
            except OSError as error:  # a full disk keeps no server running
                self.log.warning("why the server of %s stops cannot be kept: %s", self.user.name, error)

    @property
    def unsent(self) -> int:
        """How many changes the mount has not sent yet; for the page of a stopping server."""
        return int(read_state(self.places().state / "state.json").get("pending", 0))

    @property
    def idle_end(self) -> idle.IdleEnd | None:
        """Why the last server was stopped, if that was because nobody used it; for the hub's pages."""
        return idle.read(self.places().run)

    async def _tear_down(self, *, now: bool = False) -> None:
        """Leave nothing behind; whoever comes while it goes on waits for the same end."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._end(now), name=f"end the session of {self.user.name}")
        try:
            # A caller that gives up does not interrupt the end: a mount still has files to send.
            await asyncio.shield(self._closing)
        finally:
            if self._closing is not None and self._closing.done():
                self._closing = None

    async def _end(self, now: bool) -> None:
        session, self._session = self._session, None
        renewal, self._renewal = self._renewal, None
        guards, self._guards = self._guards, []
        for guard in guards:
            await guard.stop()  # first, or it would mount again what is being ended
        if session is not None:
            await session.stop(self.flush_timeout, now=now)
        await self._stores.stop(self.flush_timeout)
        if renewal is not None:
            await renewal.stop()
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):  # it did not come that far
            (self.places().token / "token").unlink()

    async def progress(self) -> AsyncIterator[Step]:
        """Tell the page of a starting server how far it is."""
        async for step in self._story.listen():
            yield Step(progress=step["progress"], message=self._said(step["message"]))

    def _said(self, text: str) -> str:
        return texts.catalogue(self._language()).say(text)

    # -- a hub that was restarted

    def get_state(self) -> dict[str, Any]:
        """Return what finds the running server again."""
        state: dict[str, Any] = super().get_state()
        if self._session is not None:
            state["session"] = self._session.saved()
            state["stores"] = self._stores.saved()
        if self._renewal is not None:
            state["credential"] = self._renewal.identifier
        return state

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up a server that an earlier hub started."""
        super().load_state(state)
        if "session" not in state:
            return
        nothing = software.Software("", "", ())  # only needed to start processes
        cell = Cell(self.identity(), self.places(), nothing, self.confined)
        self._session = Session(cell, cell, self.log)
        self._session.restore(state["session"])
        self._stores.restore(state.get("stores", []))
        if "credential" in state:
            # Its token is not kept; a credential that ended already is renewed at once.
            self._renewal = self._renewal_of(Credential(state["credential"], "", 0.0))


def _refusal(words: str, reason: str, status: int) -> SpawnException:
    """Return the error with which the hub shows `words`, at once or on the page where the person waits."""
    refusal = SpawnException(words, reason=reason, status_code=status)
    refusal.jupyterhub_message = words  # the waiting page looks for it here
    return refusal
