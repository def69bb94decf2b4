"""The envelope of OCS answers: status and data, as XML or JSON (Open Collaboration Services 1.7).

Version 1 answers nearly everything with HTTP 200 and says in `statuscode` how it went, 100 when well;
version 2 uses HTTP's own codes.
"""

from __future__ import annotations

import json
import re
from typing import Any
from xml.sax.saxutils import escape

OK_V1, OK_V2 = 100, 200
UNAUTHORIZED = 997
SERVER_ERROR = 996

#: XML 1.0 has no way to write these.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def render(data: Any, *, code: int, message: str, as_json: bool) -> bytes:
    """The body of an answer.

    Args:
        data: what `ocs.data` holds: dictionaries, lists, texts, numbers, booleans, None.
        code: the OCS status code.
        message: words that go with it; empty for "OK".
        as_json: JSON instead of XML.
    """
    meta = {
        "status": "ok" if code in (OK_V1, OK_V2) else "failure",
        "statuscode": code,
        "message": message or "OK",
    }
    if as_json:
        return json.dumps({"ocs": {"meta": meta, "data": data}}, ensure_ascii=False).encode(
            "utf-8", "replace"
        )
    body = f"<ocs><meta>{_children(meta)}</meta><data>{_children(data)}</data></ocs>"
    return f'<?xml version="1.0"?>\n{body}\n'.encode()


def _children(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(_element(str(key), inner) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return "".join(_element("element", inner) for inner in value)
    return _text(value)


def _element(name: str, value: Any) -> str:
    tag = name if _NAME.fullmatch(name) else "element"
    inner = _children(value)
    return f"<{tag}>{inner}</{tag}>" if inner else f"<{tag}/>"


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    return escape(_UNWRITABLE.sub("\ufffd", str(value)))
