"""A notebook as one HTML page without script. Runs as a program: notebook on stdin, page on stdout.

It is a program of its own because what it reads may be hostile or enormous: it can be limited and killed,
and what it does to its memory ends with it.
"""

from __future__ import annotations

import re
import resource
import sys
from typing import Any

from .formulas import Formulas

MEMORY_BYTES = 1 << 30
CPU_SECONDS = 20

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head>
<body><main>{body}</main></body></html>
"""

_STYLE = """
:root { color-scheme: light dark; --line: #d0d7de; --soft: #f6f8fa; --quiet: #59636e; }
@media (prefers-color-scheme: dark) {
  :root { --line: #3d444d; --soft: #151b23; --quiet: #9198a1; }
}
body { margin: 0; font: 15px/1.55 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.45 ui-monospace, monospace; }
img, svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; } th, td { border: 1px solid var(--line); padding: .25rem .5rem; }
div.output_area { overflow-x: auto; padding: .25rem 0; }
.highlight { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; }
.highlight { padding: .5rem .75rem; }
.cell { margin: .75rem 0; }
.prompt { color: var(--quiet); font: 12px ui-monospace, monospace; }
.anchor-link { display: none; }
.output_stderr, .output_error { border-left: 3px solid #cf222e; padding-left: .5rem; }
"""


#: What notebooks are written with; anything else is shown as nothing, its text kept.
_TAGS = frozenset(
    re.findall(
        r"\w+",
        """
    a abbr b blockquote br caption center cite code col colgroup dd del details div dl dt em
    figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike
    strong sub summary sup table tbody td tfoot th thead tr tt u ul var
    """,
    )
)
_ATTRIBUTES = {
    "*": ["class", "title", "align", "dir", "lang"],
    "a": ["href"],
    "img": ["src", "alt", "width", "height"],
    "ol": ["start"],
    "td": ["colspan", "rowspan"],
    "th": ["colspan", "rowspan", "scope"],
}
_PROTOCOLS = frozenset({"http", "https", "mailto", "data"})
_HIDDEN = re.compile(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)


def render(text: str) -> str:
    """The page of a notebook; raises ValueError (or a subclass) when `text` is not one."""
    # jsonschema, which nbformat imports, does without it; importing it compiles a grammar for a second.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    import nbformat
    from nbconvert import HTMLExporter

    formulas = Formulas()
    notebook = nbformat.reads(text, as_version=4)
    for cell in notebook.cells:
        _drop_hidden(cell)
    exporter = HTMLExporter(template_name="basic", sanitize_html=True, exclude_anchor_links=True)
    exporter.register_filter("clean_html", _clean)
    exporter.register_filter("markdown2html", formulas.markdown)
    body, _ = exporter.from_notebook_node(notebook)
    return _PAGE.format(title="Notebook", style=_colours() + _STYLE, body=formulas.put_back(body))


def _clean(text: str) -> str:
    """HTML without anything that could act; nbconvert's own filter knows no headings and no tables' heads."""
    import bleach

    return str(bleach.clean(text, tags=_TAGS, attributes=_ATTRIBUTES, protocols=_PROTOCOLS, strip=True))


def _drop_hidden(cell: Any) -> None:
    """Take scripts and styles out of outputs: their text is not for reading."""
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        if "text/html" in data:
            data["text/html"] = _HIDDEN.sub("", "".join(data["text/html"]))
        data.pop("application/javascript", None)


def _colours() -> str:
    """The colours of code, for light and dark."""
    from pygments.formatters import HtmlFormatter

    light = HtmlFormatter(style="default").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    return f"{light}@media (prefers-color-scheme: dark) {{{dark}}}"


def main() -> None:
    """Read a notebook, write its page; exit code 2 and a line on stderr when it is not a notebook."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    try:
        page = render(sys.stdin.buffer.read().decode())
    except Exception as error:  # noqa: BLE001  # whatever it stumbles over: this is not a notebook it can show
        sys.stderr.write(f"{type(error).__name__}\n")
        raise SystemExit(2) from None
    sys.stdout.buffer.write(page.encode("utf-8", "replace"))


if __name__ == "__main__":
    main()
