"""The example notebooks and their data: what `cygnet up --demo` puts under /Examples of a new account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

CONTENT = Path(__file__).parent / "content"


def files() -> Iterator[tuple[str, Path]]:
    """Every file of the examples, notebooks before data.

    Yields:
        The path in the space, relative to /Examples and with "/" between its parts, and the local file.
    """
    found = (path for path in CONTENT.rglob("*") if path.is_file() and not _is_hidden(path))
    for path in sorted(found, key=lambda path: (len(path.parts), path.name)):
        yield path.relative_to(CONTENT).as_posix(), path


def data_file(name: str) -> tuple[Path, str]:
    """Find a data file of the examples, for a notebook that may have been copied without it.

    Args:
        name: file name, for example "transfers.csv".

    Returns:
        The file beside the notebook if it lies there, else the one that Cygnet was installed with; and
        a line for the reader that says which.

    Raises:
        FileNotFoundError: there is no such file in either place.
    """
    beside, packaged = Path("data", name), CONTENT / "data" / name
    if beside.is_file():
        return beside, f"Reading data/{name}, which lies beside this notebook in your files."
    if packaged.is_file():
        return (
            packaged,
            f"There is no data/{name} beside this notebook: reading Cygnet's own copy.",
        )
    raise FileNotFoundError(f"The examples have no data file called {name}.")


def _is_hidden(path: Path) -> bool:
    """Whether Jupyter or the system left `path` there, as in .ipynb_checkpoints."""
    return any(part.startswith(".") for part in path.relative_to(CONTENT).parts)
