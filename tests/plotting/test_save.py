import base64
import io
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from moo import plotting
from moo._files import write_atomically
from moo.plotting import plot_trajectories, save
from moo.plotting._save import _pack_png

_SCRIPT = """
import sys, numpy as np
from moo.plotting import plot_front, save
figure, _ = plot_front({"a": np.array([[0.0, 1.0], [1.0, 0.0]])})
for name in sys.argv[1:]:
    save(figure, name)
"""


@pytest.mark.parametrize("ending", ["svg", "pdf", "png"])
def test_equal_figures_give_equal_bytes(ending, path, toy, tmp_path):
    contents = []
    for name in ("first", "second"):
        figure, _ = plot_trajectories(path, toy, width="column", resolution=20)
        contents.append(save(figure, tmp_path / f"{name}.{ending}").read_bytes())
    assert contents[0] == contents[1]
    assert len(contents[0]) < 200_000


RUNS = np.random.default_rng(0).random((3, 6)) + 0.5
SCORES = {"a": [1.0, 2.0, 3.0], "b": [2.0, 1.0, 2.5]}
COMPARISONS = {
    "rate": lambda: plotting.plot_rate({"a": RUNS}, 10.0 ** np.arange(6), reference=-0.5),
    "hypervolume": lambda: plotting.plot_hypervolume({"a": RUNS}, reference=(1.0, 1.0)),
    "rays": lambda: plotting.plot_rays({"a": RUNS[:, :2]}, RUNS[:, 2:4]),
    "radar": lambda: plotting.plot_radar(SCORES),
    "parallel": lambda: plotting.plot_parallel(SCORES),
    "ranks": lambda: plotting.plot_critical_difference(
        {f"m{i}": i + 1.0 for i in range(5)}, 2.0, problems=9
    ),
    "differences": lambda: plotting.plot_differences(
        RUNS, RUNS - 0.1, RUNS + 0.2, rows="pqrstu", groups="abc", margin=0.5
    ),
    "along": lambda: plotting.plot_along(
        RUNS, RUNS - 0.1, RUNS + 0.2, at=[0.1, 0.2, 0.4, 0.5, 1, 2], groups="abc", margin=0.5
    ),
    "profiles": lambda: plotting.plot_profiles({"a": RUNS[0], "b": RUNS[1]}),
    "front in space": lambda: plotting.plot_front({"a": RUNS[:, :3]}, triple=(0, 1, 2)),
    "map": lambda: plotting.plot_conflict(np.tile(np.eye(3), (4, 1, 1)), "map"),
}


@pytest.mark.parametrize("name", COMPARISONS)
def test_equal_comparisons_give_equal_bytes(name, tmp_path):
    contents = []
    for run in ("first", "second"):
        figure, _ = COMPARISONS[name]()
        files = [save(figure, tmp_path / f"{run}.{ending}", dpi=60) for ending in ("svg", "pdf")]
        contents.append([file.read_bytes() for file in files])
    assert contents[0] == contents[1]


def test_another_process_writes_the_same_bytes(tmp_path):
    runs = []
    for run in ("one", "two"):
        files = [tmp_path / f"{run}.{ending}" for ending in ("svg", "pdf", "png")]
        subprocess.run([sys.executable, "-W", "error", "-c", _SCRIPT, *map(str, files)], check=True)
        runs.append([file.read_bytes() for file in files])
    assert runs[0] == runs[1]


def test_files_carry_no_date(path, tmp_path):
    figure, _ = plot_trajectories(path, space="objectives", width="column")
    assert b"date" not in save(figure, tmp_path / "a.svg").read_bytes().lower()
    assert b"CreationDate" not in save(figure, tmp_path / "a.pdf").read_bytes()


def test_svg_has_type_as_outlines_and_short_coordinates(path, tmp_path):
    figure, _ = plot_trajectories(path, space="objectives", width="column")
    content = save(figure, tmp_path / "a.svg").read_text()
    paths = re.findall(r' d="([^"]*)"', content)
    assert "<text" not in content
    assert paths
    assert not any(re.search(r"\.\d{3}", d) for d in paths)


def test_an_embedded_heat_map_keeps_every_pixel(path, toy, tmp_path):
    figure, _ = plot_trajectories(path, toy, "params", width="column", resolution=20)
    content = save(figure, tmp_path / "a.svg").read_text()
    images = [base64.b64decode(data) for data in re.findall(r'base64,([^"]*)"', content)]
    assert Image.open(io.BytesIO(images[0])).mode == "P"


@pytest.mark.parametrize("colours", [5, 4000])
def test_packing_a_png_is_lossless(colours):
    pixels = np.random.default_rng(0).integers(0, 255, (colours, 4), dtype=np.uint8)
    pixels[:, 3] = 255 if colours > 256 else pixels[:, 3]
    picture = np.resize(pixels, (80, 100, 4))
    buffer = io.BytesIO()
    Image.fromarray(picture, "RGBA").save(buffer, "PNG")
    packed = Image.open(io.BytesIO(_pack_png(buffer.getvalue())))
    assert np.array_equal(np.asarray(packed.convert("RGBA")), picture)


def test_an_unknown_ending_is_refused(path, tmp_path):
    figure, _ = plot_trajectories(path, space="objectives", width="column")
    with pytest.raises(ValueError, match=r"path must end in \.svg, \.pdf, \.png, got 'a\.jpg'"):
        save(figure, tmp_path / "a.jpg")


def test_a_failed_write_leaves_the_old_file_and_no_part(tmp_path):
    target = tmp_path / "a.svg"
    target.write_bytes(b"old")
    with pytest.raises(TypeError):
        write_atomically(target, "text is no bytes")
    assert [p.name for p in tmp_path.iterdir()] == ["a.svg"]
    assert target.read_bytes() == b"old"
