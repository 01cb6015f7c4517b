"""Rows of the family `losses`."""

import numpy as np
import optax

import moo
from tests.aggregators.table._row import (
    EQUIVARIANT,
    HOMOGENEOUS,
    LINEAR_UNDER_SCALING,
    ROTATION,
    Row,
    always,
    of_rows,
    two_rows,
)

# The weights know nothing of the rows.
OF_LOSSES = ROTATION | HOMOGENEOUS | LINEAR_UNDER_SCALING | {"linear": always}
LOSS_SCALE = {"loss_scale_invariant": always}


def gls(J, losses):
    return np.prod(losses) ** (1 / len(J)) / len(J) * (1 / losses) @ J


def uw_so(J, losses):
    return np.exp(1 / losses) / np.exp(1 / losses).sum() @ J


def tch(J, losses):
    worst = losses == losses.max()
    return worst / worst.sum() / len(J) @ J


def stch(J, losses):
    powers = np.exp(losses / len(J) / 0.1)
    return powers / powers.sum() / len(J) @ J


def asf(J, losses):
    worst = losses == losses.max()
    return len(J) * (worst / worst.sum() + 0.1) @ J


def pbi(J, losses):
    ray = np.ones(len(J)) / np.sqrt(len(J))
    part = losses - losses @ ray * ray
    length = np.linalg.norm(part)
    return (ray + (5 * part / length if length > 1e-9 else 0)) @ J


def p_norm(J, losses):
    return losses / np.linalg.norm(losses) / len(J) @ J


def ldc_mtl(J, losses):
    share = 1 / (1 + np.exp(-1))
    gaps = np.sign(np.diff(losses, prepend=losses[0], append=losses[-1]))
    return share * (1 / (share * len(J)) - 0.01 * np.diff(gaps)) @ J


def go4align(J, losses):
    """Try every cut of the sorted indicators into two groups."""
    shares = np.exp(-0.1 * losses)
    indicators = shares / shares.sum() * losses.sum() / losses
    order = np.argsort(indicators)
    w = np.full(len(J), indicators.mean())
    for cut in range(1, len(J)):
        split = np.empty(len(J))
        for group in (order[:cut], order[cut:]):
            split[group] = indicators[group].mean()
        if ((indicators - split) ** 2).sum() < ((indicators - w) ** 2).sum() - 1e-9:
            w = split
    return w @ J


def famo(J, losses):
    """Weigh by 1 over the losses, and clip to length 1."""
    v = (1 / losses) @ J / np.sum(1 / losses)
    return v / max(np.linalg.norm(v), 1)


ROWS: dict[str, Row] = {
    "mean": Row(
        build=moo.mean,
        oracle=of_rows(lambda J: J.mean(0)),
        laws=EQUIVARIANT | OF_LOSSES | LOSS_SCALE,
    ),
    "sum": Row(
        build=moo.sum,
        oracle=of_rows(lambda J: J.sum(0)),
        laws=EQUIVARIANT | OF_LOSSES | LOSS_SCALE,
    ),
    "uncertainty": Row(
        build=lambda m: moo.uncertainty(m, learning_rate=0.1),
        oracle=of_rows(lambda J: J.sum(0) / 2),
        laws=EQUIVARIANT | OF_LOSSES,
    ),
    "scale_invariant": Row(
        build=moo.scale_invariant,
        oracle=lambda J, losses: (1 / losses) @ J,
        laws=EQUIVARIANT | OF_LOSSES,
    ),
    "gls": Row(build=moo.gls, oracle=gls, laws=EQUIVARIANT | OF_LOSSES | LOSS_SCALE),
    "uw_so": Row(build=moo.uw_so, oracle=uw_so, laws=EQUIVARIANT | OF_LOSSES),
    "rlw": Row(build=moo.rlw, laws=OF_LOSSES | LOSS_SCALE),
    "dwa": Row(
        build=lambda m: moo.dwa(m, window=1),
        oracle=of_rows(lambda J: J.sum(0)),
        laws=EQUIVARIANT | OF_LOSSES | LOSS_SCALE,
    ),
    "imtl_l": Row(
        build=lambda m: moo.imtl_l(m, learning_rate=0.1),
        oracle=of_rows(lambda J: J.sum(0)),
        laws=EQUIVARIANT | OF_LOSSES,
    ),
    "tch": Row(
        build=moo.tch,
        oracle=tch,
        laws=EQUIVARIANT | OF_LOSSES | LOSS_SCALE | {"row_scale_invariant": always},
    ),
    "stch": Row(build=moo.stch, oracle=stch, laws=EQUIVARIANT | OF_LOSSES),
    "stch_mtl": Row(
        build=lambda m: moo.stch_mtl(m, warmup=2, window=1),
        oracle=lambda J, losses: (1 / losses) @ J,
        laws=EQUIVARIANT | OF_LOSSES,
    ),
    "asf": Row(build=moo.asf, oracle=asf, laws=EQUIVARIANT | OF_LOSSES | LOSS_SCALE),
    "pbi": Row(build=moo.pbi, oracle=pbi, laws=EQUIVARIANT | OF_LOSSES | LOSS_SCALE),
    "p_norm": Row(build=moo.p_norm, oracle=p_norm, laws=EQUIVARIANT | OF_LOSSES | LOSS_SCALE),
    "ldc_mtl": Row(
        build=moo.ldc_mtl,
        oracle=ldc_mtl,
        laws={"permutation_equivariant": two_rows} | OF_LOSSES | LOSS_SCALE,
    ),
    "go4align": Row(
        build=lambda m: moo.go4align(m, eta=0.1, groups=2),
        oracle=go4align,
        laws=EQUIVARIANT | OF_LOSSES,
    ),
    "famo": Row(
        build=lambda m: moo.famo(m, optax.sgd(1.0)),
        oracle=famo,
        laws=EQUIVARIANT | ROTATION,
        breaks=dict.fromkeys(["linear", "loss_scale_invariant"], "random 2"),
        lazy=True,
    ),
}
