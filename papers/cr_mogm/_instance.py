"""Two parabolas with skewed noise, on which weights from single samples leave the Pareto set."""

from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

import moo
from papers._paper import Settings
from papers._stochastic import Paths, follow

CENTRES = np.array([-0.1, 0.1])
RARE, NOISE = 0.2, np.array([-2.0, 8.0])  # +8 in one case of five, else -2: mean 0
START = 1.0
KEPT = 40
METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "MGDA": ("mgda", {}),
    "PCGrad": ("pcgrad", {}),
    "CAGrad": ("cagrad", {"c": 0.5}),
}


def problem() -> moo.problems.Problem:
    """Return f_i = (x - c_i)^2 / 2 + xi_i x; the Pareto set lies between the centres."""
    return replace(
        moo.problem("noisy_instance"),
        name="skewed_parabolas",
        objectives=_objectives,
        pareto_set=_pareto_set,
        pareto_front=lambda n: (_pareto_set(n) - CENTRES) ** 2 / 2,
        max_hypervolume=None,
        hypervolume_from="",
        facts={},
    )


def _objectives(x: jax.Array, key: jax.Array | None = None) -> jax.Array:
    losses = (x[0] - jnp.asarray(CENTRES)) ** 2 / 2
    if key is None:
        return losses
    rare = jax.random.bernoulli(key, RARE, (2,))
    return losses + jnp.where(rare, NOISE[1], NOISE[0]) * x[0]


def _pareto_set(n: int) -> NDArray[np.float64]:
    return np.linspace(CENTRES[0], CENTRES[1], n)[:, None]


def paths(settings: Settings, *, averaged: bool) -> dict[str, Paths]:
    """Run the methods, with weights as they come or averaged by the step size's schedule."""
    starts = np.full((settings["runs"], 1), START)
    return {
        label: follow(problem(), partial(_build, label=label, averaged=averaged), starts,
                      settings["steps"], kept=KEPT)
        for label in METHODS
    }  # fmt: skip


def _build(_: Any, label: str, averaged: bool) -> optax.GradientTransformation:
    method, options = METHODS[label]

    def base(m: int) -> moo.Aggregator:
        return moo.aggregator(method, num_objectives=m, **options)

    chosen = moo.cr_mogm(2, base=base, decay=moo.tied_decay(_rate)) if averaged else base(2)
    return optax.chain(chosen, optax.sgd(_rate))


def _rate(k: Any) -> Any:
    return 0.05 / (1 + k / 200) ** 0.5
