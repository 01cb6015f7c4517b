"""Every entire-space model learns from its losses, and says right which of them reach what."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from moo.models import MODELS, apply, build, functional
from tests.models.entire_space.feeds import STEPS, TIMES, delayed, feed_of
from tests.models.entire_space.rows import LOSSES, entropy
from tests.models.training import fitted, trained

pytestmark = pytest.mark.usefixtures("unoptimised")

NAMES = [name for name, row in MODELS.items() if row.kind == "entire space"]
SMALL = {"embedding_dim": 8, "hidden": (16,)}
COLUMNS = [
    SimpleNamespace(name="item", kind="categorical", vocabulary=5),
    SimpleNamespace(name="price", kind="numeric", vocabulary=None),
]
ROUTED = {"multi_ipw", "factorised", "multi_dr", "dr_jl", "mrdr"}


def small(name, columns=COLUMNS):
    num_tasks = len(STEPS) if name == "funnel_esmm" else 2
    return build(name, columns=columns, num_tasks=num_tasks, **SMALL, rngs=nnx.Rngs(0))


def test_every_row_is_trained_here():
    assert set(NAMES) == set(LOSSES)


@pytest.mark.parametrize("name", NAMES)
def test_it_learns(name):
    data, truths = feed_of(name)
    model = small(name, data.columns)
    first, last = trained(model, LOSSES[name], data, learning_rate=1e-2, truths=truths)
    # The imputation's own loss, where it comes third, follows the CVR's error upwards.
    assert last[:2].sum() < first[:2].sum() - 0.05
    assert last[0] < entropy(data["click"].mean()) - 0.02


@pytest.mark.parametrize(
    ("name", "rates"),
    [("funnel_esmm", ("true_ctr", "true_cvr", "true_step_3", "true_step_4")),
     ("esmm2", ("true_ctr", "true_cvr", "true_action"))],
)  # fmt: skip
def test_every_tower_learns_its_own_step(name, rates):
    data, _ = feed_of(name)
    predict, _ = fitted(small(name, data.columns), LOSSES[name], data, learning_rate=1e-2)
    found = np.asarray(jax.nn.sigmoid(predict(features(data))))
    for column, rate in enumerate(rates):
        # Of 8,000 rows a correlation has a standard error of about .01.
        assert np.corrcoef(found[:, column], data[rate])[0, 1] > 0.2, rate


def test_late_conversions_are_not_taken_for_none():
    data = delayed()
    clicked = data["click"] == 1
    eventual = data["eventual_conversion"][clicked].mean()
    assert data["conversion"][clicked].mean() < 0.9 * eventual
    missed = {}
    for name in ("esmm", "delayed_esmm"):
        options = {"steps": 300, "batch_size": 512, "truths": TIMES}
        predict, _ = fitted(small(name, data.columns), LOSSES[name], data, **options)
        cvr = jax.nn.sigmoid(predict(features(data))[:, 1])
        missed[name] = 1 - cvr[clicked].mean() / eventual
    assert abs(missed["delayed_esmm"]) < 0.08
    assert abs(missed["delayed_esmm"]) < missed["esmm"] / 2


def features(data):
    return {column.name: data[column.name] for column in data.features}


@pytest.mark.parametrize("name", NAMES)
def test_shared_parts_are_those_that_several_losses_reach(name):
    rng = np.random.default_rng(0)
    depth = rng.integers(5, size=32)
    batch = {
        "item": rng.integers(5, size=32),
        "price": rng.normal(size=32).astype(np.float32),
        **{step: (depth > k).astype(np.float32) for k, step in enumerate(STEPS)},
        "action": (depth > 0) * rng.integers(2, size=32),
        **{name: rng.exponential(size=32).astype(np.float32) for name in TIMES},
    }
    model = small(name)
    graphdef, params, model_state = functional(model)

    def losses(params):
        return LOSSES[name](apply(graphdef, params, model_state, batch)[0], batch)

    rows = jax.device_get(jax.jit(jax.jacrev(losses))(params))
    for part, shared in model.shared(params).items():
        leaves = jax.tree.leaves(rows[part])
        reached = np.any(
            [(leaf != 0).reshape(len(leaf), -1).any(axis=1) for leaf in leaves], axis=0
        )
        if name in ROUTED and part != "features":  # one loss a tower, whatever the model allows
            assert reached.sum() == 1, part
        else:
            assert (reached.sum() > 1) == shared, part


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_one_tower_an_output(name):
    model = small(name)
    params = functional(model)[1]
    features = 5 * 8 + 2 * 8
    tower = (16 * 16 + 16) + (16 + 1)
    towers = len(params) - 1
    assert sum(leaf.size for leaf in jax.tree.leaves(params)) == features + towers * tower
    assert model({"item": jnp.arange(3), "price": jnp.zeros(3)}).shape[1] == towers + (
        name == "esmm2"
    )
