"""Tables drawn in blocks: the initializer's law, every row, little memory beside the table."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from jax.nn.initializers import normal, uniform

import moo
from moo.sparse import _init, init_table

KEY = jax.random.key(3)


@pytest.fixture
def few(monkeypatch):
    """Blocks of four rows of three."""
    monkeypatch.setattr(_init, "BLOCK", 12)


@pytest.mark.parametrize("rows", [5, 8, 11])
@pytest.mark.usefixtures("few")
def test_blocks_are_drawn_one_after_another(rows):
    draw = normal(0.5)
    found = init_table(KEY, (rows, 3), initializer=draw)
    blocks = [
        draw(jax.random.fold_in(KEY, i), (min(4, rows - 4 * i), 3)) for i in range(-(-rows // 4))
    ]
    np.testing.assert_allclose(found, jnp.concatenate(blocks), rtol=1e-6)


@pytest.mark.usefixtures("few")
def test_types_vectors_jit_and_vmap():
    wanted = init_table(KEY, (9, 3), jnp.bfloat16)
    assert wanted.dtype == jnp.bfloat16
    assert init_table(KEY, (25,), initializer=uniform(0.1)).shape == (25,)
    keys = jax.random.split(KEY)
    many = jax.jit(jax.vmap(lambda key: init_table(key, (9, 3))))(keys)
    for key, found in zip(keys, many, strict=True):
        np.testing.assert_allclose(found, init_table(key, (9, 3)), rtol=1e-6)


def test_a_large_table_has_the_initializer_s_law_and_no_second_buffer():
    shape = (600_000, 16)  # three blocks, the last in part
    program = jax.jit(lambda key: init_table(key, shape)).lower(KEY).compile()
    memory = program.memory_analysis()
    assert memory.temp_size_in_bytes < 8 * 4 * _init.BLOCK
    table = np.asarray(program(KEY))
    for part in np.array_split(table, 5):
        assert abs(part.mean()) < 5 * 0.25 / part.size**0.5
        assert part.var() == pytest.approx(1 / 16, rel=5 * (2 / part.size) ** 0.5)
    assert len(np.unique(table[:, 0])) > 0.9 * 2**19  # no block is drawn twice


def test_small_tables_are_flax_s_own():
    item = SimpleNamespace(name="item", kind="categorical", vocabulary=50)
    layer = moo.models.FeatureLayer([item], 4, rngs=nnx.Rngs(7))
    wanted = nnx.Embed(50, 4, rngs=nnx.Rngs(7))
    np.testing.assert_array_equal(layer.tables["item"].embedding[...], wanted.embedding[...])


def test_wrong_arguments_are_named():
    with pytest.raises(TypeError, match="key must be a typed key"):
        init_table(jnp.zeros(2, jnp.uint32), (3, 2))


@pytest.mark.parametrize(
    ("shape", "error", "message"),
    [
        ((), ValueError, r"shape must have rows as its first axis, got \(\): give \(rows, width\)"),
        (-1, TypeError, r"shape must be a tuple of ints, got int -1: give \(rows, width\)"),
        ((-1, 2), ValueError, r"shape\[0\] must be at least 0, got -1"),
        ((3, 2.0), TypeError, r"shape\[1\] must be an int, got float 2.0"),
        ("32", TypeError, "shape must be a tuple of ints, got str '32'"),
    ],
)
def test_wrong_shapes_are_named(shape, error, message):
    with pytest.raises(error, match=message):
        init_table(KEY, shape)
