import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.models import anchored_losses, esmm_losses, factorised_losses

pytestmark = pytest.mark.usefixtures("unoptimised")

LABELS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))


def rows(dtype=jnp.float32):
    rng = np.random.default_rng(0)
    a, b = (jnp.asarray(rng.normal(0, 2, 60), dtype) for _ in range(2))
    click, conversion = (jnp.asarray(np.tile([c[i] for c in LABELS], 20), dtype) for i in range(2))
    return a, b, click, conversion


@pytest.mark.parametrize("mode", ["none", "stop_gradient", "mask"])
def test_the_ends_are_esmm_and_the_factorised_likelihood(mode):
    batch = rows()

    def slopes(losses, **options):
        return jax.jit(jax.jacobian(functools.partial(losses, **options), (0, 1)))(*batch)

    pairs = (
        (slopes(anchored_losses, anchor=0.0, conflict=mode), slopes(esmm_losses, conflict=mode)),
        (slopes(anchored_losses, ctcvr_weight=0.0, conflict=mode), slopes(factorised_losses)),
    )
    for found, expected in pairs:
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9)


def test_the_cvr_loss_of_the_clicks_is_added():
    batch = rows()
    found = anchored_losses(*batch, anchor=0.25, ctcvr_weight=3.0)
    expected = esmm_losses(*batch, ctcvr_weight=3.0)[1] + 0.25 * factorised_losses(*batch)[1]
    np.testing.assert_allclose(found[1], expected, rtol=1e-6)
    np.testing.assert_allclose(found[0], esmm_losses(*batch)[0], rtol=1e-6)


def test_the_residual_of_the_product_is_made_of_those_of_its_factors():
    a, b, y, z = rows()
    p, q = jax.nn.sigmoid(a), jax.nn.sigmoid(b)
    np.testing.assert_allclose(p * q - z, q * (p - y) + y * (q - z), atol=1e-6)


def test_nothing_is_to_gain_at_the_truth(x64):
    """The expectation over labels, class by class, of both losses' gradients."""
    a, b = (jnp.linspace(-2, 2, 9, dtype=jnp.float64) + shift for shift in (0.0, 0.5))
    p, q = jax.nn.sigmoid(a), jax.nn.sigmoid(b)
    chances = (1 - p, p * (1 - q), p * q)

    def total(a, b):
        losses = [
            anchored_losses(a, b, jnp.full(9, y), jnp.full(9, z), sample_weight=chance).sum()
            * chance.sum() for (y, z), chance in zip(LABELS, chances, strict=True)
        ]  # fmt: skip
        return sum(losses)

    for gradient in jax.jit(jax.grad(total, (0, 1)))(a, b):
        np.testing.assert_allclose(gradient, 0, atol=1e-12)


def test_an_anchor_is_checked_and_may_be_traced():
    with pytest.raises(ValueError, match=r"anchor must be finite and at least 0, got -0\.5"):
        anchored_losses(*rows(), anchor=-0.5)
    values = jax.jit(jax.vmap(lambda anchor: anchored_losses(*rows(), anchor=anchor)))(
        jnp.array([0.0, 0.5, 1.0])
    )
    np.testing.assert_allclose(values[1], values[::2].mean(axis=0), rtol=1e-6)


def test_extreme_logits_are_finite():
    a, b = jnp.float32([-1e3, 1e3, 1e3, -1e3]), jnp.float32([1e3, 1e3, -1e3, -1e3])

    @jax.jit
    @jax.value_and_grad
    def found(a, y, z):
        return anchored_losses(a, b, jnp.full(4, y), jnp.full(4, z)).sum()

    for label in LABELS:
        losses, slopes = found(a, *label)
        assert np.isfinite(losses)
        assert np.isfinite(slopes).all()
