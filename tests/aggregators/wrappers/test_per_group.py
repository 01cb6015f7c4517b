import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from moo.aggregators._solvers._solution import Solution
from tests.helpers.core import (
    SHARED,
    assert_close,
    batch,
    by_loss,
    compiled,
    network,
    objectives,
    unit_rows,
)

LABELS = {"trunk": "trunk", "a": "heads", "b": "heads", "c": "heads"}


def by_rank(tree):
    """Matrices in one group, vectors in the other."""
    return jax.tree.map(lambda leaf: "matrix" if leaf.ndim == 2 else "vector", tree)


@pytest.fixture(scope="module")
def rows():
    return jax.jit(jax.jacrev(objectives))(network(), batch())


def _update(tx, **options):
    def step():
        params = network()
        return tx.update(moo.jacobian(objectives, params, batch(), **options), tx.init(params))

    return jax.jit(step)()


def _alone(rows, names):
    agg = unit_rows()
    part = {name: rows[name] for name in names}
    return compiled(lambda: agg.update(moo.stacked_jacobian(part), agg.init(network())))


def test_each_group_is_aggregated_alone(rows):
    update, state = _update(moo.per_group(unit_rows(), LABELS))
    assert state.weights.shape == (2, 3)
    for i, names in enumerate([["a", "b", "c"], ["trunk"]]):
        expected, expected_state = _alone(rows, names)
        assert_close({name: update[name] for name in names}, expected, rtol=1e-4)
        np.testing.assert_allclose(state.weights[i], expected_state.weights, rtol=1e-4)


def test_labels_may_come_from_a_callable_of_the_parameters(rows):
    update, state = _update(moo.per_group(unit_rows(), by_rank))
    matrix = moo.stacked_jacobian(rows["trunk"]["w"])
    expected, alone = compiled(lambda: unit_rows().update(matrix, unit_rows().init(network())))
    np.testing.assert_allclose(update["trunk"]["w"], expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(moo.find(state.inner["matrix"], "weights"), alone.weights, rtol=1e-4)
    np.testing.assert_allclose(state.weights[0], alone.weights, rtol=1e-4)


def test_one_group_is_the_aggregator_itself(rows):
    update, state = _update(moo.per_group(unit_rows(), "all"))
    expected, expected_state = _alone(rows, rows)
    assert_close(update, expected, rtol=1e-4)
    np.testing.assert_allclose(state.weights[0], expected_state.weights, rtol=1e-4)


def test_losses_and_inactive_objectives_reach_every_group():
    active = jnp.array([True, False, True])
    update, state = _update(moo.per_group(by_loss(), LABELS), active=active)
    losses = np.asarray(objectives(network(), batch())) * np.array([1, 0, 1])
    np.testing.assert_allclose(state.weights, np.stack([losses / losses.sum()] * 2), rtol=1e-5)
    np.testing.assert_array_equal(update["b"], 0)


def test_records_have_an_axis_of_groups():
    step = moo.make_step(objectives, tx := moo.per_group(unit_rows(), LABELS))
    record = jax.eval_shape(step, network(), tx.init(network()), batch())[2]
    assert record.weights.shape == (2, 3)
    assert record.gram.cosines.shape == (2, 3, 3)
    assert record.residual.shape == record.converged.shape == ()
    path = moo.run(lambda x: jnp.stack([x @ x, x.sum()]), moo.per_group(unit_rows(2), "all"),
                   starts=jnp.ones((1, 2)), steps=1)  # fmt: skip
    assert path.weights is None
    assert path.cosines is None


def test_one_group_that_does_not_converge_is_told():
    def weigh(gram, losses, state, *, active):
        return Solution(jnp.ones(3), gram.lengths[0], gram.lengths[0] > 1), state

    agg = moo.from_gram(3, lambda p, dtype: (), weigh)
    rows = {"a": jnp.full((3, 1), 2.0), "b": jnp.full((3, 1), 0.5)}
    tx = moo.per_group(agg, {"a": "a", "b": "b"})
    params = {"a": jnp.ones(1), "b": jnp.ones(1)}
    _, state = compiled(lambda: tx.update(moo.stacked_jacobian(rows), tx.init(params)))
    assert (state.residual, state.converged) == (2, False)
    assert (moo.find(state, "residual"), moo.find(state, "converged")) == (2, False)


def test_a_method_meets_the_parameters_of_its_group():
    params = {"a": jnp.array([1.0]), "b": jnp.array([2.0, 3.0])}
    rows = {"a": jnp.ones((2, 1)), "b": jnp.ones((2, 2))}
    tx = moo.per_group(moo.omd_tch(2), {"a": "a", "b": "b"})
    jac = moo.stacked_jacobian(rows, jnp.ones(2))
    _, state = tx.update(jac, tx.init(params), params)
    np.testing.assert_array_equal(state.inner["b"].average[0], params["b"])


@pytest.mark.parametrize("factory", [moo.modo, moo.auto_lambda])
def test_methods_that_need_the_batch_are_refused(factory):
    x = {"a": jnp.ones(2)}
    tx = moo.per_group(factory(2), "all")
    jac = moo.jacobian(lambda p, data: p["a"] * data.mean(), x, jnp.ones(4), batched=(True,))
    with pytest.raises(ValueError, match="per_group gives its aggregator the gradients of each"):
        tx.update(jac, tx.init(x), x)


def test_it_is_not_linear():
    agg = moo.per_group(unit_rows(), "all")
    assert (agg.linear, agg.num_objectives) == (False, 3)


@pytest.mark.parametrize("materialize", [False, True])
def test_shared_leaves_of_the_jacobian_are_refused(materialize):
    tx = moo.per_group(unit_rows(), LABELS)
    jac = moo.jacobian(objectives, network(), batch(), shared=SHARED)
    jac = jac.materialize() if materialize else jac
    with pytest.raises(ValueError, match="must not have shared= of its own: label the leaves"):
        tx.update(jac, tx.init(network()))


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ({"trunk": "a"}, ValueError, "labels must be a tree prefix of params"),
        ({**LABELS, "a": 3}, TypeError, r"labels must hold strings, got \['int', 'str'\]"),
        (lambda p: {"x": "y"}, ValueError, "labels must be a tree prefix of params"),
    ],
)
def test_other_labels_are_refused(labels, error, message):
    with pytest.raises(error, match=message):
        moo.per_group(unit_rows(), labels).init(network())


def test_adam_after_it():
    tx = optax.chain(moo.per_group(unit_rows(), LABELS), optax.adam(0.1))
    update, state = _update(tx)
    assert jax.tree.structure(update) == jax.tree.structure(network())
    assert moo.find(state, "weights").shape == (2, 3)
