"""What holds for every architecture: its size, its state, its modes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from moo.models import MODELS, apply, functional
from tests.models.multitask.networks import BATCH, dense_count, small

pytestmark = pytest.mark.usefixtures("unoptimised")

T = 3
TABLES = 2 * (5 + 3) + 2 * 2  # embeddings of width 2, and the numeric column's scale and shift
W = 6
MLP = dense_count(W, 4, 3)
NEXT = dense_count(3, 4, 3)  # of a second level
TOWERS = T * dense_count(3, 2, 1)
SET = 2 * (MLP + 2 * 7) + 2 * W * 3  # HoME: two experts with norms, a feature gate of rank 3
NEXT_SET = 2 * (NEXT + 2 * 7) + 2 * 3 * 3
SIZES = [
    ("shared_bottom", {}, MLP + TOWERS),
    ("omoe", {"num_experts": 4}, 4 * MLP + 4 * W + TOWERS),
    ("mmoe", {"num_experts": 4}, 4 * MLP + T * 4 * W + TOWERS),
    ("cross_stitch", {}, T * MLP + 2 * T**2 + TOWERS),
    ("cross_stitch", {"channelwise": True}, T * MLP + T**2 * 7 + TOWERS),
    ("cgc", {"num_specific": 2, "num_shared": 1}, 7 * MLP + T * W * 3 + TOWERS),
    (
        "ple",
        {"num_specific": 2, "num_shared": 1},
        7 * MLP + T * W * 3 + W * 7 + 7 * NEXT + T * 3 * 3 + TOWERS,
    ),
    ("adatt", {"levels": 1, "num_experts": 2}, 6 * MLP + T * W * 6 + 6 + TOWERS),
    (
        "adatt",
        {"levels": 2, "num_experts": 1},
        3 * MLP + T * W * 3 + 3 * NEXT + T * 3 * 3 + TOWERS,
    ),
    (
        "snr",
        {"num_subnetworks": 4},
        4 * (dense_count(W, 4) + dense_count(4, 3)) + 16 * (1 + 16) + 12 * (1 + 9) + TOWERS,
    ),
    (
        "snr",
        {"num_subnetworks": 4, "connection": "average"},
        4 * (dense_count(W, 4) + dense_count(4, 3)) + 16 + 12 + TOWERS,
    ),
    ("dselect_k", {"num_experts": 5, "num_selected": 2}, 5 * MLP + T * 2 * (3 + 1) + TOWERS),
    (
        "dselect_k",
        {"num_experts": 5, "num_selected": 2, "per_example": True},
        5 * MLP + T * 2 * (3 + 1) * (W + 1) + TOWERS,
    ),
    (
        "home",
        {"groups": ((0, 2), (1,)), "num_experts": 2, "rank": 3},
        3 * (SET + NEXT_SET) + W * 2 * 10 + T * (NEXT_SET + 8 * 3 * 2) + TOWERS,
    ),
    (
        "star",
        {"auxiliary": (2,)},
        2 * W * 4 + 4 * (MLP + T * dense_count(3, 1)) + T * dense_count(W, 2, 1),
    ),
    (
        "pepnet",
        {},
        2 * 3
        + 2 * 5
        + dense_count(2 + W, W, W)
        + T * dense_count(W, 4, 3, 1)
        + dense_count(2 + W, T * 4, T * 4)
        + dense_count(2 + W, T * 3, T * 3),
    ),
    ("aitm", {}, T * MLP + (T + 2) * dense_count(3, 3) + TOWERS),
    (
        "dbmtl",
        {"specific": (5,), "relation": 2},
        MLP + T * (dense_count(3, 5) + dense_count(5, 2) + 3) + 2**2 * 3,
    ),
    ("stem", {}, T * TABLES + 4 * MLP + T * W * 4 + TOWERS),
]
ARCHITECTURES = [name for name, row in MODELS.items() if row.kind == "architecture"]
NO_TOWER = ("star", "pepnet", "dbmtl")


def abstract(name, **options):
    model = nnx.eval_shape(lambda: small(name, num_tasks=T, **options))
    _, params, model_state = nnx.split(model, nnx.Param, ...)
    return jax.tree.leaves(params), jax.tree.leaves(model_state)


@pytest.mark.parametrize(("name", "options", "size"), SIZES)
def test_the_number_of_parameters_is_the_formula(name, options, size):
    towers = {} if name in NO_TOWER else {"tower": (2,)}
    params, _ = abstract(name, hidden=(4, 3), **towers | options)
    assert sum(leaf.size for leaf in params) == TABLES + size


def test_every_architecture_has_its_formula():
    assert {name for name, *_ in SIZES} == set(ARCHITECTURES)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_by_default_parameters_are_all_there_is(name):
    _, model_state = abstract(name)
    assert bool(model_state) is (name == "snr")


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_dropout_and_batch_norm_live_in_the_model_state(name):
    model = small(name, dropout=0.5, batch_norm=True)
    graphdef, params, model_state = functional(model)

    @jax.jit
    def both(params, model_state):
        dropped, moved = apply(graphdef, params, model_state, BATCH)
        logits, kept = apply(graphdef, params, moved, BATCH, train=False)
        return dropped, logits, bits(moved), bits(kept)

    dropped, logits, moved, kept = both(params, model_state)
    assert dropped.shape == logits.shape == (15, 2)
    assert logits.dtype == jnp.float32
    assert np.isfinite(logits).all()
    assert not np.array_equal(dropped, logits)
    jax.tree.map(np.testing.assert_array_equal, moved, kept)
    changed = jax.tree.map(lambda a, b: bool(np.any(a != b)), moved, bits(model_state))
    assert any(jax.tree.leaves(changed))


def bits(tree):
    """Typed keys as their bits, so that numpy can compare them."""

    def plain(leaf):
        is_key = jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)
        return jax.random.key_data(leaf) if is_key else leaf

    return jax.tree.map(plain, tree)
