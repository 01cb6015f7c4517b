# Made by .ci/stubs.py from the _PUBLIC table beside it.
from moo import aggregators as aggregators
from moo import data as data
from moo import diagnostics as diagnostics
from moo import metrics as metrics
from moo import models as models
from moo import parallel as parallel
from moo import plotting as plotting
from moo import problems as problems
from moo import sparse as sparse
from moo._fit import fit as fit
from moo._jacobian import Gram as Gram
from moo._jacobian import Jacobian as Jacobian
from moo._jacobian import Sketch as Sketch
from moo._jacobian import feature_jacobian as feature_jacobian
from moo._jacobian import jacobian as jacobian
from moo._jacobian import masked_mean as masked_mean
from moo._jacobian import per_example_jacobian as per_example_jacobian
from moo._jacobian import population_jacobian as population_jacobian
from moo._jacobian import ray_jacobian as ray_jacobian
from moo._jacobian import stacked_jacobian as stacked_jacobian
from moo._lanes import NonFiniteWarning as NonFiniteWarning
from moo._profile import StepCost as StepCost
from moo._profile import profile as profile
from moo._record import Record as Record
from moo._record import Trajectory as Trajectory
from moo._run import run as run
from moo._settings import grid as grid
from moo._sweep import sweep as sweep
from moo._train import make_step as make_step
from moo._version import __version__ as __version__
from moo.aggregators import Aggregator as Aggregator
from moo.aggregators import ada_omd_tch as ada_omd_tch
from moo.aggregators import adatask as adatask
from moo.aggregators import aggregator as aggregator
from moo.aggregators import aligned_mtl as aligned_mtl
from moo.aggregators import alternation as alternation
from moo.aggregators import asf as asf
from moo.aggregators import auto_lambda as auto_lambda
from moo.aggregators import bayes_agg as bayes_agg
from moo.aggregators import cagrad as cagrad
from moo.aggregators import calm as calm
from moo.aggregators import capped_mgda as capped_mgda
from moo.aggregators import config as config
from moo.aggregators import cosmos as cosmos
from moo.aggregators import cr_mogm as cr_mogm
from moo.aggregators import db_mtl as db_mtl
from moo.aggregators import dr_ommd as dr_ommd
from moo.aggregators import dual_proj as dual_proj
from moo.aggregators import dwa as dwa
from moo.aggregators import edm as edm
from moo.aggregators import ema_weights as ema_weights
from moo.aggregators import epo as epo
from moo.aggregators import every_k as every_k
from moo.aggregators import excess_mtl as excess_mtl
from moo.aggregators import fairgrad as fairgrad
from moo.aggregators import famo as famo
from moo.aggregators import ferero as ferero
from moo.aggregators import find as find
from moo.aggregators import forum as forum
from moo.aggregators import from_gram as from_gram
from moo.aggregators import from_losses as from_losses
from moo.aggregators import from_population as from_population
from moo.aggregators import from_rays as from_rays
from moo.aggregators import from_rows as from_rows
from moo.aggregators import gcond as gcond
from moo.aggregators import gls as gls
from moo.aggregators import go4align as go4align
from moo.aggregators import gradcraft as gradcraft
from moo.aggregators import graddrop as graddrop
from moo.aggregators import gradnorm as gradnorm
from moo.aggregators import gradops as gradops
from moo.aggregators import gradvac as gradvac
from moo.aggregators import hedge as hedge
from moo.aggregators import hv_gradient as hv_gradient
from moo.aggregators import imgrad as imgrad
from moo.aggregators import imtl_g as imtl_g
from moo.aggregators import imtl_l as imtl_l
from moo.aggregators import inject_hyperparams as inject_hyperparams
from moo.aggregators import krum as krum
from moo.aggregators import ldc_mtl as ldc_mtl
from moo.aggregators import lorpman as lorpman
from moo.aggregators import low_rank_manifold as low_rank_manifold
from moo.aggregators import low_rank_params as low_rank_params
from moo.aggregators import mean as mean
from moo.aggregators import metabalance as metabalance
from moo.aggregators import mgda as mgda
from moo.aggregators import moco as moco
from moo.aggregators import modo as modo
from moo.aggregators import momentum_config as momentum_config
from moo.aggregators import moml as moml
from moo.aggregators import moo_svgd as moo_svgd
from moo.aggregators import moon as moon
from moo.aggregators import mtadam as mtadam
from moo.aggregators import nash_mtl as nash_mtl
from moo.aggregators import omd_tch as omd_tch
from moo.aggregators import optimizer as optimizer
from moo.aggregators import p_norm as p_norm
from moo.aggregators import pamal as pamal
from moo.aggregators import pareto_manifold as pareto_manifold
from moo.aggregators import pbi as pbi
from moo.aggregators import pcd as pcd
from moo.aggregators import pcgrad as pcgrad
from moo.aggregators import per_group as per_group
from moo.aggregators import phn as phn
from moo.aggregators import pike as pike
from moo.aggregators import pmgda as pmgda
from moo.aggregators import pmtl as pmtl
from moo.aggregators import png as png
from moo.aggregators import psmgd as psmgd
from moo.aggregators import rlw as rlw
from moo.aggregators import sam_gs as sam_gs
from moo.aggregators import sample_rays as sample_rays
from moo.aggregators import scale_invariant as scale_invariant
from moo.aggregators import sdmgrad as sdmgrad
from moo.aggregators import sdmgrad_os as sdmgrad_os
from moo.aggregators import simplex_grid as simplex_grid
from moo.aggregators import skip_nonfinite as skip_nonfinite
from moo.aggregators import smg as smg
from moo.aggregators import son_goku as son_goku
from moo.aggregators import stch as stch
from moo.aggregators import stch_mtl as stch_mtl
from moo.aggregators import stch_set as stch_set
from moo.aggregators import stimulus as stimulus
from moo.aggregators import sum as sum
from moo.aggregators import tch as tch
from moo.aggregators import tch_set as tch_set
from moo.aggregators import tied_decay as tied_decay
from moo.aggregators import trimmed_mean as trimmed_mean
from moo.aggregators import umod as umod
from moo.aggregators import uncertainty as uncertainty
from moo.aggregators import upgrad as upgrad
from moo.aggregators import uw_so as uw_so
from moo.aggregators import vargrad as vargrad
from moo.aggregators import wc_mgda as wc_mgda
from moo.problems import problem as problem

__all__ = [
    "Aggregator",
    "Gram",
    "Jacobian",
    "NonFiniteWarning",
    "Record",
    "Sketch",
    "StepCost",
    "Trajectory",
    "ada_omd_tch",
    "adatask",
    "aggregator",
    "aggregators",
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
    "data",
    "db_mtl",
    "diagnostics",
    "dr_ommd",
    "dual_proj",
    "dwa",
    "edm",
    "ema_weights",
    "epo",
    "every_k",
    "excess_mtl",
    "fairgrad",
    "famo",
    "feature_jacobian",
    "ferero",
    "find",
    "fit",
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
    "grid",
    "hedge",
    "hv_gradient",
    "imgrad",
    "imtl_g",
    "imtl_l",
    "inject_hyperparams",
    "jacobian",
    "krum",
    "ldc_mtl",
    "lorpman",
    "low_rank_manifold",
    "low_rank_params",
    "make_step",
    "masked_mean",
    "mean",
    "metabalance",
    "metrics",
    "mgda",
    "moco",
    "models",
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
    "parallel",
    "pareto_manifold",
    "pbi",
    "pcd",
    "pcgrad",
    "per_example_jacobian",
    "per_group",
    "phn",
    "pike",
    "plotting",
    "pmgda",
    "pmtl",
    "png",
    "population_jacobian",
    "problem",
    "problems",
    "profile",
    "psmgd",
    "ray_jacobian",
    "rlw",
    "run",
    "sam_gs",
    "sample_rays",
    "scale_invariant",
    "sdmgrad",
    "sdmgrad_os",
    "simplex_grid",
    "skip_nonfinite",
    "smg",
    "son_goku",
    "sparse",
    "stacked_jacobian",
    "stch",
    "stch_mtl",
    "stch_set",
    "stimulus",
    "sum",
    "sweep",
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
