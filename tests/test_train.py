import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from tests.helpers.core import (
    assert_identical,
    by_loss,
    drawn,
    mean,
    preferred,
    signature,
    unit_rows,
)

STARTS = jnp.array([[2.0, -1.0], [0.5, 3.0], [-2.0, 0.0]])


def quadratics(x):
    return jnp.stack([((x - 1) ** 2).sum(), 2 * ((x + 1) ** 2).sum()])


def test_a_step_reports_the_losses_before_it_and_passes_extras():
    step = jax.jit(moo.make_step(quadratics, tx := optax.chain(preferred(), optax.sgd(0.1))))
    x, _, record = step(STARTS[0], tx.init(STARTS[0]), preference=jnp.array([1.0, 0.0]))
    np.testing.assert_array_equal(record.losses, quadratics(STARTS[0]))
    np.testing.assert_array_equal(record.weights, [1, 0])
    np.testing.assert_allclose(x, STARTS[0] - 0.2 * (STARTS[0] - 1), rtol=1e-6)
    assert (record.residual, record.converged, record.finite) == (0, True, True)
    assert record.gram is None


def test_a_step_passes_aux_and_options():
    step = moo.make_step(
        lambda x, data: (quadratics(x), data + 1), unit_rows(2), has_aux=True,
        active=jnp.array([True, False]), engine="vmap",
    )  # fmt: skip
    _, _, record = jax.jit(step)(STARTS[0], unit_rows(2).init(STARTS[0]), 3.0)
    assert record.aux == 4
    assert record.weights[1] == 0
    with pytest.raises(ValueError, match="engine must be one of"):
        moo.make_step(quadratics, mean(2), engine="x")(STARTS[0], mean(2).init(STARTS[0]))


@pytest.mark.parametrize(
    ("bad", "active", "finite"),
    [(0.0, None, True), (jnp.nan, None, False), (jnp.nan, jnp.array([False, True]), True)],
)
def test_a_step_says_whether_all_was_finite(bad, active, finite):
    step = moo.make_step(
        lambda x, shift: quadratics(x) + jnp.stack([shift, 0.0]), mean(2), active=active
    )
    record = jax.jit(step)(STARTS[0], mean(2).init(STARTS[0]), bad)[2]
    assert record.finite == finite


WRAPPED = {
    "from_losses": by_loss(2),
    "from_gram": unit_rows(2),
    "drawn": drawn(),
    "every_k": moo.every_k(unit_rows(2), 2),
    "ema_weights": moo.ema_weights(unit_rows(2)),
    "per_group": moo.per_group(unit_rows(2), "all"),
    "nested": moo.every_k(moo.ema_weights(by_loss(2)), 2),
}


@pytest.mark.parametrize("name", WRAPPED)
def test_donated_steps_keep_state_and_records_apart(name):
    tx = moo.skip_nonfinite(optax.chain(WRAPPED[name], optax.adam(0.1)))
    step = jax.jit(moo.make_step(quadratics, tx), donate_argnums=(0, 1))
    x, state, records, copies = jnp.copy(STARTS[0]), tx.init(STARTS[0]), [], []
    form = signature(state)
    for _ in range(3):
        x, state, record = step(x, state)
        records.append(record)
        copies.append(jax.tree.map(np.array, record))
        assert signature(state) == form
    assert step._cache_size() == 1
    assert moo.find(state, "skipped") == 0
    assert_identical(records, copies)


def test_a_step_maps_over_seeds():
    tx = optax.chain(unit_rows(2), optax.sgd(0.1))
    step = moo.make_step(quadratics, tx)
    mapped = jax.jit(jax.vmap(step))(STARTS, jax.vmap(tx.init)(STARTS))
    alone = jax.jit(step)(STARTS[1], tx.init(STARTS[1]))
    np.testing.assert_allclose(mapped[0][1], alone[0], rtol=1e-6)
    np.testing.assert_allclose(mapped[2].gram.cosines[1], alone[2].gram.cosines, atol=1e-6)


def test_the_settings_of_the_jacobian_are_recorded(tmp_path):
    tx = moo.optimizer("mean", optax.sgd(0.1), num_objectives=2)
    batch = {"x": jnp.ones(2)}
    _, _, path = moo.fit(
        lambda w, b: jnp.stack([w["a"] @ b["x"], w["b"] @ b["x"]]),
        tx,
        {"a": jnp.ones(2), "b": jnp.ones(2)},
        [batch],
        progress=False,
        shared={"a": True, "b": False},
        heads="plain",
    )
    assert path.settings["heads"] == "plain"
    assert path.settings["shared"] == "some"
    path.save(tmp_path / "path.npz")
    assert moo.Trajectory.load(tmp_path / "path.npz").settings == path.settings
