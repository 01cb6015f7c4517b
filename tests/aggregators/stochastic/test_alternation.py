import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from tests.aggregators.follow import as_tree, flat, follow
from tests.aggregators.parts import FIRST


def test_counts_are_kept_in_a_cycle():
    v, _ = follow(moo.alternation(3, steps=(2, 1, 3)), *[np.eye(3)] * 8)
    np.testing.assert_array_equal(v.argmax(axis=1), [0, 0, 1, 2, 2, 2, 0, 0])
    np.testing.assert_array_equal(v.sum(axis=1), 1)


def test_the_counts_choose_the_point():
    """Two parabolas around -1 and 1 with counts (3, 1): the weighted sum's minimum is at -1/2."""
    tx = moo.optimizer(
        "alternation", optax.sgd(lambda k: 1 / (k + 4)), num_objectives=2, steps=(3, 1)
    )
    path = moo.run(
        lambda x: jnp.stack([(x[0] + 1) ** 2, (x[0] - 1) ** 2]) / 2,
        tx, starts=jnp.array([[0.0]]), steps=400,
    )  # fmt: skip
    assert path.params[0, -1, 0] == pytest.approx(-0.5, abs=0.03)
    np.testing.assert_array_equal(path.weights[0, :4], [[1, 0], [1, 0], [1, 0], [0, 1]])


def test_every_objective_goes_through_the_blocks():
    v, state = follow(moo.alternation(2, blocks=2), *[as_tree(FIRST)] * 4)
    small, large = FIRST * [0, 1, 1], FIRST * [1, 0, 0]
    # Leaves come in the order of their names: "b", of two entries, before "w".
    np.testing.assert_allclose(flat(v), [small[0], small[1], large[0], large[1]], rtol=1e-6)
    assert moo.find(state, "weights") is None


def test_an_inactive_turn_passes_on():
    tx = moo.alternation(3, steps=(1, 2, 2))
    turns, state = [], tx.init(jnp.zeros(3))
    for mask in ([0, 1, 1], [1, 1, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]):
        jac = moo.stacked_jacobian(jnp.eye(3), active=jnp.array(mask, bool))
        v, state = tx.update(jac, state)
        turns.append(int(v.argmax()) if v.any() else None)
    assert turns == [1, 1, 0, None, 1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": (1,)}, "steps must hold 2 counts, one an objective, got 1"),
        ({"steps": (1, 0)}, r"steps\[1\] must be at least 1, got 0"),
        ({"steps": (1, 1.5)}, r"steps\[1\] must be an int"),
        ({"blocks": 0}, "blocks must be at least 1"),
    ],
)
def test_out_of_range(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        moo.alternation(2, **options)


def test_more_blocks_than_leaves():
    with pytest.raises(ValueError, match="blocks must be at most the 1 leaves of params, got 2"):
        moo.alternation(2, blocks=2).init(jnp.zeros(3))


def test_one_number_is_no_sequence_of_steps():
    with pytest.raises(TypeError, match="steps must hold 2 counts, one an objective, got 5"):
        moo.alternation(2, steps=5)
