"""Impressions with known rates, and logistic models of them fitted by the package's losses."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize

from moo.models import escm2_losses, esmm_losses

Array = np.ndarray[Any, np.dtype[np.floating[Any]]]


class Log(NamedTuple):
    """What was shown: features (n, 2), true rates, clicks, potential and seen conversions."""

    x: Array
    ctr: Array
    cvr: Array
    click: Array
    potential: Array

    @property
    def conversion(self) -> Array:
        """Conversions that are seen: on clicks only."""
        return self.click * self.potential


def draw(rows: int, seed: int, *, correlation: float = 0.8, bend: float = 0.0) -> Log:
    """Draw a log whose click and conversion logits are correlated.

    Args:
        rows: impressions.
        seed: of features and outcomes.
        correlation: of the two logits, without the bend.
        bend: how much the conversion logit falls with the square of the first feature.
    """
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 2))
    along = correlation * x[:, 0] + np.sqrt(1 - correlation**2) * x[:, 1]
    ctr = sigmoid(-1 + 1.2 * x[:, 0])
    cvr = sigmoid(-1.5 + 1.2 * along - bend * x[:, 0] ** 2)
    click, potential = rng.random((2, rows)) < [ctr, cvr]
    return Log(x, ctr, cvr, click.astype(float), potential.astype(float))


def sigmoid(logits: Array) -> Array:
    """Return 1 / (1 + exp(-a))."""
    return np.asarray(1 / (1 + np.exp(-logits)))


def fit(log: Log, loss: Callable[..., jax.Array], logits: int) -> Array:
    """Return the rates (logits, n) of logistic models that minimise a loss of the logits."""
    inputs = np.column_stack([np.ones(len(log.x)), log.x])

    def value(flat: Array) -> tuple[float, Array]:
        found, slope = _value(flat.reshape(logits, -1), inputs, log.click, log.conversion, loss)
        return float(found), np.asarray(slope).ravel()

    start = np.zeros(logits * inputs.shape[1])
    found = minimize(value, start, jac=True, method="BFGS", options={"gtol": 1e-6})
    return sigmoid(found.x.reshape(logits, -1) @ inputs.T)


@partial(jax.jit, static_argnames="loss")
def _value(
    weights: Array, inputs: Array, click: Array, conversion: Array, loss: Callable[..., jax.Array]
) -> Any:
    def objective(weights: jax.Array) -> jax.Array:
        return loss(*(weights @ inputs.T), click, conversion)

    return jax.value_and_grad(objective)(weights)


def esmm(*logits_and_labels: jax.Array) -> jax.Array:
    """Sum of the two losses of ESMM."""
    return esmm_losses(*logits_and_labels).sum()


def ips(*logits_and_labels: jax.Array) -> jax.Array:
    """CTR loss and CVR risk by inverse propensity, without the product."""
    return escm2_losses(*logits_and_labels, clip=1e6)[:2].sum()


def naive(
    ctr: jax.Array, cvr: jax.Array, click: jax.Array, conversion: jax.Array
) -> jax.Array:  # fmt: skip
    """CTR loss, and the CVR's on clicked impressions alone."""
    error = jnp.logaddexp(0.0, cvr) - conversion * cvr
    clicks = jnp.logaddexp(0.0, ctr) - click * ctr
    return clicks.mean() + (click * error).sum() / click.sum()
