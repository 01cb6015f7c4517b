# Made by .ci/stubs.py from the _PUBLIC table beside it.
from moo.models._build import build as build
from moo.models._functional import apply as apply
from moo.models._functional import functional as functional
from moo.models._registry import MODELS as MODELS
from moo.models._registry import Model as Model
from moo.models._task_losses import task_losses as task_losses
from moo.models.entire_space._anchored_losses import anchored_losses as anchored_losses
from moo.models.entire_space._conflict import CONFLICT_MODES as CONFLICT_MODES
from moo.models.entire_space._dcmt import DCMT as DCMT
from moo.models.entire_space._dcmt_losses import dcmt_losses as dcmt_losses
from moo.models.entire_space._delayed_esmm import DelayedESMM as DelayedESMM
from moo.models.entire_space._delayed_losses import delayed_losses as delayed_losses
from moo.models.entire_space._doubly_robust import DoublyRobust as DoublyRobust
from moo.models.entire_space._escm2 import ESCM2 as ESCM2
from moo.models.entire_space._escm2_losses import escm2_losses as escm2_losses
from moo.models.entire_space._esmm import ESMM as ESMM
from moo.models.entire_space._esmm2 import ESMM2 as ESMM2
from moo.models.entire_space._esmm2_losses import esmm2_losses as esmm2_losses
from moo.models.entire_space._esmm_losses import esmm_losses as esmm_losses
from moo.models.entire_space._factorised_losses import factorised_losses as factorised_losses
from moo.models.entire_space._funnel_esmm import FunnelESMM as FunnelESMM
from moo.models.entire_space._funnel_losses import funnel_losses as funnel_losses
from moo.models.entire_space._joint_losses import dr_jl_losses as dr_jl_losses
from moo.models.entire_space._joint_losses import mrdr_losses as mrdr_losses
from moo.models.entire_space._multi_losses import multi_dr_losses as multi_dr_losses
from moo.models.entire_space._multi_losses import multi_ipw_losses as multi_ipw_losses
from moo.models.entire_space._probabilities import Probabilities as Probabilities
from moo.models.entire_space._probabilities import ctcvr_logit as ctcvr_logit
from moo.models.entire_space._probabilities import esmm_probabilities as esmm_probabilities
from moo.models.entire_space._probabilities import funnel_logits as funnel_logits
from moo.models.entire_space._probabilities import mixture_logit as mixture_logit
from moo.models.features._columns import Column as Column
from moo.models.features._features import FeatureLayer as FeatureLayer
from moo.models.features._tables import embedding_tables as embedding_tables
from moo.models.heads._combined_pair import CombinedPair as CombinedPair
from moo.models.heads._cread import CREAD as CREAD
from moo.models.heads._d2q import D2Q as D2Q
from moo.models.heads._jrc import JRC as JRC
from moo.models.heads._retention_bins import RetentionBins as RetentionBins
from moo.models.heads._tpm import TPM as TPM
from moo.models.heads._weighted_logistic import WeightedLogistic as WeightedLogistic
from moo.models.inputs._alignment_losses import alignment_losses as alignment_losses
from moo.models.inputs._behaviour_transformer import BehaviourTransformer as BehaviourTransformer
from moo.models.inputs._gated_fusion import GatedFusion as GatedFusion
from moo.models.inputs._group_losses import group_losses as group_losses
from moo.models.inputs._social_cold_start import SocialColdStart as SocialColdStart
from moo.models.inputs._target_attention import TargetAttention as TargetAttention
from moo.models.multitask._adatt import AdaTT as AdaTT
from moo.models.multitask._aitm import AITM as AITM
from moo.models.multitask._aitm_losses import aitm_losses as aitm_losses
from moo.models.multitask._cgc import CGC as CGC
from moo.models.multitask._cross_stitch import CrossStitch as CrossStitch
from moo.models.multitask._dbmtl import DBMTL as DBMTL
from moo.models.multitask._dselect_k import DSelectK as DSelectK
from moo.models.multitask._home import HoME as HoME
from moo.models.multitask._mmoe import MMoE as MMoE
from moo.models.multitask._omoe import OMoE as OMoE
from moo.models.multitask._pepnet import PEPNet as PEPNet
from moo.models.multitask._ple import PLE as PLE
from moo.models.multitask._shared_bottom import SharedBottom as SharedBottom
from moo.models.multitask._snr import SNR as SNR
from moo.models.multitask._star import STAR as STAR
from moo.models.multitask._stem import STEM as STEM

__all__ = [
    "AITM",
    "CGC",
    "CONFLICT_MODES",
    "CREAD",
    "D2Q",
    "DBMTL",
    "DCMT",
    "ESCM2",
    "ESMM",
    "ESMM2",
    "JRC",
    "MODELS",
    "PLE",
    "SNR",
    "STAR",
    "STEM",
    "TPM",
    "AdaTT",
    "BehaviourTransformer",
    "Column",
    "CombinedPair",
    "CrossStitch",
    "DSelectK",
    "DelayedESMM",
    "DoublyRobust",
    "FeatureLayer",
    "FunnelESMM",
    "GatedFusion",
    "HoME",
    "MMoE",
    "Model",
    "OMoE",
    "PEPNet",
    "Probabilities",
    "RetentionBins",
    "SharedBottom",
    "SocialColdStart",
    "TargetAttention",
    "WeightedLogistic",
    "aitm_losses",
    "alignment_losses",
    "anchored_losses",
    "apply",
    "build",
    "ctcvr_logit",
    "dcmt_losses",
    "delayed_losses",
    "dr_jl_losses",
    "embedding_tables",
    "escm2_losses",
    "esmm2_losses",
    "esmm_losses",
    "esmm_probabilities",
    "factorised_losses",
    "functional",
    "funnel_logits",
    "funnel_losses",
    "group_losses",
    "mixture_logit",
    "mrdr_losses",
    "multi_dr_losses",
    "multi_ipw_losses",
    "task_losses",
]
