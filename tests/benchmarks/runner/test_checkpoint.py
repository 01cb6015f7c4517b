from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from benchmarks.runner._checkpoint import _opened, load, save
from benchmarks.runner._journal import DamagedError


class State(NamedTuple):
    weights: Any
    inner: Any


def tree():
    return {
        "half": jnp.asarray([1.5, -0.0, jnp.inf], jnp.bfloat16),
        "keys": jax.random.split(jax.random.key(7), 3),
        "rbg": jax.random.key(1, impl="rbg"),
        "state": State(jnp.asarray([1e-42, jnp.nan]), (np.int8(-3), jnp.zeros((0, 2)))),
        "flag": np.asarray(True),
        "nothing": None,
    }


def bits(leaf):
    if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
        leaf = jax.random.key_data(leaf)
    return str(leaf.dtype), np.shape(leaf), np.asarray(leaf).tobytes()


def test_every_bit_comes_back_with_its_dtype(tmp_path):
    save(tmp_path / "c.npz", tree(), {"step": 7})
    found = load(tmp_path / "c.npz")
    template = jax.eval_shape(lambda: jax.tree.map(jnp.asarray, tree()))
    back = found.restore(template)
    assert found.facts == {"step": 7}
    assert jax.tree.structure(back) == jax.tree.structure(tree())
    assert [bits(a) for a in jax.tree.leaves(back)] == [bits(a) for a in jax.tree.leaves(tree())]
    assert isinstance(back["state"], State)


def test_an_optimizers_state_continues_bit_for_bit(tmp_path):
    tx = moo.optimizer("pcgrad", optax.adam(0.1), num_objectives=2)
    step = jax.jit(moo.make_step(lambda x: jnp.stack([(x - 1) @ (x - 1), x @ x]), tx))
    x, state, _ = step(jnp.ones(3), tx.init(jnp.ones(3)))
    save(tmp_path / "c.npz", (x, state))
    again = load(tmp_path / "c.npz").restore((x, state))
    for _ in range(3):
        (x, state, _), again = step(x, state), step(*again)[:2]
    assert [bits(a) for a in jax.tree.leaves(again)] == [
        bits(a) for a in jax.tree.leaves((x, state))
    ]


def test_the_same_tree_is_the_same_file(tmp_path):
    save(tmp_path / "a.npz", tree(), {"b": 1, "a": 2})
    save(tmp_path / "b.npz", tree(), {"a": 2, "b": 1})
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_numpy_reads_the_file(tmp_path):
    save(tmp_path / "c.npz", {"x": np.arange(3)})
    with np.load(tmp_path / "c.npz", allow_pickle=False) as stored:
        np.testing.assert_array_equal(stored["leaf0"], np.arange(3))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"flag": jnp.zeros(2, bool)}, r"leaf \['flag'\] has shape \[\], the template \[2\]"),
        ({"half": jnp.zeros(3)}, r"leaf \['half'\] has dtype bfloat16, the template float32"),
        ({"rbg": jax.random.key(1)}, r"leaf \['rbg'\] has dtype key<rbg>, the template key<fry>"),
        ({"state": State(jnp.zeros(2), ())}, r"holds the leaf \['state'\]\.inner\[0\], which"),
        ({"more": jnp.zeros(1)}, r"holds no leaf \['more'\], which the template has"),
    ],
)
def test_a_template_that_differs_is_refused_by_leaf(tmp_path, change, message):
    save(tmp_path / "c.npz", tree())
    with pytest.raises(ValueError, match=message):
        load(tmp_path / "c.npz").restore(tree() | change)


def test_a_leaf_that_is_no_array_is_refused(tmp_path):
    with pytest.raises(TypeError, match=r"leaf \['step'\] must be an array, got int"):
        save(tmp_path / "c.npz", {"step": 1})


def test_every_flipped_bit_and_every_cut_is_detected(tmp_path):
    path = tmp_path / "c.npz"
    save(path, {"x": np.arange(2, dtype=np.int8)})
    content = path.read_bytes()
    for bit in range(8 * len(content)):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(DamagedError, match="damaged"):
            _opened(path, bytes(flipped))
    for length in range(len(content)):
        with pytest.raises(DamagedError, match="damaged"):
            _opened(path, content[:length])


def test_a_full_disk_keeps_the_last_good_file(tmp_path, monkeypatch):
    path = tmp_path / "c.npz"
    save(path, {"x": np.arange(2)})
    before = path.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("moo._files.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        save(path, {"x": np.arange(3)})
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["c.npz"]
