"""Each example notebook, run from top to bottom by a real kernel, and the numbers that it finds."""

from __future__ import annotations

import filecmp
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
import skhep_testdata
from nbclient import NotebookClient

from cygnet_extensions.examples import CONTENT, data_file, files, generate

NOTEBOOKS = sorted(CONTENT.glob("*.ipynb"))
Z_MASS, PI = 91.188, 3.141592653589793


@dataclass(frozen=True)
class Run:
    """What a notebook printed, and the variables asked for, after its last cell."""

    printed: str
    values: dict[str, Any]


def run(path: Path, folder: Path, *names: str) -> Run:
    """Run the notebook in `folder` with one more cell at its end that hands out the variables `names`."""
    notebook = nbformat.read(path, as_version=4)
    wanted = ", ".join(f"{name!r}: {name}" for name in names)
    hand_out = f"import json\nprint(json.dumps({{{wanted}}}, default=lambda x: x.item()))"
    notebook.cells.append(nbformat.v4.new_code_cell(hand_out))
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(folder)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    streams = [output for output in outputs if output["output_type"] == "stream"]
    complaints = [output["text"] for output in streams if output["name"] == "stderr"]
    assert complaints == [], "a reader would see these warnings"
    *printed, last = [output["text"] for output in streams]
    return Run("".join(printed), json.loads(last.splitlines()[-1]))


@pytest.fixture
def space(tmp_path: Path) -> Path:
    """A folder with the examples as they lie in a new account."""
    for name, path in files():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(path, tmp_path / name)
    return tmp_path


def test_dimuon_mass_finds_the_z(space: Path) -> None:
    found = run(space / "1-dimuon-mass.ipynb", space, "largest_difference", "n_events", "z_mass", "z_error")
    assert "lies beside this notebook" in found.printed
    assert found.values["largest_difference"] < 1e-6  # GeV, against the mass stored in the file
    assert found.values["n_events"] == 500
    assert found.values["z_mass"] == pytest.approx(Z_MASS, rel=0.01)
    # About 450 decays in a line 2 to 3 GeV wide: the error of the mean can be no other.
    assert 0.1 < found.values["z_error"] < 0.2


def test_a_copy_of_the_notebook_alone_still_runs_and_says_where_the_data_are(tmp_path: Path) -> None:
    found = run(CONTENT / "1-dimuon-mass.ipynb", tmp_path, "z_mass")
    first_line = found.printed.splitlines()[0]
    assert "no data/uproot-Zmumu.root beside this notebook" in first_line
    assert found.values["z_mass"] == pytest.approx(Z_MASS, rel=0.01)


def test_files_and_stores_finds_copies_and_draws(space: Path) -> None:
    found = run(
        space / "6-files-and-stores.ipynb", space,
        "contents", "download.path", "'<img alt=' in picture.picture.value", "list(chooser.listing.options)",
    )  # fmt: skip
    assert "nobody to share with" in found.printed
    assert found.values["contents"] == {"events": "TTree"}
    assert found.values["'<img alt=' in picture.picture.value"] is True
    assert found.values["list(chooser.listing.options)"] == ["uproot-Zmumu.root  (179 kB)"]
    assert filecmp.cmp(found.values["download.path"], space / "data" / "uproot-Zmumu.root", shallow=False)


def test_pi_has_an_error_that_falls_as_one_over_the_root_of_n(space: Path) -> None:
    found = run(
        space / "2-pi-from-raindrops.ipynb", space,
        "spread", "within_band", "steepness", "running[-1]", "error(100_000)", "slider.value",
    ).values  # fmt: skip
    assert abs(found["running[-1]"] - PI) < 3 * found["error(100_000)"]
    assert found["error(100_000)"] == pytest.approx(1.642 / 100_000**0.5, rel=1e-3)
    assert found["spread"] == pytest.approx(1.642 / 1000**0.5, rel=0.15)
    assert found["within_band"] == pytest.approx(0.68, abs=0.06)
    assert found["steepness"] == pytest.approx(-0.5, abs=0.05)
    assert found["slider.value"] == 500


def test_pi_is_found_in_french_too(space: Path) -> None:
    found = run(
        space / "2-pi-et-les-gouttes-de-pluie.ipynb", space,
        "ecart", "dans_la_bande", "pente", "au_fil_de_la_pluie[-1]", "erreur(100_000)", "curseur.value",
    )  # fmt: skip
    values = found.values
    assert abs(values["au_fil_de_la_pluie[-1]"] - PI) < 3 * values["erreur(100_000)"]
    assert values["ecart"] == pytest.approx(1.642 / 1000**0.5, rel=0.15)
    assert values["dans_la_bande"] == pytest.approx(0.68, abs=0.06)
    assert values["pente"] == pytest.approx(-0.5, abs=0.05)
    assert values["curseur.value"] == 500
    assert "gouttes, π vaut environ 3" in found.printed


def test_transfer_logs_find_what_was_built_in(space: Path) -> None:
    names = (
        "len(log)",
        "suspect",
        "verdict",
        "main_reason",
        "window_mb",
        "writing",
        "reading",
        "island_share",
    )
    when = ("incident_start.isoformat()", "incident_end.isoformat()")
    found = run(space / "3-transfer-logs.ipynb", space, *names, *when).values
    assert found["len(log)"] == generate.TRANSFERS
    assert (found["suspect"], found["verdict"]) == (generate.BROKEN_SITE, "storage")
    assert found["main_reason"] == "destination: write failed: device busy"
    assert found["window_mb"] == pytest.approx(generate.TCP_WINDOW_MB, rel=0.1)
    assert found["writing"] > 3
    assert found["reading"] == pytest.approx(1, abs=0.2)
    assert found["island_share"] == 1
    begin, end = generate.FIRST_DAY + generate.BROKEN_FROM, generate.FIRST_DAY + generate.BROKEN_UNTIL
    assert begin.isoformat() <= found["incident_start.isoformat()"]
    assert found["incident_end.isoformat()"] <= end.isoformat()


def test_beam_position_finds_what_was_built_in(space: Path) -> None:
    before = (space / "data" / "beam.sqlite").stat()
    names = ("final_tune", "tune_change", "decay_minutes", "tune_y.mean()", "orbit_slope", "outlier_fraction")
    found = run(space / "4-beam-position.ipynb", space, *names, "chi2_per_dof").values
    assert found["final_tune"] == pytest.approx(generate.TUNE_X, abs=1e-4)
    assert found["tune_change"] == pytest.approx(generate.TUNE_DECAY, abs=2e-4)
    assert found["decay_minutes"] * 60 == pytest.approx(generate.TUNE_DECAY_S, rel=0.05)
    assert found["tune_y.mean()"] == pytest.approx(generate.TUNE_Y, abs=1e-4)
    assert found["orbit_slope"] == pytest.approx(120, rel=0.05)
    assert found["outlier_fraction"] == pytest.approx(0.01, abs=0.004)
    assert 0.5 < found["chi2_per_dof"] < 1.6
    # Reading took no lock and left nothing beside the database that would be synced.
    assert sorted(path.name for path in (space / "data").glob("beam*")) == ["beam.sqlite"]
    assert (space / "data" / "beam.sqlite").stat().st_mtime_ns == before.st_mtime_ns


def test_rare_decay_fit_is_unbiased(space: Path) -> None:
    names = ("endpoint", "chi2", "len(counts)", "pull_mean", "pull_width", "mean_error", "width_error")
    fitted = (
        "result.valid",
        "v['n_signal']",
        "result.errors['n_signal']",
        "v['mean']",
        "result.errors['mean']",
    )
    found = run(space / "5-rare-decay-fit.ipynb", space, *names, *fitted, "len(toys) - len(pulls)").values
    assert found["endpoint"] < 5279.3 - 139.6
    assert found["result.valid"]
    assert found["len(toys) - len(pulls)"] == 0
    assert abs(found["v['n_signal']"] - 1800) < 3 * found["result.errors['n_signal']"]
    assert abs(found["v['mean']"] - 5279.3) < 3 * found["result.errors['mean']"]
    assert 0.5 < found["chi2"] / (found["len(counts)"] - 6) < 1.5
    assert abs(found["pull_mean"]) < 3 * found["mean_error"]
    assert abs(found["pull_width"] - 1) < 3 * found["width_error"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_stored_clean(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    for cell in notebook.cells:
        assert cell.metadata == {}
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_the_readme_names_every_notebook_and_the_data_readme_every_file() -> None:
    readme, data_readme = ((CONTENT / name).read_text() for name in ("README.md", "data/README.md"))
    names = [name for name, _ in files()]
    assert [path.name for path in NOTEBOOKS if f"({path.name})" not in readme] == []
    data = [Path(name).name for name in names if name.startswith("data/")]
    assert [name for name in data if name != "README.md" and name not in data_readme] == []


def test_the_real_file_is_the_published_one_byte_for_byte() -> None:
    published = skhep_testdata.data_path("uproot-Zmumu.root")
    assert filecmp.cmp(CONTENT / "data" / "uproot-Zmumu.root", published, shallow=False)


def test_the_generated_files_are_what_the_generator_makes(tmp_path: Path) -> None:
    generate.write_transfers(tmp_path / "transfers.csv")
    generate.write_beam(tmp_path / "beam.sqlite")
    data = CONTENT / "data"
    assert (tmp_path / "transfers.csv").read_text() == (data / "transfers.csv").read_text()
    assert dump(tmp_path / "beam.sqlite") == dump(data / "beam.sqlite")


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as database:
        return list(database.iterdump())


def test_an_unknown_data_file_is_named_in_the_error() -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.csv"):
        data_file("nothing.csv")
