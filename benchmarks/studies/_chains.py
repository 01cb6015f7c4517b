"""Entire-space models of click and conversion, as studies train them."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import moo
from benchmarks.studies._model import Losses, Model
from benchmarks.studies._study import Arrays
from moo.data import Column

_JOINT = "{0} and {1}"
# Likelihoods that all of them state, whatever they are trained by: imputed errors can be anything.
_CHOSEN_BY = ("ctr_log_loss_impressions", "ctcvr_log_loss_impressions")
_OTHERS = tuple(mode for mode in moo.models.CONFLICT_MODES if mode != "none")


def _chain(network: str, losses: Callable[..., Any], *objectives: str, **options: Any) -> Model:
    """Return a model whose losses take its logits, column by column, then click and conversion."""
    given = functools.partial(losses, **options) if options else losses
    return Model(network, functools.partial(_on_columns, given), True, objectives, _CHOSEN_BY)


def _on_columns(losses: Callable[..., Any], labels: Sequence[Column]) -> Losses:
    def of_arrays(logits: Any, arrays: Arrays) -> Any:
        click, conversion = (arrays[label.name] for label in labels[:2])
        return losses(*logits.T, click, conversion)

    return of_arrays


def _by_mode(network: str, name: str, losses: Callable[..., Any], second: str) -> dict[str, Model]:
    """Return a model by what its CTCVR loss may do to the CTR tower."""
    plain = _chain(network, losses, "{0}", second, conflict="none")
    others = {f"{name}_{m}": _chain(network, losses, "{0}", second, conflict=m) for m in _OTHERS}
    return {name: plain, **others}


def _on(network: str, prefix: str = "") -> dict[str, Model]:
    """Return the models of two logits on one network."""
    return {
        **_by_mode(network, f"{prefix}esmm", moo.models.esmm_losses, _JOINT),
        **_by_mode(network, f"{prefix}esmm_anchored", moo.models.anchored_losses, "{1}"),
        f"{prefix}esmm_factorised": _chain(network, moo.models.factorised_losses, "{0}", "{1}"),
    }


def _imputed(ctr: Any, cvr: Any, imputation: Any, click: Any, conversion: Any) -> Any:
    return moo.models.escm2_losses(
        ctr, cvr, click, conversion, imputation_logit=imputation, method="dr"
    )


CHAINS: dict[str, Model] = {
    **_on("esmm"),
    **_on("mmoe", "mmoe_"),
    **_on("ple", "ple_"),
    **_on("stem", "stem_"),
    "escm2_ips": _chain("escm2_ips", moo.models.escm2_losses, "{0}", "{1}", _JOINT),
    "escm2_dr": _chain("escm2_dr", _imputed, "{0}", "{1}", _JOINT),
    "multi_ipw": _chain("multi_ipw", moo.models.multi_ipw_losses, "{0}", "{1}"),
    "multi_dr": _chain("multi_dr", moo.models.multi_dr_losses, "{0}", "{1}"),
    "dr_jl": _chain("dr_jl", moo.models.dr_jl_losses, "{0}", "{1}", "imputation"),
    "mrdr": _chain("mrdr", moo.models.mrdr_losses, "{0}", "{1}", "imputation"),
    "dcmt": _chain("dcmt", moo.models.dcmt_losses, "{0}", "{1}", _JOINT),
}
