"""Own and shared experts, level by level."""

import numpy as np
import pytest
from flax import nnx

from moo.models import CGC, PLE
from tests.models.multitask.networks import (
    BATCH,
    COLUMNS,
    embedded,
    gradients,
    relu_chain,
    small,
    softmax,
    touched,
    tower_logit,
)

pytestmark = pytest.mark.usefixtures("unoptimised")


def mixture(gate, x, outputs):
    shares = softmax(x @ np.asarray(gate.kernel[...], np.float64))
    return sum(shares[:, [e]] * output for e, output in enumerate(outputs))


def test_logits_follow_the_formula_of_two_levels():
    model = small("ple", num_specific=1, num_shared=2)
    inputs = [embedded(model.features)] * 3
    for number, level in enumerate(model.levels):
        own = [
            [relu_chain(f, x) for f in fs] for fs, x in zip(level.specific, inputs[:2], strict=True)
        ]
        shared = [relu_chain(f, inputs[2]) for f in level.shared]
        following = [
            mixture(level.gates[task], inputs[task], own[task] + shared) for task in range(2)
        ]
        if number == 0:
            following.append(mixture(level.shared_gate, inputs[2], own[0] + own[1] + shared))
        inputs = following
    assert model.levels[1].shared_gate is None
    for task, logit in enumerate(model(BATCH).T):
        expected = tower_logit(model.towers[task], inputs[task])
        np.testing.assert_allclose(logit, expected, rtol=1e-5, atol=1e-6)


def test_in_the_last_level_no_task_reaches_anothers_experts():
    experts = gradients(small("cgc"))["levels"][0]["specific"]
    lower, last = gradients(small("ple"))["levels"].values()
    for task in range(2):
        for rows in (experts, last["specific"]):
            assert touched(rows[task], task)
            assert not touched(rows[1 - task], task)
        assert touched(lower["specific"][1 - task], task)


def test_one_level_is_cgc():
    options = {"columns": COLUMNS, "num_tasks": 2, "hidden": (6,)}
    one = PLE(levels=1, rngs=nnx.Rngs(0), **options)
    np.testing.assert_array_equal(one(BATCH), CGC(rngs=nnx.Rngs(0), **options)(BATCH))


@pytest.mark.parametrize("count", ["levels", "num_specific", "num_shared"])
def test_counts_are_named(count):
    with pytest.raises(ValueError, match=f"{count} must be at least 1, got 0"):
        small("ple", **{count: 0})


def test_cgc_has_one_level():
    with pytest.raises(TypeError, match="levels"):
        small("cgc", levels=2)
