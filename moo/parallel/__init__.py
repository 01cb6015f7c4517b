"""Training on many devices: placing arrays, local aggregates, and what a program communicates."""

from moo._lazy import attach

_PUBLIC = {
    "LocalState": "moo.parallel._local",
    "Traffic": "moo.parallel._communication",
    "communication": "moo.parallel._communication",
    "local_aggregates": "moo.parallel._local",
    "place": "moo.parallel._place",
    "shard_batch": "moo.parallel._place",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
