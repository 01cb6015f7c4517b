"""What is not asked for is not computed: costs counted in passes through a network."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from tests.helpers.core import by_loss, unit_rows

ROWS, WIDTH, M = 64, 32, 4


def _objectives(params, x):
    for weight in params:
        x = jnp.tanh(x @ weight)
    return (x[:, :M] ** 2).mean(axis=0)


PARAMS = [jnp.asarray(np.random.default_rng(i).normal(size=(WIDTH, WIDTH))) for i in range(4)]
DATA = jnp.ones((ROWS, WIDTH))


def _flops(fn):
    analysis = jax.jit(fn).lower(PARAMS, DATA).compile().cost_analysis()
    return analysis["flops"]


@pytest.fixture(scope="module")
def passes():
    """Floating-point operations of one forward pass and of one backward pass."""
    forward = _flops(_objectives)
    both = _flops(jax.value_and_grad(lambda p, x: _objectives(p, x).sum()))
    return forward, both - forward


def _step(tx, **options):
    def step(params, x):
        jac = moo.jacobian(_objectives, params, x, engine="unroll", **options)
        return tx.update(jac, tx.init(params), params)[0]

    return step


def _counted(calls):
    """The identity, which notes each backward pass that goes through it when it runs."""

    @jax.custom_vjp
    def mark(x):
        return x

    def back(_, cotangent):
        jax.debug.callback(lambda: calls.append(1))
        return (cotangent,)

    mark.defvjp(lambda x: (x, None), back)
    return mark


@pytest.mark.parametrize(
    ("tx", "backward"),
    [(moo.forum(M, inner_steps=7), 7 + M), (moo.moml(M), 2 * M + 1)],
    ids=["forum", "moml"],
)
def test_backward_passes_of_two_levels(tx, backward):
    """Counted as they run, since an inner loop is one loop of one pass to the compiler."""
    calls = []
    mark = _counted(calls)

    def level(x, slopes):
        return moo.jacobian(lambda x: slopes @ jnp.tanh(mark(x)), x, engine="unroll")

    def step(x, slopes):
        held_out = level(x, slopes[::-1])
        return tx.update(level(x, slopes), tx.init(x), x, validation=held_out)[0]

    slopes = jnp.asarray(np.random.default_rng(0).normal(size=(M, 3)), jnp.float32)
    jax.jit(step)(jnp.zeros(3), slopes).block_until_ready()
    jax.effects_barrier()
    assert len(calls) == backward


@pytest.mark.parametrize(
    ("tx", "options", "backward"),
    [
        (by_loss(M), {}, 1),
        (moo.ema_weights(by_loss(M)), {}, 1),
        (moo.skip_nonfinite(by_loss(M)), {}, 2),
        (by_loss(M), {"shared": [True, True, True, False], "heads": "plain"}, 1),
        (unit_rows(M), {}, M),
        (optax.chain(unit_rows(M), optax.sgd(0.1)), {}, M),
        (moo.ema_weights(unit_rows(M)), {}, M),
        (moo.per_group(unit_rows(M), "all"), {}, M),
    ],
    ids=["losses", "ema losses", "guarded losses", "plain heads", "gram", "chain", "ema gram",
         "per_group"],
)  # fmt: skip
def test_backward_passes(passes, tx, options, backward):
    """A tenth of a pass is left for the Gramian and the weights."""
    forward, one = passes
    spent = (_flops(_step(tx, **options)) - forward) / one
    assert backward - 0.6 < spent < backward + 0.4
