"""What whoever runs the service sees: health, readiness, metrics, logs, the audit log, and a gentle end."""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from cygnet_hub.services.sync.handlers.audit import log as audit_log
from cygnet_hub.services.sync.handlers.logs import JsonFormatter, start_logs, without_tokens
from cygnet_hub.services.sync.handlers.traffic import Traffic
from tests import issued
from tests.hub.sync.api import Api, link_token
from tests.hub.sync.dav import USUAL, Dav
from tests.sync_server import SyncServer, sync_server


def wait_for(happens: Callable[[], bool]) -> None:
    """Wait until something is so, for a while."""
    deadline = time.monotonic() + 10
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class Lines(logging.Handler):
    """What a logger was told, as dictionaries."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter())
        self.lines: list[dict[str, object]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))

    def of(self, address: str) -> list[dict[str, object]]:
        """What was said of an address; it is said before the answer is sent."""
        return [line for line in self.lines if address in str(line)]


@pytest.fixture
def audited() -> Iterator[Lines]:
    lines = Lines()
    audit_log.addHandler(lines)
    yield lines
    audit_log.removeHandler(lines)


def test_alive_and_ready(server: SyncServer) -> None:
    assert httpx.get(f"{server.url}/health").json() == {"status": "alive"}
    assert httpx.get(f"{server.url}/ready").json() == {"status": "ready"}


def test_not_ready_without_storage(tmp_path: Path) -> None:
    with sync_server(tmp_path) as server:
        (tmp_path / "contents").rename(tmp_path / "away")
        answer = httpx.get(f"{server.url}/ready")
        assert (answer.status_code, answer.json()) == (503, {"status": "not ready"})
        assert httpx.get(f"{server.url}/health").status_code == 200
        (tmp_path / "away").rename(tmp_path / "contents")
        assert httpx.get(f"{server.url}/ready").status_code == 200


def metrics(server: SyncServer) -> dict[tuple[str, tuple[str, ...]], float]:
    token = (server.data / "metrics.token").read_text()
    answer = httpx.get(f"{server.url}/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    samples = [s for family in text_string_to_metric_families(answer.text) for s in family.samples]
    return {(sample.name, tuple(sorted(sample.labels.values()))): sample.value for sample in samples}


def test_metrics_count_requests(server: SyncServer) -> None:
    Api(server, "ada")("GET", "me")
    before = metrics(server)
    Api(server, "ada")("GET", "me")
    after = metrics(server)
    key = ("cygnet_sync_requests_total", ("200", "GET", "api.account"))
    assert after[key] == before[key] + 1
    assert after["cygnet_sync_requests_under_way", ()] == 1
    assert after["cygnet_sync_process_resident_memory_bytes", ()] > 0


def test_metrics_are_for_the_holder_of_their_token(server: SyncServer) -> None:
    assert stat.S_IMODE((server.data / "metrics.token").stat().st_mode) == 0o600
    for secret in ("x", "internal-test-key", server.app_password("ada")):
        answer = httpx.get(f"{server.url}/metrics", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 401
    token = (server.data / "metrics.token").read_text()
    for path in ("api/v1/me", "api/v1/server-credentials", "remote.php/dav/files/ada/"):
        answer = httpx.post(f"{server.url}/{path}", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401


def test_answers_name_their_request(server: SyncServer) -> None:
    given = httpx.get(f"{server.url}/health", headers={"X-Request-ID": "abc-1"})
    assert given.headers["X-Request-ID"] == "abc-1"
    made = httpx.get(f"{server.url}/health", headers={"X-Request-ID": 'a"b\\n'})
    assert len(made.headers["X-Request-ID"]) == 16


def test_a_change_is_audited(server: SyncServer, audited: Lines) -> None:
    dav = Dav(server, "ada")
    answer = dav.put("/audited.txt", b"x", X_Request_ID="audit-1")
    assert answer.status == 201
    line = audited.of("audit-1")[-1]
    node = Api(server, "ada")("GET", "files?path=/audited.txt")["node"]
    assert line["user"] == "ada"
    assert str(line["credential"]).startswith("app-password:")
    assert (line["action"], line["path"], line["node"]) == ("put", "/audited.txt", int(node["id"]))
    assert (line["status"], line["result"]) == (201, "done")


def test_what_is_refused_is_audited(server: SyncServer, audited: Lines) -> None:
    ada, bob = Api(server, "ada"), Api(server, "bob")
    ada.put("/look.txt")
    share = ada.share("/look.txt", "bob")
    bob("POST", f"shares/{share['id']}/accept")
    answer = Dav(server, "bob").put("/Shares/look.txt", b"y", X_Request_ID="audit-2")
    assert answer.status == 403
    (line,) = audited.of("audit-2")
    assert (line["user"], line["action"], line["path"]) == ("bob", "overwrite", "/Shares/look.txt")
    assert (line["status"], line["result"]) == (403, "refused")
    wrong = httpx.get(
        f"{server.url}/api/v1/me", headers={"Authorization": "Bearer no", "X-Request-ID": "audit-3"}
    )
    assert wrong.status_code == 401
    assert audited.of("audit-3")[0]["kind"] == "anonymous"
    server.forget_guesses()


def test_reading_is_audited_and_listing_is_not(server: SyncServer, audited: Lines) -> None:
    dav = Dav(server, "ada")
    dav.put("/read.txt", b"x")
    dav("PROPFIND", "/", X_Request_ID="audit-4")
    dav("GET", "/read.txt", X_Request_ID="audit-5")
    assert audited.of("audit-5")[0]["action"] == "read"
    assert not [line for line in audited.lines if line["request"] == "audit-4"]


def test_each_way_of_reading_is_audited(server: SyncServer, audited: Lines) -> None:
    ada = Api(server, "ada")
    ada("POST", "folders", {"path": "/many"}, 201)
    node = ada.put("/many/read.txt")
    version = ada("GET", "versions?path=/many/read.txt")["versions"][0]["id"]
    for number, path in enumerate(
        (
            "content?path=/many/read.txt",
            "archive?path=/many",
            f"versions/{version}/content?path=/many/read.txt",
            "batch?path=/many",
            "batch?path=/many/read.txt",
        )
    ):
        ada.http.get(f"/api/v1/{path}", headers={"X-Request-ID": f"reads-{number}"})
        read = [line for line in audited.of(f"reads-{number}") if line["action"] == "read"]
        assert int(node["id"]) in [line["node"] for line in read], path


def test_reading_is_audited_before_it_is_read(server: SyncServer, audited: Lines) -> None:
    ada = Dav(server, "ada")
    ada.put("/long.bin", bytes(20 << 20))
    ways: tuple[dict[str, str], ...] = ({}, USUAL)  # by the express lane, and by the usual handler
    for number, more in enumerate(ways):
        headers = {**ada.headers, "X-Request-ID": f"audit-long-{number}", **more}
        connection = http.client.HTTPConnection(ada.host, timeout=60)
        connection.request("GET", ada.url("/long.bin"), headers=headers)
        assert connection.getresponse().status == 200
        assert audited.of(f"audit-long-{number}")[0]["action"] == "read"
        connection.close()


def test_shares_and_passwords_are_audited(server: SyncServer, audited: Lines) -> None:
    ada = Api(server, "ada")
    ada.put("/shared.txt")
    share = ada.share("/shared.txt", kind="link")
    assert audited.of("/api/v1/shares")[-1]["action"] == "share"
    token = link_token(share)
    httpx.get(f"{server.url}/api/v1/public/{token}/content")
    line = audited.of(f"link:{share['id']}")[-1]
    assert (line["kind"], line["action"]) == ("link", "read")
    assert token not in json.dumps(audited.lines)


def test_the_audit_log_is_a_private_file_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stop = start_logs(tmp_path / "audit.log")
    try:
        audit_log.info("audit", extra={"fields": {"user": "ada"}})
        logging.getLogger("cygnet.sync").info("hello %s", "world")
    finally:
        stop()
        audit_log.propagate = True
    assert stat.S_IMODE((tmp_path / "audit.log").stat().st_mode) == 0o600
    (line,) = (tmp_path / "audit.log").read_text().splitlines()
    assert json.loads(line)["user"] == "ada"
    console = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["message"] for line in console] == ["hello world"]


def test_addresses_in_logs_hold_no_tokens() -> None:
    base = "/services/sync"
    for secret in ("/s/abc", "/api/v1/public/abc/files", "/remote.php/dav/public-files/abc/x",
                   "/public.php/dav/files/abc/x"):  # fmt: skip
        assert "abc" not in without_tokens(base + secret)
    assert without_tokens(f"{base}/remote.php/dav/files/ada/x") == f"{base}/remote.php/dav/files/ada/x"


def test_the_check_for_secrets_in_logs_finds_one(server: SyncServer, tmp_path: Path) -> None:
    secret = server.app_password("ada")
    assert issued.leaks(f"somebody logged {secret} here") == ["a credential"]
    ada = Api(server, "ada")
    ada.put("/told.txt")
    link = link_token(ada.share("/told.txt", kind="link"))
    assert issued.leaks(link) == ["the token of a link"]
    written = tmp_path / "logs" / "service.log"
    written.parent.mkdir()
    written.write_text(f"GET /s/{link}?x")
    assert issued.leaks_in_files(tmp_path) == [f"{written}: the token of a link"]
    written.unlink()  # or it would be found at the end


def test_requests_are_finished_before_the_end(tmp_path: Path) -> None:
    with sync_server(tmp_path) as server:
        ada = Api(server, "ada")

        def slowly() -> Iterator[bytes]:
            yield b"half "
            time.sleep(1)
            yield b"whole"

        answers: list[httpx.Response] = []
        upload = threading.Thread(
            target=lambda: answers.append(ada.http.put("/api/v1/content?path=/slow", content=slowly()))
        )
        upload.start()
        wait_for(lambda: server.traffic.under_way == 1)
        drained = asyncio.run_coroutine_threadsafe(server.traffic.drain(10), server.loop)
        wait_for(lambda: server.traffic.draining)
        assert httpx.get(f"{server.url}/ready").json() == {"status": "stopping"}
        assert httpx.get(f"{server.url}/health").status_code == 200
        turned_away = httpx.get(f"{server.url}/api/v1/me", auth=("ada", server.app_password("ada")))
        assert turned_away.status_code == 503
        assert int(turned_away.headers["Retry-After"]) > 0
        upload.join(10)
        assert drained.result(10)
        assert [answer.status_code for answer in answers] == [201]


async def test_draining_has_a_limit() -> None:
    traffic = Traffic(lambda: 0)
    traffic.begin(1)
    assert not await traffic.drain(0.05)
    traffic.end(1)
    assert await traffic.drain(0.05)
