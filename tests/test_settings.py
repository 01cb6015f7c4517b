import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo

STARTS = jnp.ones((3, 2))


def quadratics(x):
    return jnp.stack([((x - 1) ** 2).sum(), ((x + 1) ** 2).sum()])


def run(build, **hyperparameters):
    return moo.run(quadratics, build, starts=STARTS, steps=2, hyperparameters=hyperparameters)


def test_a_grid_holds_every_combination_once():
    found = moo.grid(seed=range(4), rate=[0.1, 0.2], point=[[1, 2], [3, 4], [5, 6]])
    triples = {(s, r, *p) for s, r, p in zip(*found.values(), strict=True)}
    assert len(triples) == 24 == len(found["seed"])
    assert found["rate"][:6].tolist() == [0.1] * 3 + [0.2] * 3
    assert found["point"].shape == (24, 2)


def test_a_grid_takes_typed_keys():
    keys = jax.random.split(jax.random.key(0), 2)
    found = moo.grid(key=keys, rate=[0.1, 0.2])["key"]
    np.testing.assert_array_equal(
        jax.random.key_data(found), np.repeat(jax.random.key_data(keys), 2, axis=0)
    )


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ({}, "grid needs at least one axis"),
        ({"rate": 0.1}, r"rate must hold at least one value, got shape \(\)"),
        ({"rate": []}, r"rate must hold at least one value, got shape \(0,\)"),
    ],
)
def test_a_grid_without_values_is_refused(axes, message):
    with pytest.raises(ValueError, match=message):
        moo.grid(**axes)


@pytest.mark.parametrize(
    ("build", "values"),
    [
        (lambda k: optax.chain(moo.every_k(moo.mgda(2), k=k), optax.sgd(0.1)), [1, 2, 3]),
        (lambda m: moo.optimizer("mgda", optax.sgd(0.1), num_objectives=m), [2, 2, 2]),
        (lambda v: moo.optimizer("mgda", optax.sgd(0.1 if v > 1 else 1.0), num_objectives=2),
         [0.5, 1.5, 2.5]),
    ],
    ids=["cycle", "number of objectives", "branch"],
)  # fmt: skip
def test_what_shapes_the_program_is_refused(build, values):
    name = build.__code__.co_varnames[0]
    with pytest.raises(ValueError, match=f"tx takes {name} only as plain numbers"):
        run(build, **{name: values})


@pytest.mark.parametrize("values", [["mgda", "mean", "sum"], [True, False, True], [None] * 3])
def test_what_is_no_number_is_refused(values):
    with pytest.raises(TypeError, match=r"hyperparameters\['method'\] must be numbers, got"):
        run(lambda method: moo.optimizer(method, optax.sgd(0.1), num_objectives=2), method=values)


def test_a_number_out_of_range_is_refused_with_its_lane():
    with pytest.raises(ValueError, match="c must be") as caught:
        run(
            lambda c: moo.optimizer("cagrad", optax.sgd(0.1), num_objectives=2, c=c),
            c=[0.1, 0.2, -1],
        )
    assert caught.value.__notes__ == [f"in lane 2 of hyperparameters, {{'c': {np.float32(-1)!r}}}"]


def test_random_keys_are_hyperparameters_too():
    def build(key):
        return moo.optimizer("rlw", optax.sgd(0.1), num_objectives=2, key=key)

    keys = jax.random.split(jax.random.key(0), 3)
    path = run(build, key=keys[jnp.array([0, 1, 0])])
    assert (path.weights[0, 0] != path.weights[1, 0]).all()
