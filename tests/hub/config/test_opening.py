"""What the hub logs of links that open a notebook."""

from __future__ import annotations

import logging

import pytest

from cygnet_hub.opening.redaction import without_links


@pytest.mark.parametrize(
    "line",
    [
        "302 GET /hub/open?link=AbC123&environment=lcg -> /services/sync/open?link=AbC123&environment=lcg",
        "302 GET /hub/open?link=AbC123 -> /hub/login?next=%2Fhub%2Fopen%3Flink%3DAbC123",
        "200 GET /hub/login?next=%252Fhub%252Fopen%253Flink%253DAbC123",
    ],
)
def test_no_token_of_a_public_link_is_in_the_log(line: str) -> None:
    record = logging.LogRecord("tornado.access", logging.INFO, "", 0, "%s", (line,), None)
    assert without_links(record)
    said = record.getMessage()
    assert "AbC123" not in said and said.count("[secret]") == line.count("AbC123")
    assert len(said) == len(line.replace("AbC123", "[secret]"))
