# Made by .ci/stubs.py from the _PUBLIC table beside it.
from moo.sparse._frequency import scale_by_counts as scale_by_counts
from moo.sparse._frequency import skip_rare as skip_rare
from moo.sparse._gather import apply_updates as apply_updates
from moo.sparse._gather import gather as gather
from moo.sparse._init import init_table as init_table
from moo.sparse._lazy import LazyState as LazyState
from moo.sparse._lazy import lazy as lazy
from moo.sparse._rows import TableRows as TableRows
from moo.sparse._rowwise_adagrad import rowwise_adagrad as rowwise_adagrad
from moo.sparse._step import make_step as make_step

__all__ = [
    "LazyState",
    "TableRows",
    "apply_updates",
    "gather",
    "init_table",
    "lazy",
    "make_step",
    "rowwise_adagrad",
    "scale_by_counts",
    "skip_rare",
]
