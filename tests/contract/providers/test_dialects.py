"""Answers in the dialects of other services, after their documented forms, as the providers read them."""

from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from cygnet_fs_bridge import errors, providers
from cygnet_fs_bridge.client.caller import Caller
from cygnet_fs_bridge.credentials import Anonymous
from cygnet_fs_bridge.providers import ShareRequest
from tests.fs_bridge.scripted import Answer, ScriptedTransport

DIALECTS = Path(__file__).parent / "dialects"


def told(*names):
    return ScriptedTransport(*(Answer(body=(DIALECTS / f"{name}.json").read_bytes()) for name in names))


def provider(name, transport):
    return providers.load(name, Caller(transport, Anonymous(), patience=0))


async def test_nextcloud_lists_what_waits_apart():
    transport = told("nextcloud-pending", "nextcloud-received")
    accepted, waiting = await provider("nextcloud", transport).list_shares("with-me")
    assert (accepted.state, accepted.path, accepted.role, accepted.note) == (
        "accepted", "/fit.ipynb", "editor", "look",
    )  # fmt: skip
    assert (waiting.id, waiting.state, waiting.path) == ("43", "pending", None)
    assert "/shares/pending" in transport.requests[0].target


async def test_nextcloud_declines_by_deleting():
    transport = told("nextcloud-received")
    await provider("nextcloud", transport).answer("43", False)
    assert transport.requests[0].method == "DELETE"
    assert transport.requests[0].target.partition("?")[0].endswith("/shares/43")


async def test_kinds_that_are_none_of_ours_are_left_out():
    shares = provider("nextcloud", told("nextcloud-mixed"))
    person, link = await shares.list_shares("item", "/Analysis/fit.ipynb")
    assert (person.path, person.grantee.id) == ("/Analysis/fit.ipynb", "emmy")
    assert (link.url, link.has_password, link.expires, link.role) == (
        "https://cloud.example.org/s/AbC", True, "2099-01-31", "viewer",
    )  # fmt: skip


async def test_exact_matches_come_first_and_mail_addresses_not():
    found = await provider("nextcloud", told("nextcloud-sharees")).find_people("em")
    assert [(one.id, one.kind) for one in found] == [("emmy", "user"), ("emma", "user"), ("emeriti", "group")]


async def test_ocis_has_all_states_in_one_list_and_ids_of_text():
    transport = told("ocis-received")
    shares = await provider("owncloud", transport).list_shares("with-me")
    assert [(one.id, one.state, one.path) for one in shares] == [
        ("f0a1:5d2e:77b3", "accepted", "/Shares/Analysis"),
        ("a:b:c", "pending", None),
        ("d:e:f", "declined", None),
    ]
    assert "state=all" in transport.requests[0].target
    await provider("owncloud", transport).answer("a:b:c", True)
    assert transport.requests[1].target.partition("?")[0].endswith("/shares/pending/a%3Ab%3Ac")


def forms(transport):
    """What was sent: method, the end of the address, and the form."""
    return [
        (
            one.method,
            one.target.partition("?")[0].rpartition("/")[2],
            dict(parse_qsl((one.body or b"").decode())),
        )
        for one in transport.requests
    ]


async def test_ocis_makes_a_link_and_lets_it_be_edited():
    transport = told("ocis-link", "ocis-link", "ocis-link", "ocis-link-editor")
    request = ShareRequest("/Analysis", "link", role="editor", password="p", expires="2099-01-31")
    link = await provider("owncloud", transport).create(request)
    assert (link.id, link.url) == ("wqTAdWaHkHcpBCq", "https://ocis.example.org/s/wqTAdWaHkHcpBCq")
    assert (link.role, link.item, link.expires, link.has_password, link.grantee) == (
        "editor", "folder", "2099-01-31", True, None,
    )  # fmt: skip
    made, changed = [one for one in forms(transport) if one[0] != "GET"]
    told_once = {"path": "/Analysis", "shareType": "3", "permissions": "1"}
    assert made == ("POST", "shares", {**told_once, "password": "p", "expireDate": "2099-01-31"})
    assert changed == ("PUT", "wqTAdWaHkHcpBCq", {"permissions": "15"})


async def test_ocis_says_that_a_link_needs_a_password():
    with pytest.raises(errors.InvalidRequest, match="missing required password"):
        await provider("owncloud", told("ocis-no-password")).create(ShareRequest("/Analysis", "link"))


async def test_nextcloud_shares_a_folder_with_somebody_who_may_change_it():
    transport = told("nextcloud-made", "nextcloud-one", "nextcloud-made", "nextcloud-changed")
    share = await provider("nextcloud", transport).create(ShareRequest("/Analysis", "user", "emmy", "editor"))
    assert (share.id, share.role, share.item, share.path, share.grantee.id) == (
        "44", "editor", "folder", "/Analysis", "emmy",
    )  # fmt: skip
    assert [one for one in forms(transport) if one[0] != "GET"] == [
        ("POST", "shares", {"path": "/Analysis", "shareType": "0", "permissions": "1", "shareWith": "emmy"}),
        ("PUT", "44", {"permissions": "15"}),
    ]


async def test_owncloud_10_sends_numbers_as_text():
    [share] = await provider("owncloud", told("owncloud10-received")).list_shares("with-me")
    assert (share.kind, share.role, share.state, share.created) == ("group", "viewer", "accepted", 1763640000)


async def test_a_failure_under_http_200_is_one():
    with pytest.raises(errors.NotFound, match="Wrong path"):
        await provider("owncloud", told("failed")).create(ShareRequest("/no", "user", "emmy"))


async def test_what_is_no_share_is_told_in_words():
    with pytest.raises(errors.ServiceError, match="is not a share"):
        await provider("owncloud", told("nextcloud-sharees")).create(ShareRequest("/a", "user", "emmy"))
