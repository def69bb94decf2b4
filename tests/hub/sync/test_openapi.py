"""The OpenAPI document says all of the JSON API, and the API keeps to it whatever it is sent."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from jsonschema import Draft202012Validator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cygnet_hub.services.sync.handlers.api import ROUTES
from cygnet_hub.services.sync.handlers.api.openapi import document
from cygnet_hub.services.sync.handlers.api.operations import COMMON_ERRORS
from cygnet_hub.services.sync.handlers.errors import STATUS
from tests.hub.sync.api import Api, link_token
from tests.sync_server import SyncServer

DOCUMENT = document(ROUTES)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@schemathesis.serializer("application/vnd.cygnet.batch")
def as_it_is(_context: Any, value: Any) -> bytes:
    """Whatever was made up, as bytes."""
    return value if isinstance(value, bytes) else str(value).encode()


schema = schemathesis.openapi.from_dict(DOCUMENT)


def test_the_document_is_served_to_everybody(server: SyncServer) -> None:
    answer = httpx.get(f"{server.url}/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == json.loads(json.dumps(DOCUMENT))
    assert answer.json()["openapi"] == "3.1.0"


def test_every_reference_leads_somewhere() -> None:
    names = set(DOCUMENT["components"]["schemas"])
    text = json.dumps(DOCUMENT)
    assert {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]} <= names
    for model in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(model)


def test_every_status_that_is_promised_exists() -> None:
    known = {*STATUS.values(), 200, 201, 204, 206, 304, *COMMON_ERRORS}
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            assert {int(status) for status in operation["responses"]} <= known, (method, path)
            assert operation["summary"], (method, path)


@pytest.fixture(scope="module")
def world(server: SyncServer) -> dict[str, Any]:
    """Something to find, so that not everything is 404."""
    ada = Api(server, "ada")
    ada("POST", "folders", {"path": "/a"}, 201)
    ada.put("/a/b", b"contents")
    link = link_token(ada.share("/a", kind="link"))
    share = Api(server, "bob")
    share.put("/given.txt")
    given = share.share("/given.txt", "ada")
    return {"token": link, "share_id": given["id"]}


@schema.parametrize()
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_request_breaks_it(case: Any, server: SyncServer, world: dict[str, Any]) -> None:
    server.forget_guesses()
    if case.query and "wait" in case.query:
        case.query["wait"] = 0
    for name, value in world.items():
        if case.path_parameters and name in case.path_parameters and len(str(case.body)) % 2:
            case.path_parameters[name] = value
    internal = "server-credentials" in case.path
    auth = None if internal else ("ada", server.app_password("ada"))
    headers = {"Authorization": "Bearer internal-test-key"} if internal else {}
    answer = case.call(base_url=server.url, auth=auth, headers=headers, timeout=20)
    case.validate_response(answer, checks=CHECKS)
