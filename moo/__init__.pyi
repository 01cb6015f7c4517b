# Made by .ci/stubs.py from the _PUBLIC table beside it.
from moo import aggregators as aggregators
from moo import data as data
from moo import diagnostics as diagnostics
from moo import metrics as metrics
from moo import models as models
from moo import plotting as plotting
from moo import problems as problems
from moo._fit import fit as fit
from moo._jacobian import Gram as Gram
from moo._jacobian import Jacobian as Jacobian
from moo._jacobian import feature_jacobian as feature_jacobian
from moo._jacobian import jacobian as jacobian
from moo._jacobian import masked_mean as masked_mean
from moo._jacobian import stacked_jacobian as stacked_jacobian
from moo._record import Record as Record
from moo._record import Trajectory as Trajectory
from moo._run import NonFiniteWarning as NonFiniteWarning
from moo._run import run as run
from moo._train import make_step as make_step
from moo._version import __version__ as __version__
from moo.aggregators import Aggregator as Aggregator
from moo.aggregators import aggregator as aggregator
from moo.aggregators import aligned_mtl as aligned_mtl
from moo.aggregators import cagrad as cagrad
from moo.aggregators import dual_proj as dual_proj
from moo.aggregators import ema_weights as ema_weights
from moo.aggregators import every_k as every_k
from moo.aggregators import famo as famo
from moo.aggregators import find as find
from moo.aggregators import from_gram as from_gram
from moo.aggregators import from_losses as from_losses
from moo.aggregators import from_rows as from_rows
from moo.aggregators import imtl_g as imtl_g
from moo.aggregators import inject_hyperparams as inject_hyperparams
from moo.aggregators import mean as mean
from moo.aggregators import mgda as mgda
from moo.aggregators import nash_mtl as nash_mtl
from moo.aggregators import optimizer as optimizer
from moo.aggregators import pcgrad as pcgrad
from moo.aggregators import per_group as per_group
from moo.aggregators import skip_nonfinite as skip_nonfinite
from moo.aggregators import sum as sum
from moo.aggregators import uncertainty as uncertainty
from moo.aggregators import upgrad as upgrad
from moo.problems import problem as problem

__all__ = [
    "Aggregator",
    "Gram",
    "Jacobian",
    "NonFiniteWarning",
    "Record",
    "Trajectory",
    "aggregator",
    "aggregators",
    "aligned_mtl",
    "cagrad",
    "data",
    "diagnostics",
    "dual_proj",
    "ema_weights",
    "every_k",
    "famo",
    "feature_jacobian",
    "find",
    "fit",
    "from_gram",
    "from_losses",
    "from_rows",
    "imtl_g",
    "inject_hyperparams",
    "jacobian",
    "make_step",
    "masked_mean",
    "mean",
    "metrics",
    "mgda",
    "models",
    "nash_mtl",
    "optimizer",
    "pcgrad",
    "per_group",
    "plotting",
    "problem",
    "problems",
    "run",
    "skip_nonfinite",
    "stacked_jacobian",
    "sum",
    "uncertainty",
    "upgrad",
]
