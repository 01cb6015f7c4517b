import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.helpers.core import assert_close, compiled, dense, unit_rows

VALUES = jnp.array([1.0, 2.0, 6.0, 4.0])
WHERE = jnp.array([True, False, True, False])


@pytest.mark.parametrize(
    ("where", "weights", "expected"),
    [
        (WHERE, None, 3.5),
        (WHERE.astype(jnp.float32), None, 3.5),
        (WHERE.astype(int), jnp.array([1.0, 9.0, 4.0, 9.0]), 5.0),
        (jnp.zeros(4, bool), None, 0.0),
        (WHERE, jnp.zeros(4), 0.0),
        (True, None, 3.25),
    ],
)
def test_mean_over_the_rows_that_have_a_label(where, weights, expected):
    assert moo.masked_mean(VALUES, where, weights=weights) == expected


@pytest.mark.parametrize("where", [WHERE, jnp.zeros(4, bool)])
def test_what_is_masked_out_reaches_neither_value_nor_gradient(where):
    bad = jnp.where(WHERE, VALUES, jnp.nan)
    value, slope = jax.value_and_grad(moo.masked_mean)(bad, where)
    assert value == (3.5 if where.any() else 0)
    np.testing.assert_array_equal(slope, where / jnp.maximum(where.sum(), 1))


def _labelled(params, values, labelled):
    """Three losses, each a mean over its labelled rows: 0/0 where there is none."""
    return jnp.stack(
        [moo.masked_mean((params[i % 2] - values[:, i]) ** 2, labelled[:, i]) for i in range(3)]
    )


DATA = jnp.asarray(np.random.default_rng(0).normal(size=(4, 3)), jnp.float32)
PARAMS = jnp.array([0.5, -0.3])
LABELLED = jnp.ones((4, 3), bool).at[:, 1].set(False).at[0, 0].set(False)


def _options():
    return {
        "array": jnp.array([True, False, True]),
        "callable": lambda values, labelled: labelled.any(axis=0),
    }


@pytest.mark.parametrize("form", ["array", "callable"])
@pytest.mark.parametrize("kind", ["rows", "jvp"])
def test_an_inactive_objective_leaves_no_trace(form, kind):
    def look(labelled):
        return moo.jacobian(_labelled, PARAMS, DATA, labelled, active=_options()[form], gram=kind)

    jac = look(LABELLED)
    assert jnp.isfinite(jac.losses).all()
    rows, gram, kept = compiled(
        lambda: (jac.rows(), jac.gram(), jac.combine(jnp.array([1.0, 100.0, 1.0])))
    )
    rows = dense(rows)
    np.testing.assert_array_equal(rows[1], 0)
    assert gram.norms[1] == 0
    np.testing.assert_allclose(kept, rows[0] + rows[2], rtol=1e-6)


@pytest.mark.parametrize("kind", ["rows", "jvp"])
def test_an_aggregator_on_active_rows_equals_it_on_those_rows_alone(kind):
    jac = moo.jacobian(_labelled, PARAMS, DATA, LABELLED, active=_options()["array"], gram=kind)
    agg = unit_rows(3)
    update, state = compiled(lambda: agg.update(jac, agg.init(PARAMS)))
    alone = unit_rows(2)
    kept = moo.stacked_jacobian(compiled(jac.rows)[np.array([0, 2])])
    expected, expected_state = compiled(lambda: alone.update(kept, alone.init(PARAMS)))
    np.testing.assert_allclose(update, expected, rtol=1e-6)
    np.testing.assert_allclose(state.weights[np.array([0, 2])], expected_state.weights, rtol=1e-6)
    assert state.weights[1] == 0


def test_one_compilation_serves_every_mask():
    agg, traces = unit_rows(3), []

    @jax.jit
    def step(mask, data):
        traces.append(1)
        jac = moo.jacobian(_labelled, PARAMS, data, jnp.ones((4, 3), bool), active=mask)
        return agg.update(jac, agg.init(PARAMS))[0]

    masks = [[1, 1, 1], [1, 0, 1], [0, 0, 1]]
    for mask in masks:
        jac = moo.jacobian(_labelled, PARAMS, DATA, jnp.ones((4, 3), bool))
        kept = jac.rows()[np.flatnonzero(mask)]
        lengths = jnp.linalg.norm(kept, axis=1)
        expected = (kept / lengths[:, None]).mean(axis=0)
        assert_close(step(jnp.array(mask, bool), DATA), expected)
    assert len(traces) == 1
