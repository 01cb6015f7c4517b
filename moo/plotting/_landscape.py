"""The ground under parameter paths: where two gradients agree, and the losses' contours."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from contourpy import contour_generator
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from moo.plotting._inputs import Float
from moo.plotting._paths import joined, thin
from moo.plotting._style import COSINE

_CONTOUR_QUANTILES = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)


class Landscape(NamedTuple):
    """A grid over the plane of parameters.

    Attributes:
        x: (nx,) first parameter.
        y: (ny,) second parameter.
        cosine: (ny, nx) cosine of the two gradients in [-1, 1]; NaN where one of them is 0.
        losses: (2, ny, nx) the two losses.
    """

    x: Float
    y: Float
    cosine: Float
    losses: Float


def landscape(problem: Any, low: Float, high: Float, pair: tuple[int, int], size: int) -> Landscape:
    """Evaluate a two-parameter problem on a size × size grid of cell centres."""
    half = (high - low) / (2 * size)
    x, y = (np.linspace(low[i] + half[i], high[i] - half[i], size) for i in (0, 1))
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    losses, cosine = _evaluate(problem.objectives, jnp.asarray(grid, jnp.float32), pair)
    return Landscape(
        x, y, np.asarray(cosine).reshape(size, size), np.asarray(losses).T.reshape(2, size, size)
    )


def _evaluate(objectives: Any, points: jax.Array, pair: tuple[int, int]) -> tuple[Any, Any]:
    chosen = jnp.array(pair)

    def at(x: jax.Array) -> tuple[jax.Array, jax.Array]:
        rows = jax.jacrev(objectives)(x)[chosen]
        largest = jnp.abs(rows).max(axis=1, keepdims=True)
        scaled = rows / jnp.where(largest > 0, largest, 1)  # tiny gradients must not square to 0
        g1, g2 = scaled / jnp.linalg.norm(scaled, axis=1, keepdims=True)
        return objectives(x)[chosen], jnp.clip(g1 @ g2, -1, 1)

    return jax.jit(jax.vmap(at))(points)


def draw_landscape(
    axes: Axes, ground: Landscape, low: Float, high: Float, grain: Float
) -> AxesImage:
    """Cosine heat map with contour lines of both losses: solid of the first, dotted of the second.

    Levels are quantiles of the losses, so that logarithmic spikes do not draw a hundred lines.
    """
    image = axes.imshow(
        ground.cosine, extent=(low[0], high[0], low[1], high[1]), origin="lower", aspect="auto",
        cmap=COSINE, vmin=-1, vmax=1, interpolation="bilinear", interpolation_stage="data",
        zorder=0,
    )  # fmt: skip
    for loss, dashes in zip(ground.losses, ("solid", (0, (1, 1.5))), strict=True):
        lines = joined(thin(line, 2 * grain) for line in contours(ground.x, ground.y, loss))
        axes.plot(
            *lines.T, color="#555555", linewidth=0.35, linestyle=dashes, alpha=0.8, zorder=1,
            scalex=False, scaley=False, gid="contours",
        )  # fmt: skip
    return image


def contours(x: Float, y: Float, values: Float) -> list[Float]:
    """Level lines of (ny, nx) values at quantiles of the finite ones."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return []
    trace = contour_generator(x, y, np.ma.masked_invalid(values))
    levels = np.unique(np.quantile(finite, _CONTOUR_QUANTILES))
    return [np.asarray(line) for level in levels for line in trace.lines(float(level))]
