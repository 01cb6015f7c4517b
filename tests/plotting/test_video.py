import sys

import pytest
from PIL import Image

from moo.plotting import animate
from moo.plotting._video import mp4

_FAKE = """#!{python}
import pathlib, sys
arguments = sys.argv[1:]
size = arguments[arguments.index("-s") + 1]
rate = arguments[arguments.index("-r") + 1]
pixels = sys.stdin.buffer.read()
pathlib.Path(arguments[-1]).write_bytes(f"{{size}} {{rate}} {{len(pixels)}}".encode())
"""

_BROKEN = """#!{python}
import sys
sys.stdin.buffer.read()
sys.exit("Unknown encoder 'libx264'")
"""


@pytest.fixture
def ffmpeg(tmp_path, monkeypatch):
    """Put a program named ffmpeg, and nothing else, on the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def install(source):
        program = folder / "ffmpeg"
        program.write_text(source.format(python=sys.executable))
        program.chmod(0o755)

    return install


PICTURES = [Image.new("RGB", (5, 4), color) for color in ("white", "black")]


def test_all_pictures_reach_ffmpeg_and_the_last_is_held(ffmpeg):
    ffmpeg(_FAKE)
    assert mp4(PICTURES, 10.0, 0.5) == f"5x4 10 {(2 + 4) * 5 * 4 * 3}".encode()


def test_an_animation_can_be_an_mp4(ffmpeg, path, tmp_path):
    ffmpeg(_FAKE)
    file = animate(path, None, tmp_path / "a.mp4", space="objectives", frames=3, fps=2, dpi=40)
    size, rate, pixels = file.read_text().split()
    width, height = map(int, size.split("x"))
    assert rate == "2"
    assert int(pixels) == (3 + 3) * width * height * 3


def test_what_ffmpeg_says_is_passed_on_and_no_file_is_left(ffmpeg, path, tmp_path):
    ffmpeg(_BROKEN)
    with pytest.raises(RuntimeError, match="status 1: Unknown encoder 'libx264'"):
        animate(path, None, tmp_path / "a.mp4", space="objectives", frames=2, dpi=40)
    assert not (tmp_path / "a.mp4").exists()


@pytest.mark.usefixtures("ffmpeg")
def test_a_missing_ffmpeg_is_named_before_anything_is_drawn(path, tmp_path):
    with pytest.raises(RuntimeError, match=r"takes ffmpeg, and there is none.*write a \.gif"):
        animate(path, None, tmp_path / "a.mp4", space="objectives")
