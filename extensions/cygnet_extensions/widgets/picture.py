"""A picture of what is in a ROOT file."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterator
from typing import Any

import ipywidgets
import numpy as np
import uproot

from .parts import News, said

_MOST = 12  # drawings in one picture
_ACROSS = 4
_BINS = 50
#: Drawn one: its title, the edges of the bins, and what is in them.
Drawn = tuple[str, np.ndarray[Any, Any], np.ndarray[Any, Any]]


class RootPicture(ipywidgets.VBox):
    """Small drawings of the histograms and branches of a ROOT file, and a list of all that is in it.

    Args:
        address: of the file, for uproot: a path or an fsspec address.
        entries: how many entries of a tree are read.
    """

    def __init__(self, address: str, entries: int = 100_000, **options: Any) -> None:
        self.news, self.picture, self.contents = News(), ipywidgets.HTML(), ipywidgets.HTML()
        super().__init__([self.news, self.picture, self.contents], **options)
        with self.news.troubles(), uproot.open(address) as file:
            drawn = [one for _, one in zip(range(_MOST), _drawings(file, entries), strict=False)]
            names = [f"{name} ({kind})" for name, kind in file.classnames(cycle=False).items()]
            words = said("{count} of what is in {file}, drawn", count=len(drawn), file=address)
            self.news.tell(words)
            self.picture.value = _image(drawn, ", ".join(title for title, _, _ in drawn)) if drawn else ""
            self.contents.value = _details(names)


def _drawings(file: Any, entries: int) -> Iterator[Drawn]:
    for name, kind in file.classnames(cycle=False).items():
        if kind.startswith("TH1") or kind == "TProfile":
            histogram = file[name]
            yield name, histogram.axis().edges(), histogram.values()
        elif kind in ("TTree", "TNtuple", "TNtupleD"):
            yield from _branches(file[name], entries)


def _branches(tree: Any, entries: int) -> Iterator[Drawn]:
    for branch in tree.branches:
        if (
            isinstance(branch.interpretation, uproot.AsDtype)
            and branch.interpretation.from_dtype.kind in "iufb"
        ):
            array = np.ravel(branch.array(entry_stop=entries, library="np")).astype(float)
            finite = array[np.isfinite(array)]
            if finite.size:
                counts, edges = np.histogram(finite, bins=_BINS)
                yield branch.name, edges, counts


def _image(drawn: list[Drawn], words: str) -> str:
    """The drawings as one picture, whose words say to those who do not see it what it shows."""
    # Not when the widgets are imported: a chooser needs no plots.
    from matplotlib.figure import Figure

    across, down = min(_ACROSS, len(drawn)), -(-len(drawn) // _ACROSS)
    figure = Figure(figsize=(2.6 * across, 2.0 * down), layout="constrained")
    for number, (title, edges, values) in enumerate(drawn, start=1):
        axes = figure.add_subplot(down, across, number)
        axes.stairs(values, edges, fill=True, color="#0e6b80")
        axes.set_title(title, fontsize=9)
        axes.tick_params(labelsize=7)
        axes.spines[["top", "right"]].set_visible(False)
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=110)
    source = base64.b64encode(png.getvalue()).decode()
    alternative = html.escape(said("Distributions of {names}", names=words), quote=True)
    # On paper, which is white in dark themes too.
    return (
        f'<img alt="{alternative}" src="data:image/png;base64,{source}" '
        'style="max-width: 100%; border-radius: 8px; background: #fff">'
    )


def _details(names: list[str]) -> str:
    rows = "".join(f"<li><code>{html.escape(name)}</code></li>" for name in names)
    title = html.escape(said("All that is in the file"))
    return f"<details><summary>{title}</summary><ul>{rows}</ul></details>"
