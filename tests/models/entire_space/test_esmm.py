"""The complete conflict, seen through the whole model, and which loss reaches what."""

import functools
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from moo.models import ESMM, apply, esmm_losses, functional

pytestmark = pytest.mark.usefixtures("unoptimised")

COLUMNS = [
    SimpleNamespace(name="user", kind="categorical", vocabulary=7),
    SimpleNamespace(name="tags", kind="multi", vocabulary=5),
    SimpleNamespace(name="age", kind="numeric", vocabulary=None),
    SimpleNamespace(name="click", kind="label", vocabulary=None),
]
ROWS = 24


@functools.cache
def build_esmm():
    return functional(ESMM(columns=COLUMNS, hidden=(6, 4), rngs=nnx.Rngs(3)))


@pytest.fixture(scope="module")
def model():
    return build_esmm()


@pytest.fixture(scope="module")
def batch():
    rng = np.random.default_rng(0)
    return {
        "user": rng.integers(7, size=ROWS),
        "tags": rng.integers(-1, 5, size=(ROWS, 3)),
        "age": rng.normal(size=ROWS).astype(np.float32),
    }


@functools.cache
def rows_of_one_sample(conflict):
    """Both losses' gradients on one sample alone, compiled once a mode."""
    graphdef, _, model_state = build_esmm()

    def losses(params, row, click, conversion):
        logits, _ = apply(graphdef, params, model_state, jax.tree.map(lambda x: x[None], row))
        labels = click[None], conversion[None]
        return esmm_losses(*logits.T, *labels, ctcvr_weight=3.0, conflict=conflict)

    return jax.jit(jax.vmap(jax.jacrev(losses), (None, 0, None, None)))


def per_sample_rows(model, batch, click, conversion, conflict="none"):
    """Leaves (n, 2, ...) in numpy."""
    rows = rows_of_one_sample(conflict)(model[1], batch, jnp.array(click), jnp.array(conversion))
    return jax.device_get(rows)


def cosines(rows):
    """Cosine of each sample's two gradients on one leaf, where both are non-zero."""
    rows = np.asarray(rows, np.float64).reshape(len(rows), 2, -1)
    norms = np.linalg.norm(rows, axis=-1)
    some = (norms > 0).all(axis=1)
    return np.sum(rows[some, 0] * rows[some, 1], axis=-1) / norms[some].prod(axis=1)


@pytest.mark.parametrize(("click", "conversion", "expected"), [(1, 0, -1), (0, 0, 1), (1, 1, 1)])
def test_every_sample_has_cosine_one_or_minus_one_at_every_ctr_tower_leaf(
    model, batch, click, conversion, expected
):
    rows = per_sample_rows(model, batch, click, conversion)
    leaves = jax.tree.leaves(rows["ctr_tower"])
    assert len(leaves) == 6
    for leaf in leaves:
        found = cosines(leaf)
        assert len(found) > ROWS // 2
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_stop_gradient_frees_the_tower_and_leaves_the_embeddings_their_own_angle(model, batch):
    rows = per_sample_rows(model, batch, 1, 0, conflict="stop_gradient")
    for leaf in jax.tree.leaves(rows["ctr_tower"]):
        np.testing.assert_array_equal(leaf[:, 1], 0)
    graphdef, params, model_state = model

    def logits(params, row):
        return apply(graphdef, params, model_state, jax.tree.map(lambda x: x[None], row))[0][0]

    sensitivities = jax.jit(jax.vmap(jax.jacrev(logits), (None, 0)))(params, batch)
    table, direction = (
        tree["features"]["tables"]["user"]["embedding"] for tree in (rows, sensitivities)
    )
    np.testing.assert_allclose(cosines(table), -cosines(direction), rtol=0, atol=1e-5)


def test_shared_is_what_both_losses_reach(model, batch):
    rows = per_sample_rows(model, batch, 1, 0)
    mask = ESMM.shared(model[1])
    assert mask == {"features": True, "ctr_tower": True, "cvr_tower": False}
    for part, shared in mask.items():
        for leaf in jax.tree.leaves(rows[part]):
            assert bool(np.any(leaf[:, 0] != 0)) is shared
            assert np.any(leaf[:, 1] != 0)


def test_only_two_tasks():
    with pytest.raises(ValueError, match="num_tasks must be 2"):
        ESMM(columns=COLUMNS, num_tasks=3, rngs=nnx.Rngs(0))
