"""Losses over time, one panel an objective."""

from __future__ import annotations

import numpy as np

from moo.plotting._bands import Band, band_alpha, caption, check_band, draw_band
from moo.plotting._inputs import Trajectories, collect, names_of
from moo.plotting._panels import row_of_panels, shared_legend, step_axis
from moo.plotting._style import StyledFigure, series_style, style


def plot_losses(
    trajectories: Trajectories, band: Band = "quantile",
    *, width: str | float = "page", log_steps: bool = False, log_losses: bool = False,
) -> tuple[StyledFigure, np.ndarray]:  # fmt: skip
    """Draw every objective over the iterations, a line a method, with a band over starts or seeds.

    Args:
        trajectories: one, several in a list, or a mapping label -> trajectory; paths of saved
            ones and arrays of losses (starts, time, m) do as well.
        band: "quantile" (median, first to third quartile), "sem" (mean ± standard error),
            "bootstrap" (mean and its 95 % interval over 2,000 resamples of whole runs) or None
            (mean only). The legend says which, and over how many runs.
        width: inches or a preset, as for `plot_trajectories`.
        log_steps: log scale for the iterations.
        log_losses: log scale for the losses.

    Returns:
        The figure, and its axes of shape (m,).

    Raises:
        TypeError: if an entry is no trajectory.
        ValueError: if there is nothing to draw, the band is unknown, or trajectories differ in
            their number of objectives.

    Example:
        >>> import numpy as np, moo.plotting
        >>> losses = np.random.default_rng(0).random((5, 20, 3))
        >>> figure, axes = moo.plotting.plot_losses({"mean": losses}, band="sem")
        >>> len(axes), figure.legends[0].get_title().get_text()
        (3, 'mean ± standard error, n = 5')
    """
    check_band(band)
    found = collect(trajectories)
    names = names_of(found)
    with style():
        figure, axes = row_of_panels(len(names), width)
        for i, (panel, name) in enumerate(zip(axes, names, strict=True)):
            for j, (label, t) in enumerate(found.items()):
                runs = np.asarray(t.objectives)[:, :, i]
                line = {"label": label or "_", "alpha": band_alpha(len(found)), **series_style(j)}
                draw_band(panel, t.steps, runs, band, **line)
            panel.set_title(name)
            panel.set_yscale("log" if log_losses else "linear")
            step_axis(panel, [t.steps for t in found.values()], log_steps)
        axes[0].set_ylabel("loss")
        counts = {len(t.objectives) for t in found.values()}
        shared_legend(figure, axes[0], caption(counts, band))
        figure.freeze()
    return figure, axes
