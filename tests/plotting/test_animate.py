import numpy as np
import pytest
from PIL import Image

from moo.plotting import TIME, animate

from .conftest import spiral


def pictures(file):
    with Image.open(file) as gif:
        for i in range(gif.n_frames):
            gif.seek(i)
            yield np.asarray(gif.convert("RGB")), gif.info["duration"]


def test_paths_grow_over_the_frames(path, tmp_path):
    file = animate(path, None, tmp_path / "a.gif", space="objectives", frames=6, fps=10, dpi=60)
    found = list(pictures(file))
    assert [duration for _, duration in found] == [100] * 5 + [2000]
    light = (np.array(TIME(0.0)[:3]) * 255).round()
    ink = [(picture.astype(int).sum(axis=2) < 600).sum() for picture, _ in found]
    assert ink[-1] > ink[0]
    assert (np.abs(found[-1][0] - light).max(axis=2) < 30).any()
    assert tuple(found[0][0][0, 0]) == (255, 255, 255)


def test_equal_input_gives_equal_bytes(toy, tmp_path):
    contents = []
    for name in ("a.gif", "b.gif"):
        file = animate({"LS": spiral(2, 8)}, toy, tmp_path / name, frames=3, dpi=50)
        contents.append(file.read_bytes())
    assert contents[0] == contents[1]
    assert len(contents[0]) < 100_000


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.avi", {}, r"path must end in \.gif or \.mp4, got 'a\.avi'"),
        ("a.gif", {"frames": 1}, "frames must be at least 2 and fps positive, got 1 and 12.0"),
        ("a.gif", {"fps": 0.0}, "frames must be at least 2 and fps positive, got 60 and 0.0"),
    ],
)
def test_unfit_options_are_refused(name, options, message, path, tmp_path):
    with pytest.raises(ValueError, match=message):
        animate(path, None, tmp_path / name, space="objectives", **options)
    assert not list(tmp_path.iterdir())


def test_a_path_in_the_place_of_the_problem_is_refused(path, tmp_path):
    for target in ("x.gif", tmp_path / "x.gif"):
        with pytest.raises(TypeError, match=r"x\.gif': give moo\.problem.*path is the third"):
            animate(path, target)
