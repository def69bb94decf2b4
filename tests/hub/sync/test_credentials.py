"""App passwords, credentials of notebook servers, keys: made, renewed, revoked, never stored as they are."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygnet_hub.services.sync.model.errors import BadRequest, NotFound, TooManyRequests
from cygnet_hub.services.sync.service.credentials import OVERLAP, Credentials, issue_app_password
from cygnet_hub.services.sync.service.throttle import LONGEST_BLOCK, Throttle, login_guesses, sender
from cygnet_hub.services.sync.service.tokens import (
    Keys,
    check_password,
    hash_password,
    new_token,
    same_secret,
)
from cygnet_hub.services.sync.store.database import Database
from tests.sync_server import GROUPS, PEOPLE, MemoryDirectory


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database.open(f"sqlite:///{tmp_path}/test.db")
    yield opened
    opened.close()


@pytest.fixture
def directory() -> MemoryDirectory:
    return MemoryDirectory(PEOPLE, GROUPS)


@pytest.fixture
def credentials(database: Database, directory: MemoryDirectory, clock: Clock) -> Credentials:
    return Credentials(database, directory, clock)


async def test_a_server_credential_lives_as_long_as_it_is_renewed(
    credentials: Credentials, clock: Clock
) -> None:
    issued = await credentials.add_server("ada", "", 60)
    assert (await credentials.principal(issued.secret)) is not None
    clock.now += 59
    newer, expires = await credentials.renew_server(issued.credential.id, 3600)
    assert expires == clock.now + 3600
    assert (await credentials.principal(newer)) is not None
    assert (await credentials.principal(issued.secret)) is not None, "requests under way go on"
    clock.now += OVERLAP + 1
    assert (await credentials.principal(issued.secret)) is None
    clock.now += 3600
    assert (await credentials.principal(newer)) is None
    with pytest.raises(NotFound):
        await credentials.renew_server(issued.credential.id, 60)


async def test_a_revoked_credential_is_refused_at_once(credentials: Credentials) -> None:
    issued = await credentials.add_server("ada", "", 60)
    await credentials.remove_server(issued.credential.id)
    await credentials.remove_server(issued.credential.id)
    assert (await credentials.principal(issued.secret)) is None


async def test_a_server_credential_cannot_touch_the_account(credentials: Credentials) -> None:
    principal = await credentials.principal((await credentials.add_server("ada", "", 60)).secret)
    assert principal is not None
    assert principal.scopes == {"files:read", "files:write", "shares"}
    assert principal.groups == {"staff"}


@pytest.mark.parametrize("ttl", [0, -1, 86401, float("nan"), float("inf")])
async def test_lifetimes_have_bounds(credentials: Credentials, ttl: float) -> None:
    with pytest.raises(BadRequest):
        await credentials.add_server("ada", "", ttl)


async def test_a_password_belongs_to_one_person_and_one_only(credentials: Credentials) -> None:
    secret = (await credentials.add_app_password("ada", "laptop")).secret
    assert (await credentials.principal(secret, "ada")) is not None
    assert (await credentials.principal(secret, "bob")) is None
    assert (await credentials.principal(secret, "")) is None
    assert (await credentials.principal("", "ada")) is None


async def test_nobody_revokes_another_persons_password(credentials: Credentials) -> None:
    issued = await credentials.add_app_password("ada", "laptop")
    with pytest.raises(NotFound):
        await credentials.remove_app_password("bob", issued.credential.id)
    assert (await credentials.principal(issued.secret)) is not None
    await credentials.remove_app_password("ada", issued.credential.id)
    assert (await credentials.principal(issued.secret)) is None


async def test_whom_the_hub_forgot_is_nobody_here(
    credentials: Credentials, directory: MemoryDirectory
) -> None:
    secret = (await credentials.add_app_password("ada", "laptop")).secret
    del directory.people["ada"]
    assert (await credentials.principal(secret)) is None
    with pytest.raises(NotFound):
        await credentials.add_server("ada", "", 60)


async def test_a_password_for_reading(credentials: Credentials) -> None:
    secret = (await credentials.add_app_password("ada", "job", frozenset({"files:read"}))).secret
    principal = await credentials.principal(secret)
    assert principal is not None
    assert principal.scopes == {"files:read"}
    for scopes in (frozenset({"account"}), frozenset({"all"}), frozenset()):
        with pytest.raises(BadRequest):
            await credentials.add_app_password("ada", "job", scopes)


async def test_the_last_use_is_noted_but_not_each(
    database: Database, credentials: Credentials, clock: Clock
) -> None:
    secret = (await credentials.add_app_password("ada", "laptop")).secret
    for _ in range(3):
        await credentials.principal(secret)
    first = (await credentials.app_passwords("ada"))[0].used
    clock.now += 60
    await credentials.principal(secret)
    assert (await credentials.app_passwords("ada"))[0].used == first
    clock.now += 3600
    await credentials.principal(secret)
    assert (await credentials.app_passwords("ada"))[0].used == clock.now


async def test_the_database_holds_no_secret(database: Database, tmp_path: Path) -> None:
    issued = await database.write(lambda c: issue_app_password(c, "ada", "laptop"))
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("test.db*"))
    assert issued.secret.encode() not in stored
    assert issued.credential.id.encode() in stored


async def test_blocks_grow_and_end(database: Database, clock: Clock) -> None:
    throttle, guesses = Throttle(database, clock), login_guesses("192.0.2.1", "ada")
    for _ in range(10):
        await throttle.check(guesses)
        await throttle.failed(guesses)
    with pytest.raises(TooManyRequests) as caught:
        await throttle.check(guesses)
    assert 0 < caught.value.retry_after <= 31
    await throttle.check(login_guesses("192.0.2.2", "ada"))
    await throttle.check(login_guesses("192.0.2.1", "bob"))
    for _ in range(20):
        await throttle.failed(guesses)
    with pytest.raises(TooManyRequests):
        await throttle.check(guesses)
    clock.now += LONGEST_BLOCK + 1
    await throttle.check(guesses)
    await throttle.forget_old()


async def test_many_names_from_one_sender_are_one_sender(database: Database, clock: Clock) -> None:
    throttle = Throttle(database, clock)
    for number in range(100):
        await throttle.failed(login_guesses("2001:db8::1", f"user{number}"))
    with pytest.raises(TooManyRequests):
        await throttle.check(login_guesses("2001:db8::2", "somebody"))


def test_an_ipv6_sender_is_its_network() -> None:
    assert sender("2001:db8:1:2:3::4") == sender("2001:db8:1:2::") == "2001:db8:1:2::/64"
    assert sender("::ffff:192.0.2.1") == sender("192.0.2.1")
    assert sender("nonsense") == "unknown"


async def test_passwords_are_argon2_hashes() -> None:
    hashed = await hash_password("geheim")
    assert hashed.startswith("$argon2id$")
    assert await check_password("geheim", hashed)
    assert not await check_password("Geheim", hashed)
    assert not await check_password("geheim", "not a hash")


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {new_token(22) for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(len(token) == 22 and token.isalnum() for token in tokens)


def test_an_empty_secret_equals_nothing() -> None:
    assert not same_secret("", "")
    assert not same_secret("x", "")
    assert same_secret("x", "x")


def test_the_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    first, second = Keys.load(tmp_path / "key"), Keys.load(tmp_path / "key")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert second.unseal(first.seal("token", "share:1"), "share:1") == "token"
    (tmp_path / "short").write_bytes(b"x")
    with pytest.raises(ValueError, match="32 bytes"):
        Keys.load(tmp_path / "short")


@given(st.text(max_size=50), st.text(max_size=20))
def test_sealed_texts_open_in_their_context_only(text: str, context: str) -> None:
    keys, others = Keys(b"a" * 32), Keys(b"b" * 32)
    text, context = (value.encode("utf-8", "ignore").decode() for value in (text, context))
    sealed = keys.seal(text, context)
    assert keys.unseal(sealed, context) == text
    assert keys.unseal(sealed, context + "x") is None
    assert others.unseal(sealed, context) is None
    assert keys.unseal("not sealed", context) is None
