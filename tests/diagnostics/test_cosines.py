"""Cosines by pair and by layer against plain numpy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from moo.diagnostics import cosine_matrix, layer_cosines

RNG = np.random.default_rng(0)
ROWS = {
    "tower": {"kernel": RNG.normal(size=(3, 4, 2)), "bias": RNG.normal(size=(3, 2))},
    "table": RNG.normal(size=(3, 5)),
}
ROWS = jax.tree.map(jnp.float32, ROWS)


def cosines(*leaves):
    flat = np.concatenate([np.asarray(leaf, np.float64).reshape(3, -1) for leaf in leaves], axis=1)
    norms = np.linalg.norm(flat, axis=1)
    return flat @ flat.T / np.outer(norms, norms), norms


def test_cosine_matrix_of_a_jacobian_and_of_its_gram():
    jac = moo.stacked_jacobian(ROWS)
    expected, _ = cosines(*jax.tree.leaves(ROWS))
    np.testing.assert_allclose(cosine_matrix(jac), expected, atol=1e-6)
    np.testing.assert_array_equal(cosine_matrix(jac.gram()), cosine_matrix(jac))


@pytest.mark.parametrize(
    ("depth", "groups"),
    [
        (None, ("table", "tower/bias", "tower/kernel")),
        (1, ("table", "tower")),
        (0, ("",)),
    ],
)
def test_layers_group_by_their_path(depth, groups):
    members = {
        "": jax.tree.leaves(ROWS),
        "table": [ROWS["table"]],
        "tower": jax.tree.leaves(ROWS["tower"]),
        "tower/bias": [ROWS["tower"]["bias"]],
        "tower/kernel": [ROWS["tower"]["kernel"]],
    }
    layers = layer_cosines(moo.stacked_jacobian(ROWS), depth=depth)
    assert tuple(sorted(layers)) == groups
    for path, layer in layers.items():
        expected, norms = cosines(*members[path])
        np.testing.assert_allclose(layer.cosines, expected, atol=1e-6)
        np.testing.assert_allclose(layer.norms, norms, rtol=1e-5)


def test_gradients_of_any_size_have_a_cosine():
    scale = jnp.float32([1e-25, 1.0, 1e18])
    scaled = jax.tree.map(lambda leaf: leaf * scale.reshape(3, *[1] * (leaf.ndim - 1)), ROWS)
    expected, _ = cosines(ROWS["table"])
    layers = layer_cosines(moo.stacked_jacobian(scaled))
    np.testing.assert_allclose(layers["table"].cosines, expected, atol=1e-6)


def test_a_zero_gradient_has_cosine_zero():
    rows = jnp.float32([[1.0, 2.0], [0.0, 0.0]])
    layer = layer_cosines(moo.stacked_jacobian(rows))[""]
    np.testing.assert_array_equal(layer.cosines, [[1, 0], [0, 0]])
    np.testing.assert_allclose(layer.norms, [np.sqrt(5), 0], rtol=1e-6)


def test_only_keeps_the_leaves_that_it_accepts():
    layers = layer_cosines(moo.stacked_jacobian(ROWS), only=lambda path: path.endswith("bias"))
    assert list(layers) == ["tower/bias"]
    with pytest.raises(ValueError, match="only must accept at least one leaf"):
        layer_cosines(moo.stacked_jacobian(ROWS), only=lambda path: False)


def test_bad_input_is_named():
    with pytest.raises(TypeError, match=r"jac must be a Jacobian or its Gram, got dict"):
        cosine_matrix(ROWS)
    with pytest.raises(TypeError, match="jac must be a Jacobian, got dict"):
        layer_cosines(ROWS)
    with pytest.raises(ValueError, match="depth must be None or at least 0, got -1"):
        layer_cosines(moo.stacked_jacobian(ROWS), depth=-1)
