"""In which language the service refuses: French for who asks for it, English for programs."""

from __future__ import annotations

import pytest

from tests.hub.sync.api import Api

NOTHING = "/api/v1/files?path=/nowhere"
FRENCH = "Il n\u2019y a rien à «\u00a0/nowhere\u00a0»."
ENGLISH = 'There is nothing at "/nowhere".'


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, ENGLISH),
        ({"Accept-Language": "fr-CH, fr;q=0.9, en;q=0.8"}, FRENCH),
        ({"Accept-Language": "tlh"}, ENGLISH),
        ({"Accept-Language": "en", "Cookie": "cygnet_language=fr"}, FRENCH),
        ({"Accept-Language": "fr", "Cookie": "cygnet_language=en"}, ENGLISH),
        ({"Accept-Language": "fr", "Cookie": "cygnet_language=../fr"}, FRENCH),
    ],
)
def test_an_error_is_said_in_the_language_of_who_asks(
    teacher: Api, headers: dict[str, str], words: str
) -> None:
    answer = teacher.http.get(NOTHING, headers=headers)
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, words)


def test_each_of_several_errors_is_said_in_that_language(teacher: Api) -> None:
    body = {"paths": ["/nowhere"]}
    failed = teacher("POST", "files/delete", body, headers={"Accept-Language": "fr"})["failed"]
    assert failed == [{"path": "/nowhere", "error": {"code": "not-found", "message": FRENCH}}]


def test_webdav_clients_hear_english_unless_they_ask(teacher: Api) -> None:
    address = f"/remote.php/dav/files/{teacher.user}/nowhere"
    assert "There is nothing at" in teacher.http.get(address).text
    assert "Il n\u2019y a rien" in teacher.http.get(address, headers={"Accept-Language": "fr"}).text
