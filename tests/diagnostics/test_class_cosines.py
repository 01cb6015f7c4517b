"""Conflict by sample class: against each class's own gradients, and on the ESMM towers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.diagnostics import class_cosines, esmm_classes
from moo.models import esmm_losses

pytestmark = pytest.mark.usefixtures("unoptimised")

ROWS = 30
RNG = np.random.default_rng(0)
FEATURES = jnp.asarray(RNG.normal(size=(ROWS, 4)), jnp.float32)
CLICK = jnp.arange(ROWS) % 2
CONVERSION = (jnp.arange(ROWS) % 6 == 1).astype(int)
PARAMS = {
    "ctr_tower": jnp.asarray(RNG.normal(size=4), jnp.float32),
    "cvr_tower": jnp.asarray(RNG.normal(size=4), jnp.float32),
}


def objectives(params, features, where, **options):
    """Linear towers."""
    logits = features @ params["ctr_tower"], features @ params["cvr_tower"]
    return esmm_losses(*logits, CLICK, CONVERSION, where=where, **options)


@pytest.fixture(scope="module")
def found():
    classes = esmm_classes(CLICK, CONVERSION)
    return jax.jit(lambda params: class_cosines(objectives, params, FEATURES, classes=classes))(
        PARAMS
    )


def sigmoid(logit):
    return 1 / (1 + np.exp(-np.asarray(logit, np.float64)))


def test_each_class_has_the_cosine_of_its_own_subset(found):
    p, q = (sigmoid(FEATURES @ PARAMS[tower]) for tower in ("ctr_tower", "cvr_tower"))
    first, second = p - CLICK, (p * q - CONVERSION) * (1 - p) / (1 - p * q)
    tower = found.layers["ctr_tower"]
    np.testing.assert_array_equal(found.counts, [15, 10, 5])
    for index, mask in enumerate(np.asarray(esmm_classes(CLICK, CONVERSION))):
        one, other = (np.mean(x[mask, None] * FEATURES[mask], axis=0) for x in (first, second))
        norms = np.linalg.norm(one), np.linalg.norm(other)
        cosine = one @ other / np.prod(norms)
        np.testing.assert_allclose(tower.cosines[index, 0, 1], cosine, atol=1e-5)
        np.testing.assert_allclose(tower.norms[index], norms, rtol=1e-4)


def test_classes_pull_the_ctr_tower_apart_or_together(found):
    unclicked, unconverted, converted = found.layers["ctr_tower"].cosines[:, 0, 1]
    assert unclicked > 0
    assert unconverted < 0
    np.testing.assert_allclose(converted, 1, atol=1e-6)
    np.testing.assert_array_equal(found.layers["cvr_tower"].cosines[:, 0, 1], 0)


def test_one_row_a_class_gives_minus_one_on_every_unconverted_click():
    by_row = class_cosines(
        objectives, PARAMS, FEATURES, classes=jnp.eye(ROWS, dtype=bool), depth=None
    )
    expected = jnp.where((CLICK == 1) & (CONVERSION == 0), -1, 1)
    np.testing.assert_allclose(
        by_row.layers["ctr_tower"].cosines[:, 0, 1], expected, rtol=0, atol=1e-6
    )


def test_a_class_without_rows_is_counted_and_nan():
    classes = jnp.stack((jnp.ones(ROWS, bool), jnp.zeros(ROWS, bool)))
    found = class_cosines(objectives, PARAMS, FEATURES, classes=classes, depth=0)
    np.testing.assert_array_equal(found.counts, [ROWS, 0])
    assert np.isfinite(found.layers[""].cosines[0]).all()
    assert np.isnan(found.layers[""].cosines[1]).all()
    assert np.isnan(found.layers[""].norms[1]).all()


def test_auxiliary_output_is_dropped_and_leaves_are_chosen():

    def with_aux(*args, where):
        return objectives(*args, where=where), "state"

    found = class_cosines(
        with_aux,
        PARAMS,
        FEATURES,
        classes=jnp.ones((1, ROWS), bool),
        has_aux=True,
        only=lambda path: path == "ctr_tower",
    )
    assert list(found.layers) == ["ctr_tower"]


@pytest.mark.parametrize(
    ("classes", "error", "message"),
    [
        (np.ones((3, ROWS)), TypeError, "classes must be boolean, got float"),
        (np.ones(ROWS, bool), ValueError, r"classes must have shape \(C, n\), got \(30,\)"),
    ],
)
def test_bad_classes_are_named(classes, error, message):
    with pytest.raises(error, match=message):
        class_cosines(objectives, PARAMS, FEATURES, classes=classes)
