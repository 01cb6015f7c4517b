"""IMTL: equal projections, the sign of their solution, and losses brought to one scale."""

import sys

import numpy as np
from matplotlib.figure import Figure
from scipy.optimize import minimize_scalar

import moo
from papers._draws import Array, cosines, directions, jacobians
from papers._paper import Settings
from papers._weights import weights, weights_over

LOSSES = np.array([0.3, 2.0, 50.0])


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    draws, steps = settings["draws"], settings["steps"]
    return {
        **projections(draws),
        **signs(draws),
        "gradnorm_spread": equal_angles(draws),
        "shortest_spread": shortest(draws),
        **scales(steps),
    }


def projections(draws: int) -> dict[str, float]:
    """Return how far projections and weights are from Eqs. (1) and (2)."""
    gradients = jacobians(draws, 4, 6)
    shares = _onto(gradients, directions("imtl_g", gradients))
    found, formula = weights("imtl_g", gradients), _closed_form(gradients)
    # moo gives the formula's ascents the sign that descends.
    signed = formula * np.sign(_onto(gradients, _along(gradients, formula)).mean(axis=1))[:, None]
    away = np.abs(found - signed).max(axis=1) / np.abs(signed).max(axis=1)
    return {"projection_spread": _spread(shares), "off_the_formula": away.max()}


def signs(draws: int) -> dict[str, float]:
    """Rescale random 3 x 3 Jacobians, and count the ascents of the closed form and of moo."""
    rng = np.random.default_rng(0)
    units = rng.normal(size=(draws, 3, 3))
    first, second = (units * np.exp(1.5 * rng.normal(size=(draws, 3, 1))) for _ in range(2))
    formulas = [_along(rows, _closed_form(rows)) for rows in (first, second)]
    ours = [directions("imtl_g", rows) for rows in (first, second)]
    negative = _closed_form(first).min(axis=1) < 0
    return {
        "change_by_scale": (1 - cosines(*ours)).max(),
        "turned_share": (cosines(*formulas) < 0).mean(),
        "negative_share": negative.mean(),
        "ascent_share": (_onto(first, formulas[0]).max(axis=1) < 0).mean(),
        "ascent_share_here": (_onto(first, ours[0]).min(axis=1) < 0).mean(),
    }


def equal_angles(draws: int) -> float:
    """Return the spread of |w_i g_i| for three rows at cosine 0.3 and random lengths."""
    units = np.linalg.cholesky(np.full((3, 3), 0.3) + 0.7 * np.eye(3))
    lengths = np.exp(2 * np.random.default_rng(0).normal(size=(draws, 3)))
    return _spread(weights("imtl_g", lengths[..., None] * units) * lengths)


def shortest(draws: int) -> float:
    """Return the spread of g_i'v for MGDA's v where no weight is at its bound."""
    gradients = jacobians(draws, 3, 6)
    inside = gradients[weights("mgda", gradients).min(axis=1) > 1e-3]
    return _spread(np.einsum("kmd,kd->km", inside, directions("mgda", inside)))


def scales(steps: int) -> dict[str, float]:
    """Return the weighted losses at rest of IMTL-L and of uncertainty weighting."""
    flat = np.tile(LOSSES, (steps, 1))
    level = weights_over("imtl_l", flat)[-1] * LOSSES
    half = weights_over("uncertainty", flat, likelihood="softmax")[-1] * LOSSES
    laplace = [loss / np.exp(minimize_scalar(_laplace, args=(loss,)).x) for loss in LOSSES]
    return {
        "imtl_l_error": np.abs(level - 1).max(),
        "classification_error": np.abs(half - 0.5).max(),
        "regression_error": np.abs(np.array(laplace) - 1).max(),
    }


def _laplace(log_width: float, loss: float) -> float:
    return float(loss / np.exp(log_width) + log_width)


def _closed_form(gradients: Array) -> Array:
    """Return the weights of Eq. (2): the last ones solve a linear system, the first is the rest."""
    units = gradients / np.linalg.norm(gradients, axis=-1, keepdims=True)
    d, u = gradients[:, :1] - gradients[:, 1:], units[:, :1] - units[:, 1:]
    right = np.einsum("kd,kmd->km", gradients[:, 0], u)
    last = np.linalg.solve(u @ np.swapaxes(d, 1, 2), right[..., None])[..., 0]
    return np.concatenate([1 - last.sum(axis=1, keepdims=True), last], axis=1)


def _along(gradients: Array, weighting: Array) -> Array:
    return np.asarray(np.einsum("km,kmd->kd", weighting, gradients))


def _onto(gradients: Array, v: Array) -> Array:
    lengths = np.linalg.norm(gradients, axis=-1)
    return np.asarray(np.einsum("kmd,kd->km", gradients, v) / lengths)


def _spread(values: Array) -> float:
    return float((np.ptp(values, axis=1) / np.abs(values).mean(axis=1)).max())


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw how IMTL-L brings three losses that stay to one scale."""
    steps = settings["steps"] // 2
    flat = np.tile(LOSSES, (steps, 1))
    weighted = weights_over("imtl_l", flat) * LOSSES
    paths = {
        f"loss {loss:g}": moo.Trajectory(
            steps=np.arange(0, steps, 100), objectives=weighted[None, ::100, [k]], names=("IMTL-L",)
        )
        for k, loss in enumerate(LOSSES)
    }
    figure, axes = moo.plotting.plot_losses(paths, band=None, width="column", log_losses=True)
    axes[0].set_ylabel("weighted loss")
    figure.set_layout_engine("constrained")
    figure.freeze()
    return {"scales": figure}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("imtl"))
