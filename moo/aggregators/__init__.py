"""Aggregators: optax transformations that turn a Jacobian of losses into one update.

Each method is one file in the folder of its family; `METHODS` lists them all.
"""

from moo._lazy import attach
from moo.aggregators._registry import METHODS, SETS

_PUBLIC = {
    "METHODS": "moo.aggregators._registry",
    "Method": "moo.aggregators._registry",
    "SETS": "moo.aggregators._registry",
    "Aggregator": "moo.aggregators._base",
    "GramState": "moo.aggregators._base",
    "LossState": "moo.aggregators._base",
    "Solution": "moo.aggregators._solvers._solution",
    "from_gram": "moo.aggregators._base",
    "from_losses": "moo.aggregators._base",
    "from_population": "moo.aggregators.sets._base",
    "from_rays": "moo.aggregators.sets._base",
    "from_rows": "moo.aggregators._from_rows",
    "RowState": "moo.aggregators._from_rows",
    "aggregator": "moo.aggregators._build",
    "inject_hyperparams": "moo.aggregators._build",
    "optimizer": "moo.aggregators._build",
    "LowRank": "moo.aggregators.sets._low_rank",
    "low_rank_manifold": "moo.aggregators.sets._low_rank",
    "low_rank_params": "moo.aggregators.sets._low_rank",
    "pareto_manifold": "moo.aggregators.sets._pareto_manifold",
    "sample_rays": "moo.aggregators.sets._rays",
    "simplex_grid": "moo.aggregators.sets._rays",
    "SetState": "moo.aggregators.sets._base",
    "find": "moo.aggregators._state",
    **{name: method.factory.partition(":")[0] for name, method in (METHODS | SETS).items()},
    "exponentiated": "moo.aggregators.online._mirror",
    "project_ball": "moo.aggregators.online._mirror",
    "ema_weights": "moo.aggregators.wrappers._ema_weights",
    "every_k": "moo.aggregators.wrappers._every_k",
    "per_group": "moo.aggregators.wrappers._per_group",
    "skip_nonfinite": "moo.aggregators.wrappers._skip_nonfinite",
    "tied_decay": "moo.aggregators.wrappers._ema_weights",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
