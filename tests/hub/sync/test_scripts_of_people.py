"""What people store is served so that it cannot script the site, at every address that gives it out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import boto3
import httpx
import pytest
from botocore.config import Config

from tests.hub.s3.keys import make_key
from tests.hub.sync.api import Api, client, link_token
from tests.hub.sync.dav import USUAL, Dav
from tests.sync_server import SyncServer

SCRIPT = {
    "a.html": b"<script>alert(1)</script>",
    "a.xhtml": b'<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>',
    "a.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "a.xml": b'<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="a.xsl"?><x/>',
    "a.xsl": b"<x/>",
    "a.pdf": b"%PDF-1.4",
    "a.js": b"alert(1)",
    "a.mhtml": b"MIME-Version: 1.0",
    "a.swf": b"FWS",
    "a.ipynb": json.dumps(
        {
            "cells": [{"cell_type": "markdown", "metadata": {}, "source": "<script>alert(1)</script>"}],
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 4,
        }
    ).encode(),
}
#: Pages that the service makes of notebooks.
PAGES = "preview"


class World:
    """A folder of the teacher's with a file of each kind, seen in every way."""

    def __init__(self, server: SyncServer) -> None:
        self.server, self.dav = server, Dav(server, "teacher")
        self.teacher, self.student = Api(server, "teacher"), Api(server, "student")
        self.teacher("POST", "folders", {"path": "/scripts"}, 201)
        self.ids, self.versions = {}, {}
        for name, data in SCRIPT.items():
            path = f"/scripts/{name}"
            for body in (data, data + b" "):
                self.ids[name] = self.teacher.put(path, body)["id"]
            self.versions[name] = self.teacher("GET", f"versions?path={path}")["versions"][-1]["id"]
        link = self.teacher.share("/scripts", kind="link")
        self.token = link_token(link)
        self.shared = self.teacher.share("/scripts", "student")["id"]
        self.entry = self.teacher("POST", "gallery", {"path": "/scripts/a.ipynb"}, 201)["id"]
        self.auth = httpx.BasicAuth("teacher", server.app_password("teacher"))
        self.visitor = httpx.BasicAuth(self.token, "")

    def addresses(self, name: str) -> Iterator[tuple[str, httpx.BasicAuth | None]]:
        """Where a file is given out, and to whom."""
        path, node, version = f"/scripts/{name}", self.ids[name], self.versions[name]
        mine = (
            f"remote.php/dav/files/teacher{path}",
            f"remote.php/webdav{path}",
            f"remote.php/dav/meta/{node}/v/{version}",
            f"remote.php/dav/versions/teacher/versions/{node}/{version}",
            f"api/v1/content?path={path}",
            f"api/v1/versions/{version}/content?path={path}",
            f"api/v1/archive?path={path}",
            f"api/v1/batch?path={path}",
        )
        yield from ((address, self.auth) for address in mine)
        student = httpx.BasicAuth("student", self.server.app_password("student"))
        yield f"api/v1/shares/{self.shared}/content?path=/{name}", student
        yield f"api/v1/shares/{self.shared}/archive?path=/{name}", student
        yield f"public.php/webdav/{name}", self.visitor
        yield f"remote.php/dav/public-files/{self.token}/{name}", None
        yield f"public.php/dav/files/{self.token}/{name}", None
        yield f"api/v1/public/{self.token}/content?path=/{name}", None
        yield f"api/v1/public/{self.token}/archive?path=/{name}", None
        yield f"s/{self.token}/download?path=/{name}", None
        if name == "a.ipynb":
            yield f"api/v1/preview?path={path}", self.auth
            yield f"api/v1/versions/{version}/preview?path={path}", self.auth
            yield f"api/v1/gallery/{self.entry}/preview", student
            yield f"api/v1/shares/{self.shared}/preview?path=/{name}", student
            yield f"api/v1/public/{self.token}/preview?path=/{name}", None


@pytest.fixture(scope="module")
def world(server: SyncServer) -> World:
    return World(server)


def harmless(address: str, headers: Mapping[str, str]) -> None:
    """See that a browser runs nothing of an answer."""
    policy = headers.get("Content-Security-Policy", "")
    assert policy.startswith("sandbox; default-src 'none'"), address
    assert "allow-" not in policy and "script-src" not in policy, address
    assert headers["X-Content-Type-Options"] == "nosniff", address
    shown = headers.get("Content-Disposition", "attachment").startswith("inline")
    is_page = PAGES in address
    assert not shown or is_page, address
    kind = headers["Content-Type"].partition(";")[0]
    made = kind.startswith("application/") and kind not in ("application/xml", "application/xhtml+xml")
    assert "Content-Disposition" in headers or is_page or made, address


@pytest.mark.parametrize("name", SCRIPT)
@pytest.mark.parametrize("express", [True, False])
def test_no_address_gives_out_a_script(world: World, name: str, express: bool) -> None:
    http = client(base_url=world.server.url)
    if not express:
        http.headers.update(USUAL)
    for address, auth in world.addresses(name):
        for more in ({}, {"Range": "bytes=0-0"}, {"Range": "bytes=0-0,2-2"}):
            for method in ("GET", "HEAD"):
                answer = http.request(method, f"/{address}", auth=auth, headers=more)
                if method == "HEAD" and answer.status_code == 405:
                    continue
                assert answer.status_code in (200, 206), (method, address, answer.text)
                if answer.headers["Content-Type"].startswith("multipart/byteranges"):
                    continue  # no browser shows one
                harmless(address, answer.headers)


def test_what_is_in_the_trash_is_no_script_either(world: World) -> None:
    world.teacher.put("/gone.html", SCRIPT["a.html"])
    assert world.dav("DELETE", "/gone.html").status == 204
    for root in ("/remote.php/dav/trash-bin/teacher", "/remote.php/dav/trashbin/teacher/trash"):
        trash = Dav(world.server, "teacher", root)
        for path in trash.list("/"):
            answer = trash("GET", path)
            if answer.status == 200:
                harmless(f"{root}{path}", answer.headers)
            assert answer.status in (200, 405), answer


def test_what_is_said_of_an_object_of_s3_makes_it_no_script(world: World) -> None:
    key = make_key(world.server, "teacher")
    s3 = boto3.client(
        "s3",
        endpoint_url=world.server.s3,
        aws_access_key_id=key.id,
        aws_secret_access_key=key.secret,
        region_name="us-east-1",
        config=Config(signature_version="s3v4"),
    )
    what = {"Bucket": "home", "Key": "said.bin"}
    s3.put_object(**what, Body=SCRIPT["a.html"], ContentType="text/html", ContentDisposition="inline")
    asked = {"ResponseContentType": "image/svg+xml", "ResponseContentDisposition": "inline"}
    for more in ({}, asked):
        answer = httpx.get(s3.generate_presigned_url("get_object", Params={**what, **more}), trust_env=False)
        assert answer.content == SCRIPT["a.html"]
        # What it is called is up to who stored it; that nothing runs is not.
        harmless("preview of S3", answer.headers)
    s3.close()
