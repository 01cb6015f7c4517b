"""The two-loss toy of CAGrad, Nash-MTL, FAMO and their successors."""

from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from moo.problems._problem import Float64, Problem

_FLOOR = 5e-6
_VOLUME = 335.60781785
_CAGRAD_STARTS = ((-8.5, 7.5), (-8.5, -5.0), (9.0, 9.0))
_NASH_STARTS = ((-8.5, 7.5), (0.0, 0.0), (9.0, 9.0), (-7.5, -0.5), (9.0, -1.0))
_SETTINGS = {
    "nash_mtl": (0.1, _NASH_STARTS),
    "cagrad": (1.0, _CAGRAD_STARTS),
    "moco": (2.0, (*_CAGRAD_STARTS, (0.0, 0.0), (10.0, -8.0))),
}


def two_task_toy(
    scale: float | None = None, *, setting: str = "nash_mtl", printed_sign: bool = False
) -> Problem:
    """Two losses in the plane: log-shaped slopes above b = 0, two bowls below it.

    With (a, b) = x, f1 = scale (l1 c1 + q1 c2) and f2 = l2 c1 + q2 c2, where::

        l1 = log max(|(-a - 7) / 2 + tanh b|, 5e-6) + 6        c1 = max(tanh(b/2), 0)
        l2 = log max(|(-a + 3) / 2 - tanh b + 2|, 5e-6) + 6    c2 = max(tanh(-b/2), 0)
        q1, q2 = ((a -/+ 7)^2 + (b + 8)^2 / 10) / 10 - 20

    The Pareto set is the curve b(a), a in [-7, 7], on which the two gradients are parallel; it
    does not depend on the scale. The straight bar b = -8.3552 that papers draw misses it by up
    to .08. At b = 0, where c1 = c2 = 0, `jnp.maximum` halves the gradient that `torch.clamp`
    would give; the direction is the same.

    Args:
        scale: factor on the first loss, positive; None takes the setting's own.
        setting: whose starts and scale: "nash_mtl" (scale .1, five starts; FAMO, ConFIG and
            FairGrad share it), "cagrad" (scale 1, three starts) or "moco" (scale 2, five starts).
        printed_sign: take + tanh b in l2, as the papers print it, for the - tanh b of their codes.

    Returns:
        The problem; its hypervolume is at (0, 0), by quadrature, and its facts hold the two minima
        and the minimiser of the mean of the unscaled losses.

    Raises:
        ValueError: if the setting is unknown or the scale is not positive.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> toy = moo.problems.two_task_toy(scale=1.0)
        >>> losses = toy.objectives(jnp.array([0.0, -8.35510978]))
        >>> [round(float(loss), 3) for loss in losses]
        [-15.092, -15.092]

    Source: Liu et al., CAGrad, NeurIPS 2021, arXiv:2110.14048, Sec. 5.1, with the sign and the
        start (-8.5, -5) of its code; Navon et al., Nash-MTL, ICML 2022, arXiv:2202.01017, App. B;
        Fernando et al., MoCo, ICLR 2023.
    """
    scale, starts = _resolved(scale, setting)
    losses = partial(_losses, scale=scale, tanh_sign=1.0 if printed_sign else -1.0)

    def objectives(x: jax.Array, key: jax.Array | None = None) -> jax.Array:
        return jnp.stack(losses(jnp, jnp.asarray(x)))

    return Problem(
        name="two_task_toy",
        dim=2,
        num_objectives=2,
        objectives=objectives,
        starts=starts,
        window=(np.array([-10.0, -10.0]), np.array([10.0, 10.0])),
        pareto_set=_pareto_set,
        pareto_front=_front(losses),
        reference_point=np.zeros(2),
        max_hypervolume=scale * _VOLUME,
        hypervolume_from="quadrature",
        facts=_facts(),
        source="CAGrad, arXiv:2110.14048; Nash-MTL, arXiv:2202.01017; set and minima computed",
    )


def _resolved(scale: float | None, setting: str) -> tuple[float, Float64]:
    """Return the scale and starts of a setting, with the caller's scale where there is one."""
    if setting not in _SETTINGS:
        raise ValueError(f"setting: must be one of {sorted(_SETTINGS)}, got {setting!r}")
    own_scale, starts = _SETTINGS[setting]
    scale = own_scale if scale is None else float(scale)
    if not 0 < scale < np.inf:
        raise ValueError(f"scale: must be positive and finite, got {scale}")
    return scale, np.array(starts)


def _losses(xp: ModuleType, x: Any, *, scale: float, tanh_sign: float) -> tuple[Any, Any]:
    """f1 and f2 for x of shape (2, ...), in the array library given."""
    a, b = x
    t = xp.tanh(b)
    l1 = xp.log(xp.maximum(xp.abs(0.5 * (-a - 7) + t), _FLOOR)) + 6
    l2 = xp.log(xp.maximum(xp.abs(0.5 * (-a + 3) + tanh_sign * t + 2), _FLOOR)) + 6
    bowl = 0.1 * (b + 8) ** 2
    q1 = ((a - 7) ** 2 + bowl) / 10 - 20
    q2 = ((a + 7) ** 2 + bowl) / 10 - 20
    c1 = xp.maximum(xp.tanh(b / 2), 0)
    c2 = xp.maximum(xp.tanh(-b / 2), 0)
    return scale * (l1 * c1 + q1 * c2), l2 * c1 + q2 * c2


def _pareto_set(n: int) -> Float64:
    a = np.linspace(-7.0, 7.0, n)
    return np.stack([a, _valley(a)], axis=1)


def _valley(a: Float64) -> Float64:
    """b(a), where det[grad f1, grad f2] = 0, by bisection to the last bit."""
    low, high = np.full_like(a, -9.0), np.full_like(a, -8.0)
    for _ in range(60):
        b = 0.5 * (low + high)
        low, high = np.where(_det(a, b) > 0, b, low), np.where(_det(a, b) > 0, high, b)
    return 0.5 * (low + high)


def _det(a: Float64, b: Float64) -> Float64:
    """The determinant below b = 0, up to a positive factor; positive at b = -9, negative at -8."""
    bowls = (a**2 - 49) / 10 - 0.01 * (b + 8) ** 2 + 20
    return np.asarray(-0.02 * (b + 8) * np.tanh(-b / 2) - 0.5 / np.cosh(b / 2) ** 2 * bowls)


def _front(losses: Callable[..., tuple[Any, Any]]) -> Callable[[int], Float64]:
    def pareto_front(n: int) -> Float64:
        return np.stack(losses(np, _pareto_set(n).T), axis=1)

    return pareto_front


def _facts() -> dict[str, float]:
    """The unscaled minima at (-/+ 7, minimum_b), and the minimiser (0, mean_minimiser_b)."""
    end, middle = _valley(np.array([7.0, 0.0]))
    values = partial(_losses, np, scale=1.0, tanh_sign=-1.0)
    return {
        "minimum": float(values((7.0, end))[0]),
        "minimum_b": float(end),
        "mean_minimum": float(values((0.0, middle))[0]),
        "mean_minimiser_b": float(middle),
    }
