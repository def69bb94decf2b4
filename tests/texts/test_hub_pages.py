"""The choice of a language on the hub's pages."""

from __future__ import annotations

import pytest

from cygnet_hub.languages import back


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/hub/home", "/hub/home"),
        ("/services/sync/search?q=a%2Fb", "/services/sync/search?q=a%2Fb"),
        ("", "/services/sync/"),
        ("https://evil.example/", "/services/sync/"),
        ("//evil.example/", "/services/sync/"),
        ("/\\evil.example/", "/services/sync/"),
        ("javascript:alert(1)", "/services/sync/"),
    ],
)
def test_a_choice_leads_back_to_this_site_and_to_no_other(asked: str, led: str) -> None:
    assert back(asked) == led
