"""The start page's fields."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from jinja2 import Environment as Templates
from jinja2 import PackageLoader, StrictUndefined

from cygnet_fs_bridge import texts
from cygnet_fs_bridge.texts import ENGLISH
from cygnet_spawner.options import Catalogue, SpawnOptions

_templates = Templates(
    loader=PackageLoader("cygnet_spawner"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def render(
    catalogue: Catalogue,
    chosen: SpawnOptions,
    notices: Sequence[str],
    entered: Collection[str] = (),
    stores_page: str = "",
    language: str = ENGLISH,
) -> str:
    """Return the fields as HTML; JupyterHub puts its form, button and token round them.

    Args:
        catalogue: what is offered.
        chosen: what is preselected.
        notices: sentences to show above, such as that files cannot be mounted here.
        entered: stores for which the person has entered a credential.
        stores_page: where they do that.
        language: in which the fields are named.
    """
    template = _templates.get_template("options.html")
    return template.render(
        catalogue=catalogue,
        chosen=chosen,
        notices=notices,
        entered=entered,
        stores_page=stores_page,
        t=texts.catalogue(language).say,
    )
