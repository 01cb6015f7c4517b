"""Multi-objective optimization of differentiable models in JAX.

A lazy `Jacobian` of the losses travels where optax expects updates; an aggregator turns it into
one direction; plain optax follows. Every name is imported when it is first used, so that
`import moo` costs nothing.

Example:
    >>> import jax.numpy as jnp, optax, moo
    >>> def objectives(x):
    ...     return jnp.stack([jnp.sum((x - 1.0) ** 2), jnp.sum((x + 1.0) ** 2)])
    >>> x = jnp.array([3.0, 0.5])
    >>> tx = optax.chain(moo.mgda(num_objectives=2), optax.sgd(0.1))
    >>> updates, state = tx.update(moo.jacobian(objectives, x), tx.init(x), x)
    >>> updates.shape
    (2,)
"""

from moo._lazy import attach
from moo._version import __version__ as __version__
from moo.aggregators._registry import METHODS, SETS

_PUBLIC = {
    "Gram": "moo._jacobian",
    "Jacobian": "moo._jacobian",
    "Sketch": "moo._jacobian",
    "feature_jacobian": "moo._jacobian",
    "jacobian": "moo._jacobian",
    "masked_mean": "moo._jacobian",
    "per_example_jacobian": "moo._jacobian",
    "population_jacobian": "moo._jacobian",
    "ray_jacobian": "moo._jacobian",
    "stacked_jacobian": "moo._jacobian",
    "Aggregator": "moo.aggregators",
    "aggregator": "moo.aggregators",
    "find": "moo.aggregators",
    "from_gram": "moo.aggregators",
    "from_losses": "moo.aggregators",
    "from_population": "moo.aggregators",
    "from_rays": "moo.aggregators",
    "from_rows": "moo.aggregators",
    "inject_hyperparams": "moo.aggregators",
    "optimizer": "moo.aggregators",
    "low_rank_manifold": "moo.aggregators",
    "low_rank_params": "moo.aggregators",
    "pareto_manifold": "moo.aggregators",
    "sample_rays": "moo.aggregators",
    "simplex_grid": "moo.aggregators",
    **dict.fromkeys(METHODS | SETS, "moo.aggregators"),
    "ema_weights": "moo.aggregators",
    "every_k": "moo.aggregators",
    "per_group": "moo.aggregators",
    "skip_nonfinite": "moo.aggregators",
    "tied_decay": "moo.aggregators",
    "fit": "moo._fit",
    "grid": "moo._settings",
    "make_step": "moo._train",
    "NonFiniteWarning": "moo._lanes",
    "StepCost": "moo._profile",
    "profile": "moo._profile",
    "run": "moo._run",
    "sweep": "moo._sweep",
    "Record": "moo._record",
    "Trajectory": "moo._record",
    "problem": "moo.problems",
    "aggregators": "moo.aggregators",
    "data": "moo.data",
    "diagnostics": "moo.diagnostics",
    "metrics": "moo.metrics",
    "models": "moo.models",
    "parallel": "moo.parallel",
    "plotting": "moo.plotting",
    "problems": "moo.problems",
    "sparse": "moo.sparse",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
