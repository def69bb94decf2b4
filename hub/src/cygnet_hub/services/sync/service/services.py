"""Everything behind the doors, opened and closed together."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection

from ..model.errors import Unavailable
from ..model.issuers import TokenPolicy
from ..model.settings import Settings
from ..store import spaces
from ..store.contents import Contents
from ..store.database import Database
from ..store.folders import make_folder
from .access_keys import AccessKeys
from .batch import Batch
from .certificates import Certificates
from .changes import Changes
from .credentials import Credentials
from .directory import Directory
from .fsck import check_after_crash, collect_garbage
from .gallery import Gallery
from .grid_tokens import GridTokens
from .history import History
from .inbox import Inbox
from .incoming import Disk
from .issuer_keys import IssuerKeys
from .late_sums import LateSums
from .links import Links
from .listing import Listing
from .locks import Locks
from .login_flow import LoginFlow
from .macaroons import Macaroons
from .multipart import Multipart
from .objects import Objects
from .opening import Opening
from .people import People
from .preview import Previews
from .properties import Properties
from .reports import Reports
from .share_views import ShareViews
from .shares import Shares
from .small import SmallFiles
from .teaching import Teaching
from .third_party import ThirdParty
from .throttle import Throttle
from .tokens import Keys, keep_secret
from .tree import Tree
from .troubles import Troubles
from .trust import Trust
from .tus import Tus
from .uploads import Uploads

#: How the facts that mark running processes begin.
RUNNING = "running:"


@dataclass(frozen=True)
class Services:
    """What handlers call."""

    settings: Settings
    mark: str  # the fact in the database that says that this process is running
    database: Database
    disk: Disk
    directory: People
    credentials: Credentials
    trust: Trust
    certificates: Certificates
    access_keys: AccessKeys
    grid_tokens: GridTokens
    macaroons: Macaroons
    throttle: Throttle
    keys: Keys
    tree: Tree
    locks: Locks
    properties: Properties
    listing: Listing
    changes: Changes
    reports: Reports
    history: History
    uploads: Uploads
    tus: Tus
    objects: Objects
    multipart: Multipart
    batch: Batch
    small: SmallFiles
    fingerprint: str
    shares: Shares
    share_views: ShareViews
    links: Links
    login_flow: LoginFlow
    previews: Previews
    teaching: Teaching
    third_party: ThirdParty
    late_sums: LateSums
    inbox: Inbox
    troubles: Troubles
    opening: Opening
    gallery: Gallery

    @classmethod
    def open(cls, settings: Settings, hub: Directory) -> Services:
        """Open the database and the storage that `settings` names; `hub` says who exists. Blocks."""
        make_folder(settings.data)
        database = Database.open(settings.database_url)
        contents = Contents.open(settings.storage_url)
        mark, directory = _announce(database, contents), People(hub, database)
        disk = Disk(contents)
        keys = Keys.load(settings.data / "instance.key")
        keep_secret(settings.data / "metrics.token", keys.metrics_token)
        tree = Tree(database, disk, database.write_now(spaces.instance_id))
        throttle, credentials = Throttle(database), Credentials(database, directory)
        trust = Trust(settings.tls)
        certificates = Certificates(database, credentials, keys, trust)
        uploads, changes = Uploads(tree), Changes(tree)
        views = ShareViews(database, directory, keys, settings.public_url)
        return cls(
            settings=settings,
            mark=mark,
            database=database,
            disk=disk,
            directory=directory,
            credentials=credentials,
            trust=trust,
            certificates=certificates,
            access_keys=AccessKeys(database, credentials, keys),
            macaroons=Macaroons(
                keys,
                settings.public_url,
                {"app-password": credentials.holder, "server": credentials.holder} | certificates.holders(),
            ),
            grid_tokens=GridTokens(TokenPolicy.load(settings.token_issuers), credentials, IssuerKeys()),
            throttle=throttle,
            keys=keys,
            tree=tree,
            locks=Locks(tree),
            properties=Properties(tree),
            listing=Listing(tree),
            changes=changes,
            reports=Reports(tree, changes),
            history=History(tree),
            uploads=uploads,
            tus=Tus(tree, uploads),
            objects=Objects(tree),
            multipart=Multipart(tree),
            batch=Batch(tree),
            small=SmallFiles(tree),
            fingerprint=database.read_now(lambda connection: spaces.fact(connection, "fingerprint")) or "",
            shares=Shares(database, directory, keys, tree, views),
            share_views=views,
            login_flow=LoginFlow(database),
            links=Links(database, directory, keys, throttle),
            previews=Previews(),
            third_party=ThirdParty(tree, settings.copies),
            late_sums=LateSums(database, disk),
            teaching=Teaching.open(database, tree, directory, keys, throttle),
            inbox=Inbox(database),
            troubles=Troubles(database),
            opening=Opening(database, tree),
            gallery=Gallery(database, tree, directory),
        )

    async def check_ready(self) -> None:
        """Ask the database and the storage for something small.

        Raises:
            Unavailable: one of them does not answer.
        """
        contents = self.disk.contents
        try:
            await self.database.read(lambda connection: spaces.fact(connection, self.mark))
            await self.disk.run(lambda: contents.filesystem.info(contents.root))
        except Exception as error:  # whatever a database's or a storage's library raises means the same
            raise Unavailable(
                "The database or the storage does not answer: {error}", error=str(error)
            ) from error

    def close(self) -> None:
        """Finish what is being written and let go of everything. Blocks."""
        self.third_party.close()
        self.late_sums.close()
        self.small.close()
        self.disk.close()
        self.database.write_now(lambda connection: spaces.drop_fact(connection, self.mark))
        self.database.close()

    def collect_garbage(self) -> int:
        """Delete contents that nothing refers to any more, and return how many. Blocks; for once an hour."""
        return collect_garbage(self.database, self.disk.contents)


def _announce(database: Database, contents: Contents) -> str:
    """Mark this process as running; if one that runs no more left its mark, check everything first."""
    alone = database.presence.enter()
    marks = database.read_now(lambda connection: spaces.facts(connection, RUNNING))
    if alone and marks:
        check_after_crash(database, contents)
    mark = f"{RUNNING}{secrets.token_hex(8)}"

    def note(connection: Connection) -> None:
        for old in marks if alone else ():
            spaces.drop_fact(connection, old)
        spaces.set_fact(connection, mark, "yes")

    database.write_now(note)
    database.presence.share()
    database.watch()
    return mark
