"""ESMM: its product, the ratio that it avoids, and what it makes of selection, on known rates."""

import sys
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.figure import Figure

import moo.data
import moo.plotting
from moo.models import esmm_losses
from moo.plotting import OKABE_ITO
from moo.plotting._panels import one_panel, shared_legend
from moo.plotting._style import series_marker
from papers._draws import Array
from papers._entire_space import Log, draw, esmm, fit, naive, sigmoid
from papers._paper import Settings
from papers.esmm._ratio import ratio

SQUARES = np.linspace(-0.3, 0.3, 13)  # coefficients of the first feature's square
Losses = dict[str, Callable[..., jax.Array]]


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    rows, repeats = settings["rows"], settings["repeats"]
    return {
        **product(), **conflict(), **ratio(settings["logs"]), **misspecified(rows),
        **confounded(rows), **well_specified(rows, repeats),
    }  # fmt: skip


def product(rows: int = 500) -> dict[str, float]:
    """Compare the losses with the product's likelihood, and look at who reaches the CVR tower."""
    log, a, b = _logits(rows)
    p, q, y, z = sigmoid(a), sigmoid(b), log.click, log.conversion
    by_hand = [-np.mean(label * np.log(rate) + (1 - label) * np.log1p(-rate))
               for label, rate in ((y, p), (z, p * q))]  # fmt: skip
    of_cvr = rows * np.asarray(_slopes(a, b, y, z)[1])
    return {
        "off_the_product": np.abs(np.asarray(esmm_losses(a, b, y, z)) - by_hand).max(),
        "cvr_slope_of_ctr_loss": np.abs(of_cvr[0]).max(),
        "cvr_slope_without_click": np.abs(of_cvr[1][y == 0]).min(),
    }


def conflict(rows: int = 500) -> dict[str, float]:
    """Compare the two losses' slopes on the CTR logit of clicks without a conversion."""
    log, a, b = _logits(rows)
    first, second = np.asarray(_slopes(a, b, log.click, log.conversion)[0])
    lost = (log.click == 1) & (log.conversion == 0)
    pi = (sigmoid(a) * sigmoid(b))[lost]
    return {"off_the_opposition": np.abs(second[lost] / first[lost] + pi / (1 - pi)).max()}


def _logits(rows: int) -> tuple[Log, Array, Array]:
    a, b = np.random.default_rng(0).normal(size=(2, rows))
    return draw(rows, 0), a, b


@jax.jit
def _slopes(a: Array, b: Array, click: Array, conversion: Array) -> tuple[jax.Array, jax.Array]:
    """Return the slopes of both losses by the rows' own logits, each (2, rows)."""

    def losses(a: jax.Array, b: jax.Array) -> jax.Array:
        return esmm_losses(a, b, click, conversion)

    own = jax.jacobian(losses, argnums=(0, 1))(a, b)
    return own[0], own[1]


def misspecified(rows: int) -> dict[str, float]:
    """Return errors of the mean CVR where the logit is bent, one way and the other."""
    logs = [draw(rows, 0, bend=bend) for bend in (0.3, -0.3)]
    clicked, entire = np.abs([[_error(log, loss) for log in logs] for loss in (of_clicks, esmm)])
    return {
        "least_error_of_clicked": clicked.min(),
        "error_over_clicked_bent_down": entire[0] / clicked[0],
        "error_over_clicked_bent_up": entire[1] / clicked[1],
    }


def _error(log: Log, loss: Callable[..., jax.Array]) -> float:
    # Rates instead of outcomes: both losses are linear in the labels, so nothing is left to chance.
    expected = log._replace(click=log.ctr, potential=log.cvr)
    truth = log.cvr.mean()
    return float((fit(expected, loss, 2)[1].mean() - truth) / truth)


def of_clicks(
    ctr: jax.Array, cvr: jax.Array, click: jax.Array, conversion: jax.Array
) -> jax.Array:  # fmt: skip
    """Losses of a click model and of a conversion model of clicks alone, for expected labels."""
    first = jnp.logaddexp(0.0, ctr) - click * ctr
    return (first + click * jnp.logaddexp(0.0, cvr) - conversion * cvr).mean()


def confounded(rows: int) -> dict[str, float]:
    """Fit ESMM by context alone, where clicks and conversions share a hidden cause."""
    feed = moo.data.simulate("mnar", num_rows=rows, seed=0)
    ctr, cvr, clicked = (
        np.asarray(feed[name], float) for name in ("true_ctr", "true_cvr", "true_cvr_clicked")
    )
    cell = np.asarray(feed["context"])
    # Expected outcomes again: of clicks, the rate with the hidden cause summed out.
    log = Log(np.eye(cell.max() + 1)[cell][:, 1:], ctr, cvr, ctr, clicked)
    click, conversion = np.bincount(cell, ctr), np.bincount(cell, log.conversion)
    p, q = click / np.bincount(cell), conversion / click
    at = np.log([p / (1 - p), q / (1 - q)])
    slope = jax.jit(jax.grad(lambda at, *seen: esmm(*at[:, cell], *seen)))
    return {
        "slope_at_the_clicked_rate": np.abs(slope(at, ctr, log.conversion)).max(),
        "confounded_esmm_over_truth": fit(log, esmm, 2)[1].mean() / cvr.mean(),
    }


def well_specified(rows: int, repeats: int) -> dict[str, float]:
    """Return biases of the mean CVR where logits are linear, in standard errors."""
    logs = [draw(rows, seed) for seed in range(repeats)]
    rates = [log.conversion.sum() / log.click.sum() / log.cvr.mean() for log in logs]
    found = {"clicked_rate_over_truth": min(rates)}
    for name, loss in (("clicked", naive), ("esmm", esmm)):
        off = np.array([fit(log, loss, 2)[1].mean() - log.cvr.mean() for log in logs])
        found[f"{name}_off_in_errors"] = abs(off.mean()) / (off.std(ddof=1) / np.sqrt(repeats))
    return found


def figures(settings: Settings) -> dict[str, Figure]:
    """Draw the error of the mean CVR along the bend of the true logit."""
    logs = [draw(settings["rows"], 0, bend=-square) for square in SQUARES]
    losses: Losses = {"clicks alone": of_clicks, "all impressions (ESMM)": esmm}
    with moo.plotting.style():
        figure, axes = one_panel(list(losses), "column")
        axes.axhline(0, color="#555555", linewidth=0.7)
        for k, (label, loss) in enumerate(losses.items()):
            off = [100 * _error(log, loss) for log in logs]
            axes.plot(SQUARES, off, series_marker(k) + "-", label=label, color=OKABE_ITO[k])
        axes.set(xlabel="coefficient of the square", ylabel="error of the mean CVR (%)")
        shared_legend(figure, axes)
        figure.freeze()
    return {"bias": figure}


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("esmm"))
