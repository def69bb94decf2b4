"""The clients of a storm. Each writes files of its own without a pause, and goes on after an interruption."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import os
import random
import sqlite3
import subprocess
import threading
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError
from tusclient.uploader import Uploader

from cygnet_hub.services.sync.model.settings import PREFIX
from tests.storm.oracle import GONE, Oracle, Place, digest
from tests.storm.service import Service

SIZES = (0, 1, 100, 5_000, 70_000, 300_000)
PAUSE = 0.03
#: Seconds that a program may take; in a storm it is done in one or two.
PATIENCE = 60


class Client(threading.Thread):
    """One client.

    Args:
        service: that it writes to.
        oracle: that it tells what it does.
        user: whose files it changes.
        seed: of what it does.
        name: its own, with which the names of its files begin.
    """

    def __init__(self, service: Service, oracle: Oracle, user: str, seed: str, name: str) -> None:
        super().__init__(name=name)
        self.service, self.oracle, self.user = service, oracle, user
        self.chance = random.Random(seed + self.name)
        self.over = threading.Event()
        self.done = 0
        self.fault: BaseException | None = None

    def run(self) -> None:
        while not self.over.is_set():
            try:
                self.turn()
            except (OSError, http.client.HTTPException, TusCommunicationError):
                self.over.wait(PAUSE)  # the service is away
            except BaseException as error:
                self.fault = error
                return

    def turn(self) -> None:
        """Change something, and tell the oracle before and after."""
        raise NotImplementedError

    def place(self, number: int) -> Place:
        """One of its files."""
        return Place(self.user, f"/{self.name}-{number}")

    def body(self, smallest: int = 0) -> bytes:
        """Contents that were never written before, unless they are very short."""
        return self.chance.randbytes(self.chance.choice([size for size in SIZES if size >= smallest]))

    def acknowledge(self, place: Place, outcome: str) -> None:
        self.oracle.acknowledge(place, outcome)
        self.done += 1


class Plain(Client):
    """PUT, DELETE, uploads in parts and of many files at once, request by request."""

    def turn(self) -> None:
        place = self.place(self.chance.randrange(5))
        self.chance.choice([self.put, self.put, self.put, self.delete, self.upload, self.batch])(place)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> None:
        """A request that succeeds, or is cut off."""
        status, answer = self.service.request(method, path, body, self.user, **headers)
        if status >= 500 and self.service.failing:
            raise ConnectionError
        assert status in (201, 204) or (method, status) == ("DELETE", 404), (method, path, status, answer)

    def put(self, place: Place) -> None:
        body = self.body()
        self.oracle.begin(place, digest(body))
        self.ask("PUT", self.service.address(place), body)
        self.acknowledge(place, digest(body))

    def delete(self, place: Place) -> None:
        self.oracle.begin(place, GONE)
        self.ask("DELETE", self.service.address(place))
        self.acknowledge(place, GONE)

    def upload(self, place: Place) -> None:
        parts = [self.body(5_000) for _ in range(3)]
        whole = digest(b"".join(parts))
        folder = self.service.address(place).replace("/files/", "/uploads/") + self.chance.randbytes(6).hex()
        self.ask("MKCOL", folder)
        for number, part in enumerate(parts):
            self.ask("PUT", f"{folder}/{number}", part)
        self.oracle.begin(place, whole)
        self.ask("MOVE", f"{folder}/.file", Destination=self.service.origin + self.service.address(place))
        self.acknowledge(place, whole)

    def batch(self, place: Place) -> None:
        files = {other: self.body() for other in (place, self.place(5), self.place(6))}
        listed = [{"path": other.path, "size": len(body)} for other, body in files.items()]
        for other, body in files.items():
            self.oracle.begin(other, digest(body))
        line = json.dumps({"files": listed}).encode() + b"\n"
        status, answer = self.service.request(
            "POST", f"{PREFIX}/api/v1/batch", line + b"".join(files.values()), self.user
        )
        failed = status != 200 or any("error" in result for result in json.loads(answer)["results"])
        if failed and self.service.failing:
            raise ConnectionError
        assert not failed, (status, answer)
        for other, body in files.items():
            self.acknowledge(other, digest(body))


class S3(Client):
    """boto3: objects, and objects in parts."""

    _boto: Any = None

    def turn(self) -> None:
        place, body = self.place(self.chance.randrange(5)), self.body()
        store = self.chance.choice([self.put, self.put_parts])
        try:
            self._boto = self._boto or self.connect()
            self.oracle.begin(place, digest(body))
            store({"Bucket": "home", "Key": place.path[1:]}, body)
        except BotoCoreError as error:  # the service is away
            raise ConnectionError from error
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500 and self.service.failing:
                raise ConnectionError from error
            raise
        self.acknowledge(place, digest(body))

    def connect(self) -> Any:
        """A client with a key of its own, which tries nothing twice."""
        path = f"{PREFIX}/api/v1/keys"
        status, answer = self.service.request("POST", path, b'{"label": "storm"}', self.user)
        if status >= 500 and self.service.failing:
            raise ConnectionError
        assert status == 201, answer
        key = json.loads(answer)
        return boto3.client(
            "s3",
            endpoint_url=self.service.s3,
            aws_access_key_id=key["id"],
            aws_secret_access_key=key["secret"],
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=PATIENCE),
        )

    def put(self, what: dict[str, str], body: bytes) -> None:
        self._boto.put_object(**what, Body=body)

    def put_parts(self, what: dict[str, str], body: bytes) -> None:
        upload = {**what, "UploadId": self._boto.create_multipart_upload(**what)["UploadId"]}
        half = len(body) // 2
        came = [
            {"PartNumber": n, "ETag": self._boto.upload_part(**upload, PartNumber=n, Body=part)["ETag"]}
            for n, part in enumerate((body[:half], body[half:]), 1)
        ]
        self._boto.complete_multipart_upload(**upload, MultipartUpload={"Parts": came})


class Tus(Client):
    """tuspy, which goes on where the service says; what was acknowledged must not be asked for again."""

    def turn(self) -> None:
        place, body = self.place(self.chance.randrange(5)), self.body(5_000)
        self.oracle.begin(place, digest(body))
        folder = self.service.origin + self.service.address(Place(self.user, "/"))
        client = TusClient(folder, headers=self.service.login(self.user))
        metadata = {"filename": place.path[1:]}
        uploader = client.uploader(
            file_stream=io.BytesIO(body), chunk_size=60_000, metadata=metadata, upload_checksum=True
        )
        while uploader.offset < len(body):
            try:
                uploader.upload_chunk()
            except (OSError, TusCommunicationError):
                if not self.resume(uploader):
                    return
        self.acknowledge(place, digest(body))

    def resume(self, uploader: Uploader) -> bool:
        """Ask how far the upload came, once the service is back; False if it never began or this is over."""
        while uploader.url and not self.over.wait(PAUSE):
            try:
                offset = uploader.get_offset()
            except TusCommunicationError as error:
                refused = error.status_code and not self.service.failing
                assert not refused, (error.status_code, error.response_content)
                continue
            assert offset >= uploader.offset, "parts that were acknowledged are gone"
            uploader.offset = offset
            return True
        return False


class Command(Client):
    """A program that is given a folder. When it succeeds, all of the folder is acknowledged.

    Args:
        work: a folder for it.
    """

    def __init__(self, service: Service, oracle: Oracle, user: str, seed: str, name: str, work: Path) -> None:
        super().__init__(service, oracle, user, seed, name)
        self.folder, self.time = work / name, 1_700_000_000
        self.folder.mkdir(parents=True)

    def turn(self) -> None:
        names = self.chance.sample([self.place(number).path[1:] for number in range(6)], 3)
        for name in names:
            body = self.body(1)
            # rclone removes what it could not write.
            self.oracle.begin(Place(self.user, f"/{name}"), digest(body), GONE)
            (self.folder / name).write_bytes(body)
            # A client may take a file of the same second and size for the one that it knows.
            self.time += 1
            os.utime(self.folder / name, (self.time, self.time))
        if self.command(names) == 0:
            for name in set(names) - self.skipped():
                self.acknowledge(Place(self.user, f"/{name}"), digest((self.folder / name).read_bytes()))

    def command(self, names: list[str]) -> int:
        """Run it, and return its exit code."""
        raise NotImplementedError

    def skipped(self) -> set[str]:
        """Files that it left out although it succeeded."""
        return set()

    def execute(self, *command: str, **environment: str) -> int:
        """The exit code of a program; one that takes very long is ended, and has failed.

        It waits for no service then: the connections of each end with it, every few seconds.
        """
        variables = {**os.environ, "HOME": str(self.folder.parent), **environment}
        try:
            return subprocess.run(command, env=variables, capture_output=True, timeout=PATIENCE).returncode
        except subprocess.TimeoutExpired:
            return 1


class Rclone(Command):
    """rclone, in each of its dialects by turns."""

    def command(self, names: list[str]) -> int:
        hidden = subprocess.check_output(["rclone", "obscure", self.service.passwords[self.user]], text=True)
        settings = {
            "TYPE": "webdav",
            "URL": f"{self.service.url}/remote.php/dav/files/{self.user}",
            "VENDOR": self.chance.choice(["other", "owncloud", "nextcloud"]),
            "USER": self.user,
            "PASS": hidden.strip(),
        }
        remote = {f"RCLONE_CONFIG_R_{name}": value for name, value in settings.items()}
        chosen = [word for name in names for word in ("--include", f"/{name}")]
        patience = ["--retries", "1", "--low-level-retries", "3"]
        return self.execute(
            "rclone", "copy", "--ignore-times", *patience, *chosen, str(self.folder), "r:",
            RCLONE_CONFIG="/dev/null", **remote,
        )  # fmt: skip


class Nextcloud(Command):
    """nextcloudcmd, with a folder that it keeps."""

    def command(self, names: list[str]) -> int:
        return self.execute(
            "nextcloudcmd", "--non-interactive", "--silent", "--trust", "--user", self.user,
            "--password", self.service.passwords[self.user], str(self.folder), self.service.url,
            QT_QPA_PLATFORM="offscreen", XDG_RUNTIME_DIR=str(self.folder.parent),
        )  # fmt: skip

    def skipped(self) -> set[str]:
        """What failed is tried again only after a while, and until then is no failure."""
        journal = next(self.folder.glob(".sync_*.db"))
        with contextlib.closing(sqlite3.connect(journal)) as database, database:
            found = {path for (path,) in database.execute("SELECT path FROM blacklist")}
            database.execute("DELETE FROM blacklist")
        return found
