"""Sparse training of embedding tables: gradients, moments and updates of a batch's rows alone."""

from moo._lazy import attach

_PUBLIC = {
    "LazyState": "moo.sparse._lazy",
    "TableRows": "moo.sparse._rows",
    "apply_updates": "moo.sparse._gather",
    "gather": "moo.sparse._gather",
    "init_table": "moo.sparse._init",
    "lazy": "moo.sparse._lazy",
    "make_step": "moo.sparse._step",
    "rowwise_adagrad": "moo.sparse._rowwise_adagrad",
    "scale_by_counts": "moo.sparse._frequency",
    "skip_rare": "moo.sparse._frequency",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
