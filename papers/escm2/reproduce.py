"""ESCM2: the chain of its first theorem on exact rates, and its risks with known propensities."""

import sys
from functools import partial

import jax
import numpy as np
from matplotlib.figure import Figure

import moo.plotting
from moo.models import escm2_losses, esmm_losses
from moo.plotting import OKABE_ITO
from moo.plotting._panels import one_panel, shared_legend
from moo.plotting._style import series_marker
from papers._draws import Array
from papers._entire_space import Log, draw, esmm, fit, sigmoid
from papers._paper import Settings

CORRELATIONS = np.linspace(-1, 1, 11)


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    rows, repeats = settings["rows"], settings["repeats"]
    return {
        **chain(rows), **noisy_ratio(rows), **misspecified(rows), **risks(repeats, rows),
        **without_cvr_loss(),
    }  # fmt: skip


def chain(rows: int) -> dict[str, float]:
    """Return the steps of E[C/O] >= E[C]/E[O] = E_O[R] > E_D[R] for exact rates C = O R."""
    found = {sign: draw(rows, 0, correlation=sign * 0.8) for sign in (1, -1)}
    joint = {sign: log.ctr * log.cvr for sign, log in found.items()}
    means = {sign: joint[sign].mean() / log.ctr.mean() for sign, log in found.items()}
    ratios = {sign: (joint[sign] / log.ctr).mean() for sign, log in found.items()}
    return {
        "ratio_off_truth": max(abs(ratios[sign] - log.cvr.mean()) for sign, log in found.items()),
        "first_step": ratios[1] - means[1],
        "last_step": means[-1] - found[-1].cvr.mean(),
    }


def noisy_ratio(rows: int, variance: float = 0.25) -> dict[str, float]:
    """Return the mean ratio where the CTR has multiplicative errors of mean log 0, over truth."""
    log, rng = draw(rows, 0), np.random.default_rng(1)
    noisy = log.ctr * np.exp(np.sqrt(variance) * rng.normal(size=rows) - variance / 2)
    return {"noisy_ratio": (log.ctr * log.cvr / noisy).mean() / log.cvr.mean()}


def misspecified(rows: int) -> dict[str, float]:
    """Return ESMM's mean CVR over the truth where the logit is bent, one way and the other."""
    logs = {bend: draw(rows, 0, bend=bend) for bend in (-0.3, 0.3)}
    found = {bend: fit(log, esmm, 2)[1].mean() / log.cvr.mean() for bend, log in logs.items()}
    return {"lowest_esmm_mean": min(found.values()), "highest_esmm_mean": max(found.values())}


def risks(repeats: int, rows: int) -> dict[str, float]:
    """Return biases of risks of a fixed CVR, in standard errors, and the ratio of deviations."""
    found = [_risks(draw(rows, seed)) for seed in range(repeats)]
    errors = {name: np.array([one[name] for one in found]) for name in found[0]}
    away = {f"{name}_off_in_errors": float(abs(values.mean()) / _error(values))
            for name, values in errors.items()}  # fmt: skip
    return away | {"dr_deviation_over_ips": errors["dr_right"].std() / errors["ips"].std()}


def _error(values: Array) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))


def _risks(log: Log) -> dict[str, float]:
    """Return each risk of one log minus the risk on all of its impressions."""
    cvr = -1 + 0.5 * log.x[:, 1]
    ctr = np.log(log.ctr / (1 - log.ctr))
    expected = log.cvr * np.logaddexp(0, -cvr) + (1 - log.cvr) * np.logaddexp(0, cvr)
    right, wrong = np.log(np.expm1(expected)), np.full_like(cvr, -1.0)
    risk = partial(_doubly_robust, log=log, cvr=cvr)
    ips = float(_losses(ctr, cvr, log.click, log.conversion)[1])
    seen = np.logaddexp(0, cvr) - log.conversion * cvr
    found = {
        "naive": float((log.click * seen).sum() / log.click.sum()), "ips": ips,
        "dr_right": risk(ctr, right), "dr_wrong_imputation": risk(ctr, wrong),
        "dr_wrong_propensity": risk(0.3 * ctr, right), "dr_both_wrong": risk(0.3 * ctr, wrong),
    }  # fmt: skip
    return {name: value - expected.mean() for name, value in found.items()}


_losses = jax.jit(partial(escm2_losses, clip=1e9))
_dr_losses = jax.jit(partial(escm2_losses, clip=1e9, method="dr"))


def _doubly_robust(ctr: Array, imputation: Array, *, log: Log, cvr: Array) -> float:
    """Return the second loss without the term that fits the imputed error."""
    loss = _dr_losses(ctr, cvr, log.click, log.conversion, imputation_logit=imputation)[1]
    seen = np.logaddexp(0, cvr) - log.conversion * cvr
    misfit = (seen - np.logaddexp(0, imputation)) ** 2
    return float(loss - np.mean(log.click / sigmoid(ctr) * misfit))


def without_cvr_loss() -> dict[str, float]:
    """Compare the losses at weight 0 of the CVR's with those of ESMM."""
    log, rng = draw(500, 0), np.random.default_rng(0)
    a, b = rng.normal(size=(2, 500))
    three = np.asarray(escm2_losses(a, b, log.click, log.conversion, cvr_weight=0.0))
    two = np.asarray(esmm_losses(a, b, log.click, log.conversion))
    return {"off_esmm": np.abs(three - np.array([two[0], 0.0, two[1]])).max()}


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw the means of the chain for exact rates, by the correlation of the two logits."""
    logs = [draw(settings["rows"], 0, correlation=rho) for rho in CORRELATIONS]
    means = {
        "ratio of the means = CVR of clicks": [
            (log.ctr * log.cvr).mean() / log.ctr.mean() for log in logs
        ],
        "mean of the ratio = CVR of impressions": [
            (log.ctr * log.cvr / log.ctr).mean() for log in logs
        ],
    }
    with moo.plotting.style():
        figure, axes = one_panel(list(means), "column")
        for k, (label, found) in enumerate(means.items()):
            axes.plot(CORRELATIONS, found, series_marker(k) + "-", label=label, color=OKABE_ITO[k])
        for at, step in ((0.25, "last step fails"), (0.75, "first step fails")):
            axes.text(at, 0.02, step, transform=axes.transAxes, ha="center")
        axes.axvline(0, color="#777777", linewidth=0.7)
        axes.set(xlabel="correlation of click and conversion logits", ylabel="conversion rate")
        shared_legend(figure, axes)
        figure.freeze()
    return {"chain": figure}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("escm2"))
