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
from moo.aggregators.bilevel._auto_lambda import auto_lambda as auto_lambda
from moo.aggregators.bilevel._forum import forum as forum
from moo.aggregators.bilevel._moml import moml as moml
from moo.aggregators.coordinate._adatask import adatask as adatask
from moo.aggregators.coordinate._bayes_agg import bayes_agg as bayes_agg
from moo.aggregators.coordinate._excess_mtl import excess_mtl as excess_mtl
from moo.aggregators.coordinate._graddrop import graddrop as graddrop
from moo.aggregators.coordinate._krum import krum as krum
from moo.aggregators.coordinate._metabalance import metabalance as metabalance
from moo.aggregators.coordinate._mtadam import mtadam as mtadam
from moo.aggregators.coordinate._sam_gs import sam_gs as sam_gs
from moo.aggregators.coordinate._trimmed_mean import trimmed_mean as trimmed_mean
from moo.aggregators.equalize._aligned_mtl import aligned_mtl as aligned_mtl
from moo.aggregators.equalize._config import config as config
from moo.aggregators.equalize._db_mtl import db_mtl as db_mtl
from moo.aggregators.equalize._fairgrad import fairgrad as fairgrad
from moo.aggregators.equalize._gradnorm import gradnorm as gradnorm
from moo.aggregators.equalize._imtl_g import imtl_g as imtl_g
from moo.aggregators.equalize._momentum_config import momentum_config as momentum_config
from moo.aggregators.equalize._nash_mtl import nash_mtl as nash_mtl
from moo.aggregators.losses._asf import asf as asf
from moo.aggregators.losses._dwa import dwa as dwa
from moo.aggregators.losses._famo import famo as famo
from moo.aggregators.losses._gls import gls as gls
from moo.aggregators.losses._go4align import go4align as go4align
from moo.aggregators.losses._imtl_l import imtl_l as imtl_l
from moo.aggregators.losses._ldc_mtl import ldc_mtl as ldc_mtl
from moo.aggregators.losses._mean import mean as mean
from moo.aggregators.losses._p_norm import p_norm as p_norm
from moo.aggregators.losses._pbi import pbi as pbi
from moo.aggregators.losses._rlw import rlw as rlw
from moo.aggregators.losses._scale_invariant import scale_invariant as scale_invariant
from moo.aggregators.losses._stch import stch as stch
from moo.aggregators.losses._stch_mtl import stch_mtl as stch_mtl
from moo.aggregators.losses._sum import sum as sum
from moo.aggregators.losses._tch import tch as tch
from moo.aggregators.losses._uncertainty import uncertainty as uncertainty
from moo.aggregators.losses._uw_so import uw_so as uw_so
from moo.aggregators.matrix._moon import moon as moon
from moo.aggregators.min_norm._cagrad import cagrad as cagrad
from moo.aggregators.min_norm._capped_mgda import capped_mgda as capped_mgda
from moo.aggregators.min_norm._edm import edm as edm
from moo.aggregators.min_norm._imgrad import imgrad as imgrad
from moo.aggregators.min_norm._mgda import mgda as mgda
from moo.aggregators.online._ada_omd_tch import ada_omd_tch as ada_omd_tch
from moo.aggregators.online._dr_ommd import dr_ommd as dr_ommd
from moo.aggregators.online._hedge import hedge as hedge
from moo.aggregators.online._mirror import exponentiated as exponentiated
from moo.aggregators.online._mirror import project_ball as project_ball
from moo.aggregators.online._omd_tch import omd_tch as omd_tch
from moo.aggregators.preference._epo import epo as epo
from moo.aggregators.preference._ferero import ferero as ferero
from moo.aggregators.preference._pmgda import pmgda as pmgda
from moo.aggregators.preference._png import png as png
from moo.aggregators.preference._wc_mgda import wc_mgda as wc_mgda
from moo.aggregators.project._dual_proj import dual_proj as dual_proj
from moo.aggregators.project._gcond import gcond as gcond
from moo.aggregators.project._gradcraft import gradcraft as gradcraft
from moo.aggregators.project._gradops import gradops as gradops
from moo.aggregators.project._gradvac import gradvac as gradvac
from moo.aggregators.project._pcd import pcd as pcd
from moo.aggregators.project._pcgrad import pcgrad as pcgrad
from moo.aggregators.project._upgrad import upgrad as upgrad
from moo.aggregators.sets._base import SetState as SetState
from moo.aggregators.sets._base import from_population as from_population
from moo.aggregators.sets._base import from_rays as from_rays
from moo.aggregators.sets._cosmos import cosmos as cosmos
from moo.aggregators.sets._hv_gradient import hv_gradient as hv_gradient
from moo.aggregators.sets._lorpman import lorpman as lorpman
from moo.aggregators.sets._low_rank import LowRank as LowRank
from moo.aggregators.sets._low_rank import low_rank_manifold as low_rank_manifold
from moo.aggregators.sets._low_rank import low_rank_params as low_rank_params
from moo.aggregators.sets._moo_svgd import moo_svgd as moo_svgd
from moo.aggregators.sets._pamal import pamal as pamal
from moo.aggregators.sets._pareto_manifold import pareto_manifold as pareto_manifold
from moo.aggregators.sets._phn import phn as phn
from moo.aggregators.sets._pmtl import pmtl as pmtl
from moo.aggregators.sets._rays import sample_rays as sample_rays
from moo.aggregators.sets._rays import simplex_grid as simplex_grid
from moo.aggregators.sets._stch_set import stch_set as stch_set
from moo.aggregators.sets._tch_set import tch_set as tch_set
from moo.aggregators.sets._umod import umod as umod
from moo.aggregators.stochastic._alternation import alternation as alternation
from moo.aggregators.stochastic._calm import calm as calm
from moo.aggregators.stochastic._cr_mogm import cr_mogm as cr_mogm
from moo.aggregators.stochastic._moco import moco as moco
from moo.aggregators.stochastic._modo import modo as modo
from moo.aggregators.stochastic._pike import pike as pike
from moo.aggregators.stochastic._psmgd import psmgd as psmgd
from moo.aggregators.stochastic._sdmgrad import sdmgrad as sdmgrad
from moo.aggregators.stochastic._sdmgrad_os import sdmgrad_os as sdmgrad_os
from moo.aggregators.stochastic._smg import smg as smg
from moo.aggregators.stochastic._son_goku import son_goku as son_goku
from moo.aggregators.stochastic._stimulus import stimulus as stimulus
from moo.aggregators.stochastic._vargrad import vargrad as vargrad
from moo.aggregators.wrappers._ema_weights import ema_weights as ema_weights
from moo.aggregators.wrappers._ema_weights import tied_decay as tied_decay
from moo.aggregators.wrappers._every_k import every_k as every_k
from moo.aggregators.wrappers._per_group import per_group as per_group
from moo.aggregators.wrappers._skip_nonfinite import skip_nonfinite as skip_nonfinite

__all__ = [
    "METHODS",
    "SETS",
    "Aggregator",
    "GramState",
    "LossState",
    "LowRank",
    "Method",
    "RowState",
    "SetState",
    "Solution",
    "ada_omd_tch",
    "adatask",
    "aggregator",
    "aligned_mtl",
    "alternation",
    "asf",
    "auto_lambda",
    "bayes_agg",
    "cagrad",
    "calm",
    "capped_mgda",
    "config",
    "cosmos",
    "cr_mogm",
    "db_mtl",
    "dr_ommd",
    "dual_proj",
    "dwa",
    "edm",
    "ema_weights",
    "epo",
    "every_k",
    "excess_mtl",
    "exponentiated",
    "fairgrad",
    "famo",
    "ferero",
    "find",
    "forum",
    "from_gram",
    "from_losses",
    "from_population",
    "from_rays",
    "from_rows",
    "gcond",
    "gls",
    "go4align",
    "gradcraft",
    "graddrop",
    "gradnorm",
    "gradops",
    "gradvac",
    "hedge",
    "hv_gradient",
    "imgrad",
    "imtl_g",
    "imtl_l",
    "inject_hyperparams",
    "krum",
    "ldc_mtl",
    "lorpman",
    "low_rank_manifold",
    "low_rank_params",
    "mean",
    "metabalance",
    "mgda",
    "moco",
    "modo",
    "momentum_config",
    "moml",
    "moo_svgd",
    "moon",
    "mtadam",
    "nash_mtl",
    "omd_tch",
    "optimizer",
    "p_norm",
    "pamal",
    "pareto_manifold",
    "pbi",
    "pcd",
    "pcgrad",
    "per_group",
    "phn",
    "pike",
    "pmgda",
    "pmtl",
    "png",
    "project_ball",
    "psmgd",
    "rlw",
    "sam_gs",
    "sample_rays",
    "scale_invariant",
    "sdmgrad",
    "sdmgrad_os",
    "simplex_grid",
    "skip_nonfinite",
    "smg",
    "son_goku",
    "stch",
    "stch_mtl",
    "stch_set",
    "stimulus",
    "sum",
    "tch",
    "tch_set",
    "tied_decay",
    "trimmed_mean",
    "umod",
    "uncertainty",
    "upgrad",
    "uw_so",
    "vargrad",
    "wc_mgda",
]
