"""All forward, task-specific backward: by logits and by entire-space losses."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.models import apply, esmm_losses, functional
from tests.models.multitask.networks import (
    BATCH,
    embedded,
    gradients,
    relu_chain,
    small,
    softmax,
    touched,
    tower_logit,
)

pytestmark = pytest.mark.usefixtures("unoptimised")

OWN = ("own_features", "own_experts")


def test_logits_follow_the_formula():
    model = small("stem", num_specific=2)
    own = [embedded(features) for features in model.own_features]
    common = embedded(model.features)
    outputs = [relu_chain(f, x) for fs, x in zip(model.own_experts, own, strict=True) for f in fs]
    outputs += [relu_chain(expert, common) for expert in model.experts]
    for task, logit in enumerate(model(BATCH).T):
        kernel = np.asarray(model.gates[task].kernel[...], np.float64)
        shares = softmax((own[task] + common) @ kernel)
        mixed = sum(shares[:, [e]] * output for e, output in enumerate(outputs))
        expected = tower_logit(model.towers[task], mixed)
        np.testing.assert_allclose(logit, expected, rtol=1e-5, atol=1e-6)


def test_a_task_reaches_its_own_and_the_shared_tables_only():
    rows = gradients(small("stem", num_tasks=3))
    for task in range(3):
        assert touched(rows["features"], task)
        for part, other in ((part, other) for part in OWN for other in range(3)):
            assert touched(rows[part][other], task) is (other == task)


def test_the_others_are_read_all_the_same():
    graphdef, params, _ = functional(small("stem"))
    moved = jax.tree.map(lambda leaf: 2 * leaf + 1, params["own_features"][1])
    other = params | {"own_features": params["own_features"] | {1: moved}}
    before, after = (apply(graphdef, given, {}, BATCH)[0] for given in (params, other))
    assert not np.array_equal(before[:, 0], after[:, 0])


@functools.cache
def esmm_rows(conflict):
    """Jacobian of the CTR and the CTCVR loss."""
    graphdef, params, _ = functional(small("stem"))
    click = jnp.arange(15) % 2
    conversion = jnp.arange(15) % 4 == 1

    def losses(params):
        logits, _ = apply(graphdef, params, {}, BATCH)
        return esmm_losses(*logits.T, click, conversion, conflict=conflict)

    return jax.device_get(jax.jit(jax.jacrev(losses))(params))


@pytest.mark.parametrize("conflict", ["none", "stop_gradient"])
def test_under_stop_gradient_ctcvr_reaches_nothing_of_the_click_task(conflict):
    rows = esmm_rows(conflict)
    for part in (*OWN, "gates", "towers"):
        assert touched(rows[part][0], 0)
        assert touched(rows[part][0], 1) is (conflict == "none")
        assert not touched(rows[part][1], 0)
        assert touched(rows[part][1], 1)
    assert touched(rows["features"], 0)
    assert touched(rows["features"], 1)
