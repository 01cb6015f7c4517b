"""The probe holds what its parts measure, and can be scanned and mapped."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from moo.diagnostics import (
    class_cosines,
    clicked_conflict_share,
    conflict_probe,
    esmm_classes,
    frequency_classes,
    opposition_quantiles,
    removed_click_signal,
)
from moo.models import esmm_losses

pytestmark = pytest.mark.usefixtures("unoptimised")

ROWS, USERS = 40, 6
RNG = np.random.default_rng(0)
USER = jnp.asarray(RNG.integers(0, USERS, ROWS))
FEATURES = jnp.asarray(RNG.normal(size=(ROWS, 3)), jnp.float32)
CLICK = jnp.arange(ROWS) % 2
CONVERSION = (jnp.arange(ROWS) % 6 == 1).astype(int)
FREQUENCY = frequency_classes(USER, jnp.arange(USERS) ** 2, quantiles=(0.5,))
SHAPES = {"users": (USERS, 3), "ctr": (3,), "cvr": (3,)}
PARAMS = {name: jnp.asarray(RNG.normal(size=shape), jnp.float32) for name, shape in SHAPES.items()}


def model(params, features):
    """Two linear towers on features that the users' embeddings shift."""
    shared = features + params["users"][USER]
    return jnp.stack([shared @ params["ctr"], shared @ params["cvr"]], axis=-1)


probe = functools.partial(
    conflict_probe, model, click=CLICK, conversion=CONVERSION, frequency=FREQUENCY, ctcvr_weight=5.0
)


@pytest.fixture(scope="module")
def found():
    return jax.jit(probe)(PARAMS, FEATURES)


def test_each_cell_is_the_class_of_that_frequency(found):
    def objectives(params, where):
        a, b = model(params, FEATURES).T
        return esmm_losses(a, b, CLICK, CONVERSION, where=where, ctcvr_weight=5.0)

    labels = [*esmm_classes(CLICK, CONVERSION), jnp.ones(ROWS, bool)]
    seen = [jnp.ones(ROWS, bool), *FREQUENCY]
    classes = jnp.stack([label & frequency for label in labels for frequency in seen])
    expected = class_cosines(objectives, PARAMS, classes=classes)
    np.testing.assert_array_equal(found.counts, expected.counts.reshape(4, 3))
    assert found.layers.keys() == SHAPES.keys()
    for name, layer in expected.layers.items():
        cosines, norms = found.layers[name]
        np.testing.assert_allclose(cosines, layer.cosines.reshape(4, 3, 2, 2), atol=1e-5)
        np.testing.assert_allclose(norms, layer.norms.reshape(4, 3, 2), rtol=1e-4)


def test_strength_is_that_of_the_clicks(found):
    a, b = model(PARAMS, FEATURES).T
    share = clicked_conflict_share(a, b, CLICK, ctcvr_weight=5.0)
    np.testing.assert_allclose(found.share, share, rtol=1e-6)
    rho = opposition_quantiles(a, b, CLICK, ctcvr_weight=5.0)
    np.testing.assert_allclose(found.rho, rho, rtol=1e-5)


def test_a_probe_can_be_scanned_and_mapped(found):
    stacked = jax.tree.map(lambda leaf: jnp.stack([leaf, 0.9 * leaf]), PARAMS)
    _, over_time = jax.lax.scan(lambda c, p: (c, probe(p, FEATURES)), None, stacked)
    mapped = jax.vmap(lambda p: probe(p, FEATURES))(stacked)
    for leaf, one, other in zip(*map(jax.tree.leaves, (found, over_time, mapped)), strict=True):
        np.testing.assert_allclose(one[0], leaf, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-5)


def test_other_losses_take_the_columns_of_the_logits():
    def losses(ctr_logit, cvr_logit, extra, click, conversion, *, where):
        stopped = esmm_losses(
            ctr_logit, cvr_logit, click, conversion, where=where, conflict="stop_gradient"
        )
        return jnp.append(stopped, jnp.mean(extra))

    def wider(params, features):
        return jnp.pad(model(params, features), ((0, 0), (0, 1)))

    found = conflict_probe(
        wider, PARAMS, FEATURES, click=CLICK, conversion=CONVERSION, losses=losses
    )
    assert found.layers["ctr"].cosines.shape == (4, 1, 3, 3)
    np.testing.assert_array_equal(found.layers["ctr"].cosines[:, :, 0, 1], 0)


def test_an_aggregator_is_probed_for_the_clicks_that_it_removes():
    tx = moo.aggregator("sum", num_objectives=2)
    found = probe(PARAMS, FEATURES, aggregator=tx).removed

    def objectives(params, where):
        a, b = model(params, FEATURES).T
        return esmm_losses(a, b, CLICK, CONVERSION, where=where, ctcvr_weight=5.0)

    expected = removed_click_signal(tx, objectives, PARAMS, CLICK)
    for layer in ("users", "ctr"):
        np.testing.assert_allclose(found[layer], expected[layer], rtol=1e-4)
    assert np.isnan(found["cvr"])


def test_double_precision_is_kept():
    with jax.enable_x64(True):
        params = jax.tree.map(lambda leaf: jnp.asarray(np.asarray(leaf), jnp.float64), PARAMS)
        found = probe(params, FEATURES)
        assert {leaf.dtype.name for leaf in jax.tree.leaves(found)} == {"float64", "int32"}


@pytest.mark.parametrize(
    ("frequency", "error", "message"),
    [
        (FREQUENCY[0], ValueError, r"frequency must be \(F - 1, 40\), got \(40,\)"),
        (FREQUENCY.astype(int), TypeError, "frequency must be boolean"),
    ],
)
def test_frequencies_that_do_not_fit_are_named(frequency, error, message):
    with pytest.raises(error, match=message):
        probe(PARAMS, FEATURES, frequency=frequency)


def test_logits_of_one_task_are_refused():
    with pytest.raises(ValueError, match=r"model must return logits \(n, T\) with T at least 2"):
        conflict_probe(lambda params: jnp.zeros((3, 1)), {}, click=CLICK, conversion=CONVERSION)
