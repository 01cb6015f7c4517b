# Made by .ci/stubs.py from the _PUBLIC table beside it.
from moo.aggregators._base import Aggregator as Aggregator
from moo.aggregators._base import GramState as GramState
from moo.aggregators._base import LossState as LossState
from moo.aggregators._base import from_gram as from_gram
from moo.aggregators._base import from_losses as from_losses
from moo.aggregators._build import aggregator as aggregator
from moo.aggregators._build import inject_hyperparams as inject_hyperparams
from moo.aggregators._build import optimizer as optimizer
from moo.aggregators._from_rows import RowState as RowState
from moo.aggregators._from_rows import from_rows as from_rows
from moo.aggregators._registry import METHODS as METHODS
from moo.aggregators._registry import SETS as SETS
from moo.aggregators._registry import Method as Method
from moo.aggregators._solvers._solution import Solution as Solution
from moo.aggregators._state import find as find
from moo.aggregators.equalize._aligned_mtl import aligned_mtl as aligned_mtl
from moo.aggregators.equalize._imtl_g import imtl_g as imtl_g
from moo.aggregators.equalize._nash_mtl import nash_mtl as nash_mtl
from moo.aggregators.losses._famo import famo as famo
from moo.aggregators.losses._mean import mean as mean
from moo.aggregators.losses._sum import sum as sum
from moo.aggregators.losses._uncertainty import uncertainty as uncertainty
from moo.aggregators.min_norm._cagrad import cagrad as cagrad
from moo.aggregators.min_norm._mgda import mgda as mgda
from moo.aggregators.project._dual_proj import dual_proj as dual_proj
from moo.aggregators.project._pcgrad import pcgrad as pcgrad
from moo.aggregators.project._upgrad import upgrad as upgrad
from moo.aggregators.wrappers._ema_weights import ema_weights as ema_weights
from moo.aggregators.wrappers._every_k import every_k as every_k
from moo.aggregators.wrappers._per_group import per_group as per_group
from moo.aggregators.wrappers._skip_nonfinite import skip_nonfinite as skip_nonfinite

__all__ = [
    "METHODS",
    "SETS",
    "Aggregator",
    "GramState",
    "LossState",
    "Method",
    "RowState",
    "Solution",
    "aggregator",
    "aligned_mtl",
    "cagrad",
    "dual_proj",
    "ema_weights",
    "every_k",
    "famo",
    "find",
    "from_gram",
    "from_losses",
    "from_rows",
    "imtl_g",
    "inject_hyperparams",
    "mean",
    "mgda",
    "nash_mtl",
    "optimizer",
    "pcgrad",
    "per_group",
    "skip_nonfinite",
    "sum",
    "uncertainty",
    "upgrad",
]
