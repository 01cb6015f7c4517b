"""ESMM's losses with a debiased CVR risk between them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.models import CONFLICT_MODES, escm2_losses, esmm_losses
from tests.models.entire_space.draws import CLICK, CONVERSION, cross_entropy, draw, sigmoid


def by_method(method, **options):
    def losses(a, b, c):
        extra = {"imputation_logit": c} if method == "dr" else {}
        return escm2_losses(a, b, CLICK, CONVERSION, method=method, **extra, **options)

    return losses


def gradients(losses, logits):
    return jax.jit(jax.jacrev(losses, (0, 1, 2)))(*jnp.asarray(logits))


def test_values_follow_the_formulas(x64):
    a, b, c = logits = draw(3)
    p, q, imputed = sigmoid(a), sigmoid(b), np.log1p(np.exp(c))
    inverse = np.minimum(1 / p, 4)
    error = cross_entropy(CONVERSION, q)
    ips = np.mean(CLICK * inverse * error)
    gap = CLICK * inverse * (error - imputed)
    dr = np.mean(imputed + gap + gap * (error - imputed))
    outer = esmm_losses(a, b, CLICK, CONVERSION, ctcvr_weight=2.0)
    for method, risk in (("ips", ips), ("dr", dr)):
        found = by_method(method, clip=4.0, cvr_weight=0.5, ctcvr_weight=2.0)(*logits)
        np.testing.assert_allclose(found, [outer[0], 0.5 * risk, outer[1]], rtol=1e-12)


@pytest.mark.parametrize("method", ["ips", "dr"])
def test_a_detached_propensity_leaves_the_ctr_tower_alone(x64, method):
    a, b, c = logits = draw(3)
    by_a, by_b, by_c = gradients(by_method(method), logits)
    np.testing.assert_array_equal(by_a[1], 0)
    assert (by_b[1][CLICK] != 0).all()
    assert bool((by_c[1] != 0).any()) is (method == "dr")
    np.testing.assert_array_equal(by_c[jnp.array([0, 2])], 0)
    attached, _, _ = gradients(by_method(method, detach=False), logits)
    error, imputed = cross_entropy(CONVERSION, sigmoid(b)), np.log1p(np.exp(c))
    gap = error - imputed
    slope = error if method == "ips" else gap + gap**2
    expected = -(CLICK * np.exp(-a)) * slope / len(a)
    np.testing.assert_allclose(attached[1], expected, rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("conflict", CONFLICT_MODES)
def test_conflict_acts_on_the_product_as_in_esmm(conflict):
    a, b, _ = np.float32(draw(3))
    options = {"conflict": conflict, "ctcvr_weight": 3.0, "cap": 0.5}
    expected = jax.jit(jax.jacrev(lambda a: esmm_losses(a, b, CLICK, CONVERSION, **options)[1]))(a)
    found = jax.jit(jax.jacrev(lambda a: escm2_losses(a, b, CLICK, CONVERSION, **options)[2]))(a)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "ipw"}, "method must be 'ips' or 'dr', got 'ipw'"),
        ({"method": "dr"}, "imputation_logit is needed for method='dr'"),
        ({"imputation_logit": np.zeros(30)}, "imputation_logit is needed for method='dr' and only"),
        ({"cvr_weight": -1.0}, "cvr_weight must be finite and at least 0"),
        ({"clip": 0.0}, "clip must be finite and at least 1"),
        ({"method": "dr", "imputation_logit": np.zeros(3)}, "imputation_logit must have the shape"),
    ],
)
def test_bad_options_are_named(change, message):
    a, b, _ = np.float32(draw(3))
    with pytest.raises(ValueError, match=message):
        escm2_losses(a, b, CLICK, CONVERSION, **change)


def test_an_imputation_logit_is_floating():
    a, b, _ = np.float32(draw(3))
    with pytest.raises(TypeError, match="imputation_logit must be floating"):
        escm2_losses(a, b, CLICK, CONVERSION, method="dr", imputation_logit=np.zeros(30, int))
