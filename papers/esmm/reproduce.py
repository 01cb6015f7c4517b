"""ESMM: its product, the ratio that it avoids, and what it makes of selection, on known rates."""

import sys
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

import moo.data
from moo.models import esmm_losses
from papers._draws import Array
from papers._entire_space import Log, draw, esmm, fit, naive, sigmoid
from papers._paper import Settings

FEW = 2000  # impressions of a log on which the ratio of two models is tried


def measure(settings: Settings) -> dict[str, float]:
    """Return what is measured, by the quantities of `expected.json`."""
    rows, repeats = settings["rows"], settings["repeats"]
    return {
        **product(), **conflict(), **ratio(repeats), **misspecified(rows), **confounded(rows),
        **well_specified(rows, repeats),
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


def ratio(repeats: int) -> dict[str, float]:
    """Fit ESMM and the ratio of two models to few impressions, with the same features each time."""
    shown, rng = draw(FEW, 0), np.random.default_rng(1)
    drawn = (rng.random((repeats, 2, FEW)) < [shown.ctr, shown.cvr]).astype(float)
    logs = [shown._replace(click=click, potential=potential) for click, potential in drawn]
    ours = np.array([fit(log, esmm, 2)[1] for log in logs])
    clicks, conversions = np.array([fit(log, separate, 2) for log in logs]).swapaxes(0, 1)
    rare = shown.ctr <= np.quantile(shown.ctr, 0.1)
    spreads = [np.log(cvr[:, rare]).std(axis=0).mean() for cvr in (conversions / clicks, ours)]
    return {
        "division_above_one": np.mean(conversions > clicks),
        "esmm_above_one": np.mean(ours > 1),
        "division_spread_over_esmm": spreads[0] / spreads[1],
    }


def separate(
    ctr: jax.Array, ctcvr: jax.Array, click: jax.Array, conversion: jax.Array
) -> jax.Array:  # fmt: skip
    """Losses of a click model and of a model of clicks that convert."""
    first = jnp.logaddexp(0.0, ctr) - click * ctr
    return (first + jnp.logaddexp(0.0, ctcvr) - conversion * ctcvr).mean()


def misspecified(rows: int) -> dict[str, float]:
    """Return errors of the mean CVR where the logit is bent, one way and the other."""
    logs = [draw(rows, 0, bend=bend) for bend in (0.3, -0.3)]
    clicked, entire = (np.array([_error(log, loss) for log in logs]) for loss in (of_clicks, esmm))
    return {
        "least_error_of_clicked": clicked.min(),
        "error_over_clicked_bent_down": entire[0] / clicked[0],
        "error_over_clicked_bent_up": entire[1] / clicked[1],
    }


def _error(log: Log, loss: Callable[..., jax.Array]) -> float:
    # Rates instead of outcomes: both losses are linear in the labels, so nothing is left to chance.
    expected = log._replace(click=log.ctr, potential=log.cvr)
    truth = log.cvr.mean()
    return float(abs(fit(expected, loss, 2)[1].mean() - truth) / truth)


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


if __name__ == "__main__":
    from papers._command import reproduce

    sys.exit(reproduce("esmm"))
