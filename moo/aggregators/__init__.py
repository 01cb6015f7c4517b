"""Aggregators: optax transformations that turn a Jacobian of losses into one update.

Each method is one file in the folder of its family; `METHODS` lists them all.
"""

from moo._lazy import attach

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
    "aggregator": "moo.aggregators._build",
    "inject_hyperparams": "moo.aggregators._build",
    "optimizer": "moo.aggregators._build",
    "find": "moo.aggregators._state",
    "famo": "moo.aggregators.losses._famo",
    "mean": "moo.aggregators.losses._mean",
    "sum": "moo.aggregators.losses._sum",
    "uncertainty": "moo.aggregators.losses._uncertainty",
    "cagrad": "moo.aggregators.min_norm._cagrad",
    "mgda": "moo.aggregators.min_norm._mgda",
    "aligned_mtl": "moo.aggregators.equalize._aligned_mtl",
    "imtl_g": "moo.aggregators.equalize._imtl_g",
    "nash_mtl": "moo.aggregators.equalize._nash_mtl",
    "dual_proj": "moo.aggregators.project._dual_proj",
    "pcgrad": "moo.aggregators.project._pcgrad",
    "upgrad": "moo.aggregators.project._upgrad",
    "ema_weights": "moo.aggregators.wrappers._ema_weights",
    "every_k": "moo.aggregators.wrappers._every_k",
    "per_group": "moo.aggregators.wrappers._per_group",
    "skip_nonfinite": "moo.aggregators.wrappers._skip_nonfinite",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
