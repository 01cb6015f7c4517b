"""What holds for every tower over a behaviour sequence."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from moo.models import BehaviourTransformer, TargetAttention

pytestmark = pytest.mark.usefixtures("unoptimised")

ITEM = SimpleNamespace(name="item", kind="categorical", vocabulary=6)
PRICE = SimpleNamespace(name="price", kind="numeric", vocabulary=None)
SEEN = SimpleNamespace(name="seen", kind="sequence", vocabulary=6, of="item")
BATCH = {
    "item": jnp.array([0, 3, 3, 5]),
    "price": jnp.float32([0.5, -1.0, 2.0, 0.0]),
    "seen": jnp.array([[1, 2, 4], [3, -1, -1], [-1, -1, -1], [5, 5, 0]]),
}
TOWERS = [TargetAttention, BehaviourTransformer]
every_tower = pytest.mark.parametrize("tower", TOWERS)


def build(tower, **options):
    return tower([ITEM, PRICE, SEEN], 4, rngs=nnx.Rngs(0), **options)


@every_tower
def test_the_interest_stands_behind_the_other_features(tower):
    inputs = build(tower)
    outputs = inputs(BATCH)
    assert outputs.shape == (4, inputs.width) == (4, 12)
    np.testing.assert_array_equal(outputs[:, :8], inputs.features(BATCH))


@every_tower
def test_more_padding_changes_nothing(tower):
    inputs = build(tower)
    padded = jnp.pad(BATCH["seen"], ((0, 0), (0, 3)), constant_values=-1)
    np.testing.assert_allclose(inputs(BATCH | {"seen": padded}), inputs(BATCH), atol=1e-6)


@every_tower
def test_history_and_target_share_one_table(tower):
    inputs = build(tower)
    graphdef, state = nnx.split(inputs)
    assert set(inputs.features.tables) == {"item"}

    def interest(state):
        return (nnx.merge(graphdef, state)(BATCH)[0, 8:] ** 2).sum()

    reached = jax.jit(jax.grad(interest))(state)["features"]["tables"]["item"]["embedding"][...]
    np.testing.assert_array_equal(
        (reached != 0).any(axis=1), [True, True, True, False, True, False]
    )


@every_tower
def test_without_any_history_all_is_finite(tower):
    graphdef, state = nnx.split(build(tower))
    for empty in (jnp.full((4, 3), -1), jnp.zeros((4, 0), int)):
        batch = BATCH | {"seen": empty}

        def loss(state, batch=batch):
            return (nnx.merge(graphdef, state)(batch) ** 2).sum()

        value, gradient = jax.jit(jax.value_and_grad(loss))(state)
        assert np.isfinite(value)
        assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(gradient))


@every_tower
@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ([ITEM], "at least one sequence of ids of a categorical column"),
        ([SimpleNamespace(name="q", kind="sequence", vocabulary=6), ITEM], "at least one sequence"),
        ([SimpleNamespace(**vars(SEEN) | {"vocabulary": 7}), ITEM], "'seen' must list ids"),
    ],
)
def test_a_missing_sequence_is_named(tower, columns, message):
    with pytest.raises(ValueError, match=message):
        tower(columns, 4, rngs=nnx.Rngs(0))


@every_tower
def test_another_number_of_rows_is_named(tower):
    with pytest.raises(ValueError, match=r"'seen'\] must have as many rows"):
        build(tower)(BATCH | {"seen": BATCH["seen"][:3]})


def test_sequences_without_a_column_are_pooled_as_ever():
    queries = SimpleNamespace(name="queries", kind="sequence", vocabulary=3)
    inputs = TargetAttention([ITEM, queries, SEEN], 4, rngs=nnx.Rngs(0))
    batch = BATCH | {"queries": jnp.array([[0, 2]] * 4)}
    table = np.asarray(inputs.features.tables["queries"].embedding[...])
    np.testing.assert_allclose(inputs(batch)[0, 4:8], (table[0] + table[2]) / 2, rtol=1e-6)
