import itertools
import os
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch

from moo.plotting import plot_molecules, save

pytest.importorskip("rdkit", reason="RDKit is not installed: the extra chem")

POOL = ["CCO", "c1ccccc1", "CC(=O)Oc1ccccc1C(=O)O", "Cn1c(=O)c2c(ncn2C)n(C)c1=O", "C",
        "C[C@H](N)C(=O)O", "O=C1NC(=O)C(N1)(c1ccccc1)c1ccccc1", "CCCCCCCCCCCCCCCC",
        "Clc1ccc2Oc3cc(Cl)c(Cl)cc3Oc2c1", "N#N", "[Na+].[Cl-]", "OC(=O)c1ccccc1"]  # fmt: skip
VALUES = np.random.default_rng(0).random((12, 2))

_SCRIPT = """
import sys
from tests.plotting.test_molecules import write
write(sys.argv[1])
"""


def write(folder):
    """Draw four molecules into files."""
    figure, _ = plot_molecules(VALUES[:6], POOL[:6], chosen=[2, 0, 5, 3])
    return [save(figure, f"{folder}/a.{ending}") for ending in ("svg", "pdf", "png")]


@pytest.fixture(scope="module")
def full():
    """All twelve molecules in the width of a column."""
    titles = [f"number {i}" for i in range(12)]
    return plot_molecules(VALUES, POOL, chosen=np.arange(12), titles=titles)


def structures(figure):
    """Lower left and upper right corner of each structure in pixels, (k, 2, 2)."""
    shapes = [artist for artist in figure.artists if isinstance(artist, PathPatch)]
    found = []
    for pair in zip(shapes[::2], shapes[1::2], strict=True):  # bonds, and letters
        points = np.concatenate([shape.get_path().vertices for shape in pair])
        pixels = pair[0].get_transform().transform(points)
        found.append([pixels.min(axis=0), pixels.max(axis=0)])
    return np.array(found)


def leaders(figure):
    """The ends of each line to a structure in pixels, (k, 2, 2)."""
    lines = [artist for artist in figure.artists if isinstance(artist, Line2D)]
    return np.array([line.get_transform().transform(line.get_xydata()) for line in lines])


def test_the_front_is_a_staircase_in_the_direction_that_is_better():
    points = np.array([[1.0, 0.0], [2.0, 0.5], [3.0, 0.4], [4.0, 0.6], [0.0, 0.1]])
    figure, axes = plot_molecules(
        points, POOL[:5], names=("logD", "toxicity"), higher_is_better=(True, False)
    )
    assert axes.collections[0].get_offsets().tolist() == points.tolist()
    (front,) = axes.lines
    assert front.get_xydata().tolist() == [[4.0, 0.6], [3.0, 0.4], [1.0, 0.0]]
    assert front.get_drawstyle() == "steps-post"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("logD ↑", "toxicity ↓")
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["pool", "front"]
    ends = axes.transData.transform(points[[3, 2, 0]])
    np.testing.assert_allclose(leaders(figure)[:, 0], ends, atol=1e-6)
    figure, axes = plot_molecules(points, POOL[:5])
    assert axes.lines[0].get_xydata().tolist() == [[0.0, 0.1], [1.0, 0.0]]


def test_chosen_molecules_are_drawn_in_their_order_and_the_front_stays():
    figure, axes = plot_molecules(VALUES, POOL, chosen=[4, 1], titles=[f"m{i}" for i in range(12)])
    assert axes.collections[1].get_offsets().tolist() == VALUES[[4, 1]].tolist()
    assert [text.get_text() for text in figure.texts] == ["m4", "m1"]
    np.testing.assert_allclose(
        leaders(figure)[:, 0], axes.transData.transform(VALUES[[4, 1]]), atol=1e-6
    )
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "pool", "front", "chosen",
    ]  # fmt: skip


def apart(boxes):
    """Whether no two boxes (k, 2, 2) overlap."""
    return all(
        (np.minimum(a[1], b[1]) <= np.maximum(a[0], b[0])).any()
        for a, b in itertools.combinations(boxes, 2)
    )


@pytest.mark.parametrize("chosen", [[3], [0, 2, 5], [0, 1, 2, 3, 6, 8], None])
@pytest.mark.parametrize("width", [2.06, "column", "page"])
def test_structures_overlap_neither_each_other_nor_the_axes(chosen, width):
    figure, axes = plot_molecules(VALUES, POOL, chosen=chosen, width=width)
    boxes = structures(figure)
    inside = [axes.get_window_extent().get_points()]
    assert apart([*boxes, *inside])
    assert (boxes >= 0).all()
    assert (boxes <= figure.bbox.size).all()


def test_many_structures_with_titles_fit_into_a_column(full):
    figure, axes = full
    boxes = structures(figure)
    words = [text.get_window_extent().get_points() for text in figure.texts]
    legend = figure.legends[0].get_window_extent().get_points()
    assert len(boxes) == len(words) == 12
    assert apart([*boxes, *words, axes.get_window_extent().get_points(), legend])
    assert (np.concatenate([boxes, words]) >= 0).all()
    assert (np.concatenate([boxes, words]) <= figure.bbox.size).all()


def test_every_line_leads_from_its_point_to_its_structure(full):
    figure, axes = full
    starts, ends = np.moveaxis(leaders(figure), 1, 0)
    np.testing.assert_allclose(starts, axes.transData.transform(VALUES), atol=1e-6)
    low, high = np.moveaxis(structures(figure), 1, 0)
    away = np.maximum(np.maximum(low - ends, ends - high), 0)
    # Two points short of the structure, in pixels.
    assert (np.linalg.norm(away, axis=1) <= 2 * figure.dpi / 72 + 1e-6).all()


def test_the_structures_are_seen(full):
    figure, _ = full
    figure.canvas.draw()
    ink = np.asarray(figure.canvas.buffer_rgba())[::-1, :, :3].max(axis=2) < 100
    for (left, low), (right, high) in structures(figure):
        seen = ink[int(low) : int(high) + 1, int(left) : int(right) + 1]
        assert seen.mean() > 0.02
        rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        assert rows[-1] - rows[0] > 0.8 * (high - low) - 2
        assert columns[-1] - columns[0] > 0.8 * (right - left) - 2


def test_equal_molecules_give_equal_bytes_in_any_process(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
    files = write(here)
    environment = {**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", _SCRIPT, str(there)], check=True, env=environment)
    for file in files:
        assert file.read_bytes() == (there / file.name).read_bytes()
    svg = files[0].read_bytes()
    assert b"<text" not in svg
    assert b"<image" not in svg
    assert len(svg) < 100_000


@pytest.mark.parametrize(
    ("points", "options", "message"),
    [
        (np.zeros((12, 3)), {}, r"points must be \(n, 2\) with n at least 1, got \(12, 3\)"),
        (np.zeros((0, 2)), {}, r"points must be \(n, 2\)"),
        (np.full((12, 2), np.nan), {}, "points must be finite"),
        (np.zeros((11, 2)), {}, "smiles must be 11, one a point, got 12"),
        (VALUES, {"titles": ["a"]}, "titles must be 12, one a point, got 1"),
        (VALUES, {"chosen": [0, 0]}, "chosen must be different indices of 12 points"),
        (VALUES, {"chosen": [12]}, "chosen must be different indices of 12 points"),
        (VALUES, {"chosen": []}, "chosen must be different indices of 12 points"),
        (VALUES, {"chosen": [0.5]}, "chosen must be different indices of 12 points"),
        (VALUES, {"names": ["a"]}, "names must have one name for each of 2 criteria"),
        (VALUES, {"higher_is_better": [1, 0]}, "higher_is_better must be a bool or 2 of them"),
        (VALUES, {"width": "wide"}, "width must be inches or one of"),
        (VALUES, {"width": 2.05}, r"width must be 2\.06 inches or more for structures, got 2\.05"),
    ],
)
def test_unfit_arguments_are_refused(points, options, message):
    with pytest.raises(ValueError, match=message):
        plot_molecules(points, POOL, **options)


def test_more_than_twelve_structures_are_refused():
    line = np.stack([np.arange(13.0), -np.arange(13.0)], axis=1)
    with pytest.raises(ValueError, match="up to 12 molecules to draw, got 13"):
        plot_molecules(line, ["C"] * 13)
    figure, _ = plot_molecules(line, ["C"] * 13, chosen=[12])
    assert len(structures(figure)) == 1
