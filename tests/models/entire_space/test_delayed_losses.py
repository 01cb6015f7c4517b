"""The likelihood of late conversions over all impressions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.models import CONFLICT_MODES, delayed_losses, esmm_losses
from tests.models.entire_space.draws import CLICK, CONVERSION, cross_entropy, draw, sigmoid

pytestmark = pytest.mark.usefixtures("unoptimised")

ELAPSED = np.random.default_rng(1).uniform(0.1, 5, len(CLICK))


def test_values_follow_the_formulas(x64):
    a, b, c = logits = draw(3)
    p, q, rate = sigmoid(a), sigmoid(b), np.log1p(np.exp(c))
    seen = np.log(p * q * rate) - rate * ELAPSED
    silent = np.log1p(-p * q * -np.expm1(-rate * ELAPSED))
    expected = [
        cross_entropy(CLICK, p).mean(),
        -3 * np.where(CONVERSION, seen, silent).mean(),
    ]
    found = delayed_losses(*logits, CLICK, CONVERSION, ELAPSED, ctcvr_weight=3.0)
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_with_time_it_becomes_esmm_on_rows_without_conversion(x64):
    a, b, c = draw(3)
    nothing = 0 * CONVERSION
    late = delayed_losses(a, b, c, CLICK, nothing, np.full(len(a), 1e4))
    np.testing.assert_allclose(late, esmm_losses(a, b, CLICK, nothing), rtol=1e-12)
    early = delayed_losses(a, b, c, CLICK, nothing, np.full(len(a), 1e-12))
    np.testing.assert_allclose(early[1], 0, atol=1e-11)


def test_expected_gradient_at_the_truth_is_zero(x64):
    a, b, c = truth = jnp.array([0.4, -0.3, 0.7])
    p, q, rate, until = sigmoid(a), sigmoid(b), np.log1p(np.exp(c)), 1.5
    nodes, weights = np.polynomial.legendre.leggauss(40)
    times, weights = until / 2 * (nodes + 1), until / 2 * weights
    grad = jax.jit(jax.vmap(
        lambda y, z, t: jax.jacrev(lambda x: delayed_losses(*x[:, None], y, z, t))(truth)
    ))  # fmt: skip

    def slope(click, conversion, t):
        labels = (jnp.full((len(t), 1), label) for label in (click, conversion))
        return np.asarray(grad(*labels, jnp.asarray(t)[:, None]))

    density = p * q * rate * np.exp(-rate * times)
    none = p * (1 - q + q * np.exp(-rate * until))
    mean = np.tensordot(weights * density, slope(1, 1, times), 1)
    mean += none * slope(1, 0, [until])[0] + (1 - p) * slope(0, 0, [until])[0]
    np.testing.assert_allclose(mean, 0, atol=1e-12)


@pytest.mark.parametrize("conflict", CONFLICT_MODES)
def test_conflict_scales_what_the_click_gets(x64, conflict):
    a, b, c = jnp.asarray(draw(3))
    p = sigmoid(a)
    pi = p * sigmoid(b) * -np.expm1(-np.log1p(np.exp(c)) * ELAPSED)
    rho, opposed = 2 * pi / (1 - pi), CLICK & ~CONVERSION
    kept = {
        "none": 1.0,
        "stop_gradient": 0.0,
        "soft": np.select([CONVERSION, CLICK], [0.9, 0.5], 0.1),
        "cap": np.where(opposed, np.minimum(1, 0.3 / rho), 1),
        "mask": np.where(opposed, 0, 1),
        "unbiased_mask": np.select([CONVERSION, opposed], [(1 - p) / (1 - pi), 0], 1),
    }[conflict]
    full = np.where(CONVERSION, -2 * (1 - p), rho * (1 - p)) / len(a)

    @jax.jit
    @jax.jacrev
    def found(a):
        options = {"ctcvr_weight": 2.0, "coefficient": jnp.array([0.1, 0.5, 0.9]), "cap": 0.3}
        batch = CLICK, CONVERSION, ELAPSED
        return delayed_losses(a, b, c, *batch, conflict=conflict, **options)[1]

    np.testing.assert_allclose(found(a), kept * full, rtol=1e-9, atol=1e-15)


@jax.jit
def at_rates(c, label, elapsed):
    """The losses and their slopes by the rate's logit, which is the conversion's too."""

    def losses(c):
        return delayed_losses(jnp.zeros(6), c, c, *label, elapsed)

    return losses(c), jax.jacrev(losses)(c)


@pytest.mark.parametrize("time", [0.0, 1e-30, 1e-3, 1e6])
def test_finite_at_extreme_rates_and_times(time):
    c = np.float32([-1000, -40, -20, 0, 20, 1000])
    elapsed = np.full(6, time, np.float32)
    for converted in (0, 1):
        label = np.ones(6), np.full(6, converted)
        for found in at_rates(c, label, elapsed):
            assert np.isfinite(found).all()


def test_the_rate_is_accurate_where_softplus_rounds(x64):
    c = np.array([-50.0, -31.0, -29.0, -10.0])
    label = np.ones(4), np.ones(4)
    found = [delayed_losses(*(np.zeros((2, 1))), c[i : i + 1], *(x[:1] for x in label), [0.0])[1]
             for i in range(4)]  # fmt: skip
    np.testing.assert_allclose(found, np.log(4) - np.log(np.log1p(np.exp(c))), rtol=1e-12)


@pytest.mark.parametrize(
    ("elapsed", "message"),
    [
        (-ELAPSED, r"elapsed must be finite and at least 0, got -\d.* in row 0"),
        (np.where(CLICK, ELAPSED, np.nan), "elapsed must be finite and at least 0, got nan"),
        (np.where(CLICK, ELAPSED, np.inf), "elapsed must be finite and at least 0, got inf"),
        (ELAPSED[:3], "elapsed must have the shape of ctr_logit"),
    ],
)
def test_bad_times_are_named(elapsed, message):
    with pytest.raises(ValueError, match=message):
        delayed_losses(*np.float32(draw(3)), CLICK, CONVERSION, elapsed)
