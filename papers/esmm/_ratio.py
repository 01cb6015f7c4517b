"""Few impressions, many times: the ratio of two models fitted apart, and the product."""

import jax
import jax.numpy as jnp
import numpy as np

from papers._draws import Array
from papers._entire_space import draw, esmm, fit

FEW = 2000  # impressions of a log


def ratio(repeats: int) -> dict[str, float]:
    """Fit ESMM and the ratio of two models to few impressions, with the same features each time."""
    shown, rng = draw(FEW, 0), np.random.default_rng(1)
    drawn = (rng.random((repeats, 2, FEW)) < [shown.ctr, shown.cvr]).astype(float)
    logs = [shown._replace(click=click, potential=potential) for click, potential in drawn]
    ours = np.array([fit(log, esmm, 2)[1] for log in logs])
    clicks, conversions = np.array([fit(log, separate, 2) for log in logs]).swapaxes(0, 1)
    rare = shown.ctr <= np.quantile(shown.ctr, 0.1)
    return {
        "division_above_one": np.mean(conversions > clicks),
        "esmm_above_one": np.mean(ours > 1),
        "division_spread_in_errors": wider((conversions / clicks)[:, rare], ours[:, rare]),
    }


def separate(
    ctr: jax.Array, ctcvr: jax.Array, click: jax.Array, conversion: jax.Array
) -> jax.Array:  # fmt: skip
    """Losses of a click model and of a model of clicks that convert."""
    first = jnp.logaddexp(0.0, ctr) - click * ctr
    return (first + jnp.logaddexp(0.0, ctcvr) - conversion * ctcvr).mean()


def wider(first: Array, second: Array) -> float:
    """Return the log ratio of two spreads over logs, (logs, n), in its jackknife standard error."""
    count = len(first)
    left = [_log_ratio(*(np.delete(one, i, axis=0) for one in (first, second)))
            for i in range(count)]  # fmt: skip
    return _log_ratio(first, second) / (np.std(left) * np.sqrt(count - 1))


def _log_ratio(first: Array, second: Array) -> float:
    spreads = [np.log(rates).std(axis=0).mean() for rates in (first, second)]
    return float(np.log(spreads[0] / spreads[1]))
