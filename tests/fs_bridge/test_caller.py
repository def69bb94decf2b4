"""How requests are signed, repeated and refused."""

import pytest

from cygnet_fs_bridge import errors
from cygnet_fs_bridge.client.caller import Caller, quote_path, with_query
from cygnet_fs_bridge.credentials import Anonymous, Basic, Bearer, TokenFile
from cygnet_fs_bridge.transport import NeverSent

from .scripted import Answer, ScriptedTransport, told


def calling(*answers, credentials=None, patience=5.0, client=""):
    transport = ScriptedTransport(*answers)
    return transport, Caller(transport, credentials or Anonymous(), patience, client)


async def test_requests_are_signed_and_named():
    transport, caller = calling(Answer(), credentials=Basic("ada", "geheim"), client="mount-1")
    await caller.call("GET", "x", query={"path": "/a b&c"})
    [request] = transport.requests
    assert request.target == "x?path=%2Fa%20b%26c"
    assert request.headers == {"X-Cygnet-Client": "mount-1", "Authorization": "Basic YWRhOmdlaGVpbQ=="}


async def test_a_service_that_is_away_is_asked_again():
    transport, caller = calling(NeverSent("away"), told(503), Answer(body=b"here"))
    assert (await caller.call("POST", "x"))[1] == b"here"
    assert len(transport.requests) == 3


async def test_patience_ends():
    _, caller = calling(NeverSent("away"), patience=0.0)
    with pytest.raises(ConnectionError, match="away"):
        await caller.call("GET", "x")


async def test_what_may_have_been_done_is_not_done_twice():
    transport, caller = calling(errors.Unavailable("lost"), Answer())
    with pytest.raises(errors.Unavailable):
        await caller.call("POST", "files/move")
    assert len(transport.requests) == 1
    transport, caller = calling(errors.Unavailable("lost"), Answer())
    await caller.call("PUT", "content")
    assert len(transport.requests) == 2


async def test_a_renewed_token_is_used_at_once(tmp_path):
    file = tmp_path / "token"
    file.write_text("old\n")

    def refuse(request):
        file.write_text("new\n")
        return told(401, "unauthorized")

    transport, caller = calling(refuse, Answer(body=b"in"), credentials=TokenFile(file))
    assert (await caller.call("GET", "x"))[1] == b"in"
    assert [request.headers["Authorization"] for request in transport.requests] == [
        "Bearer old",
        "Bearer new",
    ]


async def test_a_refused_token_is_tried_once(tmp_path):
    for credentials in (Bearer("t"), Basic("a", "b")):
        transport, caller = calling(told(401), credentials=credentials)
        with pytest.raises(PermissionError):
            await caller.call("GET", "x")
        assert len(transport.requests) == 1


async def test_what_is_not_json_is_said():
    _, caller = calling(Answer(body=b"<html>"))
    with pytest.raises(errors.ServiceError, match="not what a Cygnet service sends"):
        await caller.call_json("GET", "x")
    _, caller = calling(Answer(204))
    assert await caller.call_json("DELETE", "x") is None


def test_addresses():
    assert quote_path("/a b/ü#?%.txt") == "a%20b/%C3%BC%23%3F%25.txt"
    assert with_query("x", None) == "x"
