"""The catalogue of stores: what is refused, and what a session is told."""

import configparser
import json

import pytest

from cygnet_fs_bridge.session_stores import ADDRESSES
from cygnet_spawner.options import Catalogue, Environment, OptionError, from_form
from cygnet_spawner.session import SessionError
from cygnet_spawner.store_mounts import choose
from cygnet_spawner.stores import ChosenStore, offers, opened, session_environment, session_files

LAKE = {
    "title": "The lake",
    "url": "s3://data/lake",
    "credential": "keys",
    "options": {"endpoint_url": "https://s3.example.org", "client_kwargs": {"region_name": "here"}},
}


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        ("Lake", LAKE, "a name has small letters"),
        ("../up", LAKE, "a name has small letters"),
        ("x", {**LAKE, "url": "file:///etc"}, "must be the address of a store"),
        ("x", {**LAKE, "url": "memory://x"}, "must be the address of a store"),
        ("x", {**LAKE, "url": "somewhere"}, "must be the address of a store"),
        ("x", {**LAKE, "credential": "token"}, "is for http://, https://, root://"),
        ("x", {**LAKE, "credential": "magic"}, "credential"),
        ("x", {**LAKE, "colour": "red"}, "colour"),
        ("x", {"title": "No address"}, "url"),
    ],
)
def test_what_does_not_fit_is_told(name, fields, words):
    with pytest.raises(ValueError, match=rf"store .*{words}"):
        offers({name: fields})


def web(credential):
    return offers({"web": {"title": "Web", "url": "https://x/", "credential": credential}})["web"]


def test_credentials_go_where_filesystems_look():
    lake = offers({"lake": LAKE})["lake"]
    assert opened("lake", lake, {"key": "k", "secret": "s"}).options["secret"] == "s"
    token = opened("web", web("token"), {"token": "t"})
    assert token.options == {"headers": {"Authorization": "Bearer t"}}
    password = opened("web", web("password"), {"user": "Aladdin", "password": "open sesame"})
    assert password.options["headers"]["Authorization"] == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    grid = offers({"grid": {"title": "Grid", "url": "root://x//y", "credential": "token"}})["grid"]
    assert opened("grid", grid, {"token": "t"}).token == "t"
    assert opened("grid", grid, {"token": "t"}).options == {}


def test_a_persons_files_at_another_service():
    fields = {
        "title": "Cloud",
        "url": "webdav://",
        "credential": "password",
        "options": {"base_url": "https://cloud.example.org/dav/files/{user}/"},
    }
    cloud = opened("cloud", offers({"cloud": fields})["cloud"], {"user": "a b/c", "password": "p"})
    assert cloud.options["base_url"] == "https://cloud.example.org/dav/files/a%20b%2Fc/" == cloud.address
    assert cloud.options["headers"]["Authorization"].startswith("Basic ")


def test_what_a_session_finds():
    lake = offers({"lake": LAKE})["lake"]
    chosen = [
        ChosenStore("plain", "root://x//y", True, token="t"),
        opened("lake", lake, {"key": "k", "secret": "s"}),
        opened("second", lake, {"key": "k2", "secret": "s2"}),
    ]
    files = session_files(chosen)
    assert json.loads(files["lake.json"])["key"] == "k"
    assert files["plain.token"] == "t"
    assert json.loads(files[ADDRESSES]) == {
        "plain": "root://x//y", "lake": "s3://data/lake", "second": "s3://data/lake"
    }  # fmt: skip
    config, keys = configparser.RawConfigParser(), configparser.RawConfigParser()
    config.read_string(files["aws-config"])
    keys.read_string(files["aws-credentials"])
    assert config["default"]["endpoint_url"] == "https://s3.example.org"
    assert config["profile second"]["region"] == "here"
    assert keys["default"]["aws_access_key_id"] == "k"
    assert keys["second"]["aws_secret_access_key"] == "s2"
    assert session_environment(chosen, "/run/x", "/home/ada/stores") == {
        "CYGNET_STORES": "/home/ada/stores",
        "CYGNET_STORE_OPTIONS": "/run/x",
        "AWS_CONFIG_FILE": "/run/x/aws-config",
        "AWS_SHARED_CREDENTIALS_FILE": "/run/x/aws-credentials",
        "BEARER_TOKEN_FILE": "/run/x/plain.token",
    }
    assert session_environment([], "/run/x", "/home/ada/stores") == {}
    assert "s2" not in repr(chosen)


def test_a_store_without_its_credential_is_not_mounted():
    with pytest.raises(SessionError, match="The lake"):
        choose(["lake"], offers({"lake": LAKE}), {})
    assert choose(["lake"], offers({"lake": LAKE}), {"lake": {"key": "k", "secret": "s"}})[0].name == "lake"


def test_choices_are_checked_and_remembered():
    catalogue = Catalogue(
        {"default": Environment("Python", "python")}, {"all": 0.0}, {"all": 0}, offers({"lake": LAKE})
    )
    raw = from_form({"stores": ["lake", "lake"], "cores": ["0"]})
    assert catalogue.choose(raw).stores == ("lake",)
    assert catalogue.choose(from_form({})).stores == ()
    assert catalogue.remembered({"stores": ["lake", "gone"], "cores": 0}).stores == ("lake",)
    with pytest.raises(OptionError, match='There is no store "gone"'):
        catalogue.choose({"stores": ["gone"]})
