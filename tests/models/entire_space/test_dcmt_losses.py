"""Factual and counterfactual risks, self-normalised, with a soft constraint."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.models import dcmt_losses, esmm_losses
from tests.models.entire_space.draws import CLICK, CONVERSION, cross_entropy, draw, sigmoid

pytestmark = pytest.mark.usefixtures("unoptimised")


def test_values_follow_the_formulas(x64):
    a, b, other = draw(3)
    p, q, opposite = sigmoid(a), sigmoid(b), sigmoid(other)
    clicked, passed_by = CLICK / p, (1 - CLICK) / (1 - p)
    factual = np.average(cross_entropy(CONVERSION, q), weights=clicked)
    counterfactual = np.average(-np.log(opposite), weights=passed_by)
    risk = factual + counterfactual + 0.1 * np.abs(q + opposite - 1).mean()
    outer = esmm_losses(a, b, CLICK, CONVERSION, ctcvr_weight=2.0)
    found = dcmt_losses(
        *(a, b, other, CLICK, CONVERSION),
        constraint=0.1,
        clip=1e9,
        cvr_weight=0.5,
        ctcvr_weight=2.0,
    )
    np.testing.assert_allclose(found, [outer[0], 0.5 * risk, outer[1]], rtol=1e-10)


def test_which_rows_teach_which_tower(x64):
    logits = jnp.asarray(draw(3))

    def rows(**options):
        losses = functools.partial(dcmt_losses, click=CLICK, conversion=CONVERSION, **options)
        return jax.jit(jax.jacrev(lambda x: losses(*x)))(logits)[1]

    free = rows(constraint=0.0)
    np.testing.assert_array_equal(free != 0, np.stack([0 * CLICK, CLICK, ~CLICK]))
    np.testing.assert_array_equal(rows(detach=False)[0] != 0, np.ones(len(CLICK)))
    assert (rows(constraint=1.0)[1:] != free[1:]).all()


def test_self_normalised_weights_forgive_a_common_factor(x64):
    _, b, other = draw(3)
    rates = [
        dcmt_losses(np.full(len(b), a), b, other, CLICK, CONVERSION, clip=1e9)[1]
        for a in (-3.0, 1.0)
    ]
    np.testing.assert_allclose(rates[0], rates[1], rtol=1e-12)


@pytest.mark.parametrize("label", [0, 1])
def test_without_clicks_or_without_others_it_is_finite(label):
    a, b, other = np.float32(draw(3))
    click = np.full(len(a), label)
    found = jax.jit(jax.jacrev(lambda b: dcmt_losses(a, b, other, click, 0 * click)))(b)
    assert np.isfinite(found).all()


def test_bad_options_are_named():
    a, b, other = np.float32(draw(3))
    with pytest.raises(ValueError, match="constraint must be finite and at least 0"):
        dcmt_losses(a, b, other, CLICK, CONVERSION, constraint=-1.0)
