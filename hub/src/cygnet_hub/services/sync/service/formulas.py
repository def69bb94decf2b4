"""Formulas of a notebook's text as MathML, which browsers draw without any script."""

from __future__ import annotations

import html
import re
import secrets
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context


class Formulas:
    """The formulas of one page.

    The cleaning of a page knows no MathML, and should not: what people write as MathML stays out.
    Formulas wait here, each under a mark that nobody can guess, and what is put back is made by us.
    """

    def __init__(self) -> None:
        self._made: list[str] = []
        self._secret = secrets.token_hex(8)

    @pass_context
    def markdown(self, context: Context, source: str) -> str:
        """HTML of a cell's Markdown, with a mark in the place of each formula; a filter for nbconvert."""
        from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

        keep = self._keep

        class Renderer(IPythonRenderer):
            def block_math(self, body: str) -> str:
                return keep(body, "block")

            def inline_math(self, body: str) -> str:
                return keep(body, "inline")

            def latex_environment(self, name: str, body: str) -> str:
                return keep(rf"\begin{{{name}}}{body}\end{{{name}}}", "block")

        cell: dict[str, Any] = context.get("cell", {})
        attachments = cell.get("attachments", {})
        renderer = Renderer(escape=False, exclude_anchor_links=True, attachments=attachments)
        return str(MarkdownWithMath(renderer=renderer).render(source))

    def put_back(self, page: str) -> str:
        """`page` with the formulas in their places."""
        return re.sub(f"{self._secret}x(\\d+)x", lambda found: self._made[int(found[1])], page)

    def _keep(self, latex: str, display: str) -> str:
        self._made.append(_mathml(latex, display))
        return f"{self._secret}x{len(self._made) - 1}x"


def _mathml(latex: str, display: str) -> str:
    """MathML of LaTeX; what cannot be read as LaTeX is shown as it was written."""
    from latex2mathml.converter import convert

    try:
        return str(convert(latex, display=display))
    except Exception:  # noqa: BLE001  # its parser raises whatever comes; the page must not fail for one formula
        return f"<code>{html.escape(latex)}</code>"
