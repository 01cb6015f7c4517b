"""Trajectories as a moving picture."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from PIL import Image

from moo._files import write_atomically
from moo._record import Trajectory
from moo.plotting._inputs import Trajectories, collect
from moo.plotting._paths import draw_ends, draw_paths, draw_starts, ends, time_limits
from moo.plotting._planes import Space
from moo.plotting._scene import Scene, build_scene
from moo.plotting._style import COSINE, FRONT, OFF_FRONT, TIME, style
from moo.plotting._trajectories import draw_legend
from moo.plotting._video import find_ffmpeg, mp4

_HOLD_SECONDS = 2.0
_SAME_COLOUR = 6  # of 255; nearer colours would steal pixels from those with a meaning


def animate(
    trajectories: Trajectories, problem: Any = None, path: str | os.PathLike[str] = "moo.gif",
    *, space: Space = None, fps: float = 12.0, frames: int = 60, pair: tuple[int, int] = (0, 1),
    width: str | float | None = None, columns: int | None = None, dpi: float = 150.0,
) -> Path:  # fmt: skip
    """Write trajectories as a looping GIF or an MP4: the paths grow, evenly in log time.

    The panels are those of `plot_trajectories`; a mark runs along the bar of time, and the last
    picture is held for two seconds. Equal input gives equal bytes, in MP4 for one ffmpeg.

    Args:
        trajectories: one, several in a list, or a mapping label -> trajectory.
        problem: the `moo.problems.Problem` that was run; None for trained networks.
        path: the file to write, ending in `.gif`, or in `.mp4` where ffmpeg is installed.
        space: "params", "objectives" or "both"; None as for `plot_trajectories`.
        fps: pictures a second.
        frames: number of pictures, at least 2; equal neighbours are stored once.
        pair: which two objectives to draw, from 0.
        width: inches or a preset; None takes "column" for one method and "page" for several.
        columns: panels in a row; None takes as many as stay legible.
        dpi: dots per inch.

    Returns:
        The path written.

    Raises:
        TypeError: if an entry is no trajectory, or problem is a name or a path.
        ValueError: if the ending is neither, fps or frames are too small, or the input is unfit
            as for `plot_trajectories`.
        RuntimeError: if an MP4 is asked for and ffmpeg is missing, or fails.

    Example:
        >>> import pathlib, tempfile, numpy as np, moo.plotting
        >>> losses = np.exp(-np.linspace(0.0, 3.0, 20))[None, :, None] * np.array([1.0, 2.0])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = pathlib.Path(folder) / "path.gif"
        ...     moo.plotting.animate(losses, None, file, space="objectives", frames=3).name
        'path.gif'
    """
    if isinstance(problem, str | os.PathLike):
        raise TypeError(
            f"problem came as {os.fspath(problem)!r}: give moo.problem(...) or None; "
            "path is the third argument"
        )
    target = Path(path)
    ending = target.suffix.lower()
    if ending not in (".gif", ".mp4"):
        raise ValueError(f"path must end in .gif or .mp4, got {target.name!r}")
    if frames < 2 or not fps > 0:
        raise ValueError(f"frames must be at least 2 and fps positive, got {frames} and {fps}")
    if ending == ".mp4":
        find_ffmpeg()
    found = collect(trajectories)
    with style({"figure.dpi": dpi}):
        scene = build_scene(
            found, problem, space, pair=pair, columns=columns, resolution=160,
            width=width or ("column" if len(found) == 1 else "page"),
        )  # fmt: skip
        draw_legend(scene, off_front=False, end="now")
        scene.figure.freeze()
        pictures = list(_pictures(scene, found, frames))
    encoded = _gif(pictures, fps) if ending == ".gif" else mp4(pictures, fps, _HOLD_SECONDS)
    write_atomically(target, encoded)
    return target


def _pictures(
    scene: Scene, trajectories: Mapping[str, Trajectory], frames: int
) -> Iterator[Image.Image]:
    """Grow the paths on one canvas; marks on top of them are drawn anew in every picture."""
    canvas: Any = FigureCanvasAgg(scene.figure)
    canvas.draw()
    paper = canvas.copy_from_bbox(scene.figure.bbox)
    starts = [
        (panel.axes, artist)
        for panel in scene.panels()
        for artist in draw_starts(
            panel.axes, panel.paths[:, 0], numbered=scene.numbered(panel.plane)
        )
    ]
    times = np.geomspace(*time_limits(scene.norm), frames)
    before = 0.0
    for now in times:
        canvas.restore_region(paper)
        _stamp(_new_pieces(scene, trajectories, before, now))
        paper = canvas.copy_from_bbox(scene.figure.bbox)
        for axes, artist in starts:
            axes.draw_artist(artist)
        _stamp(_heads(scene, trajectories, now))
        yield Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy(), "RGB")
        before = now


def _stamp(artists: Iterator[tuple[Axes, Artist]]) -> None:
    """Draw artists on the canvas and forget them."""
    for axes, artist in list(artists):
        axes.draw_artist(artist)
        artist.remove()


def _new_pieces(
    scene: Scene, trajectories: Mapping[str, Trajectory], before: float, now: float
) -> Iterator[tuple[Axes, Artist]]:
    for panel in scene.panels():
        steps = trajectories[panel.label].steps
        first, last = (_row(steps, time) for time in (before, now))
        if last > first:
            piece = panel.paths[:, first : last + 1]
            grain = scene.grain(panel.plane)
            yield (
                panel.axes,
                draw_paths(panel.axes, piece, steps[first : last + 1], scene.norm, grain),
            )


def _heads(
    scene: Scene, trajectories: Mapping[str, Trajectory], now: float
) -> Iterator[tuple[Axes, Artist]]:
    """Diamonds where the paths are now, and the mark on the bar of time."""
    for panel in scene.panels():
        row = _row(trajectories[panel.label].steps, now)
        heads = ends(panel.paths[:, : row + 1])
        for artist in draw_ends(panel.axes, heads, np.ones(len(heads), dtype=bool)):
            yield panel.axes, artist
    yield scene.time_bar, scene.time_bar.axvline(now, color="white", linewidth=2.0)


def _row(steps: np.ndarray, time: float) -> int:
    """The last recorded row at that time or before; a geometric grid may miss the end by a bit."""
    return max(int(np.searchsorted(steps, time * (1 + 1e-9), side="right")) - 1, 0)


def _gif(pictures: list[Image.Image], fps: float) -> bytes:
    palette = _palette(pictures[-1])
    indexed = [p.quantize(palette=palette, dither=Image.Dither.NONE) for p in pictures]
    durations = [round(1000 / fps)] * (len(indexed) - 1) + [round(1000 * _HOLD_SECONDS)]
    buffer = io.BytesIO()
    indexed[0].save(
        buffer, "GIF", save_all=True, append_images=indexed[1:], duration=durations, loop=0
    )
    return buffer.getvalue()


def _palette(picture: Image.Image) -> Image.Image:
    """The colours with a meaning first, then those that the last picture needs most."""
    meant = [*COSINE(np.linspace(0, 1, 41)), *TIME(np.linspace(0, 1, 24))]
    meant += [(*to_rgb(c), 1.0) for c in (FRONT, OFF_FRONT, "white", "black")]
    fixed = (np.array(meant)[:, :3] * 255).round().astype(np.uint8)
    rest = picture.quantize(256 - len(fixed), dither=Image.Dither.NONE).convert("RGB")
    others = np.unique(np.asarray(rest).reshape(-1, 3), axis=0)
    distance = np.abs(others[:, None].astype(int) - fixed).max(axis=2).min(axis=1)
    image = Image.new("P", (1, 1))
    image.putpalette(fixed.tobytes() + others[distance > _SAME_COLOUR].tobytes())
    return image
