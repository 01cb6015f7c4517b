"""Small tables and places in them: what is read is unchanged, and nothing else is touched."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from moo.sparse._ids import num_places
from tests.sparse.dense import ITEMS, TABLES, USERS, batches, objectives, parameters

PARAMS = {"a": jnp.arange(12.0).reshape(6, 2), "b": jnp.arange(6.0)}


def gather(ids, padding=None, tables=None, params=PARAMS, **fields):
    tables = {"a": "id"} if tables is None else tables
    return moo.sparse.gather(params, {"id": ids, **fields}, tables=tables, padding=padding)


def test_a_place_reads_the_row_of_its_id():
    ids = jnp.array([[4, 1], [4, 4], [0, 1]])
    small, batch, rows = gather(ids)
    np.testing.assert_array_equal(small["a"][batch["id"]], PARAMS["a"][ids])
    assert rows["a"].ids.tolist() == [0, 1, 4, 6, 6, 6, 6]
    assert rows["a"].counts.tolist() == [1, 2, 3, 0, 0, 0, 0]
    assert small["b"] is PARAMS["b"]
    assert batch["id"].shape == ids.shape


def test_places_agree_with_numpy_on_every_field():
    batch = batches(1, size=9)[0]
    small, placed, rows = moo.sparse.gather(parameters(), batch, tables=TABLES)
    items = np.concatenate([batch["item"], np.ravel(batch["history"])])
    unique, inverse, counts = np.unique(items, return_inverse=True, return_counts=True)
    own = rows["emb.item"]
    assert own.num_rows == ITEMS
    assert rows["emb.user"].num_rows == USERS
    np.testing.assert_array_equal(own.ids[own.used], unique)
    np.testing.assert_array_equal(own.counts[own.used], counts)
    found = np.concatenate([placed["item"], np.ravel(placed["history"])])
    np.testing.assert_array_equal(found, inverse)
    np.testing.assert_array_equal(placed["labels"], batch["labels"])
    np.testing.assert_array_equal(objectives(small, placed), objectives(parameters(), batch))


@pytest.mark.parametrize("ids", [[3] * 5, [0], [5, 4, 3, 2, 1, 0], list(range(6)) * 4, []])
def test_extremes_of_ids(ids):
    small, batch, rows = gather(jnp.array(ids, jnp.int32))
    np.testing.assert_array_equal(small["a"][batch["id"]], PARAMS["a"][jnp.array(ids, int)])
    back = moo.sparse.apply_updates(PARAMS, jax.tree.map(jnp.ones_like, small), rows)
    touched = np.isin(np.arange(6), ids)
    np.testing.assert_array_equal(back["a"], PARAMS["a"] + touched[:, None])
    np.testing.assert_array_equal(back["b"], PARAMS["b"] + 1)


@pytest.mark.parametrize("num_rows", [2, 3, 7, 100])
@pytest.mark.parametrize("num_ids", [0, 1, 2, 3, 6, 7, 8, 99, 100, 101, 5000])
def test_a_small_table_holds_all_rows_and_never_as_many_as_the_full_one(num_ids, num_rows):
    size = num_places(num_ids, num_rows)
    assert size > max(1, min(num_ids, num_rows))
    assert size <= num_rows + 1
    assert size != num_rows


def test_vectors_are_tables_too_and_tables_share_their_fields():
    ids = jnp.array([5, 2])
    small, batch, rows = gather(ids, tables={"a": "id", "b": ["id"]})
    np.testing.assert_array_equal(small["b"][batch["id"]], PARAMS["b"][ids])
    assert rows["a"] is rows["b"]


@pytest.mark.parametrize("padding", [None, -1])
@pytest.mark.parametrize("dtype", [jnp.int8, jnp.uint8, jnp.int16, jnp.uint32, jnp.int32])
def test_ids_of_every_width(dtype, padding):
    table = {"a": jnp.arange(1000.0)}
    ids = jnp.array([100, 3, 100], dtype)
    small, batch, rows = gather(ids, padding, params=table)
    np.testing.assert_array_equal(small["a"][batch["id"]], [100, 3, 100])
    assert rows["a"].ids.dtype == jnp.int32


def test_ids_beyond_32_bits_are_not_wrapped():
    with pytest.raises(ValueError, match=r"must hold ids in \[0, 6\), got 4294967299"):
        gather(np.array([2**32 + 3]))


def test_fields_of_several_widths_share_one_table():
    fields = {"id": jnp.array([5, 0], jnp.int8), "x": jnp.array([[0], [2]], jnp.uint32)}
    small, batch, rows = moo.sparse.gather(PARAMS, fields, tables={"a": ["x", "id"]})
    assert rows["a"].ids.tolist() == [0, 2, 5, 6, 6]
    for name, ids in fields.items():
        np.testing.assert_array_equal(small["a"][batch[name]], PARAMS["a"][ids])


def test_padding_stays_as_it_is_and_touches_no_row():
    small, batch, rows = gather(jnp.array([-1, 3, -1]), padding=-1)
    assert batch["id"].tolist() == [-1, 0, -1]
    assert rows["a"].counts.tolist() == [1, 0, 0, 0]
    full = moo.sparse.apply_updates(PARAMS, jax.tree.map(jnp.ones_like, small), rows)
    np.testing.assert_array_equal(np.delete(full["a"], 3, axis=0), np.delete(PARAMS["a"], 3, 0))


@pytest.mark.parametrize(("ids", "padding"), [([1, 6], None), ([1, -1], None), ([1, -2], -1)])
def test_traced_ids_outside_read_nan_and_touch_no_row(ids, padding):
    @jax.jit
    def step(ids):
        small, batch, rows = gather(ids, padding)
        full = moo.sparse.apply_updates(PARAMS, jax.tree.map(jnp.ones_like, small), rows)
        return small["a"][batch["id"]], full["a"] - PARAMS["a"]

    read, change = step(jnp.array(ids))
    assert np.isnan(read).tolist() == [[False, False], [True, True]]
    np.testing.assert_array_equal(np.flatnonzero(change.any(axis=1)), [1])


@pytest.mark.parametrize(
    ("ids", "options", "error", "message"),
    [
        (jnp.array([0, 6]), {}, ValueError, r"batch\['id'\] must hold ids in \[0, 6\), got 6$"),
        (jnp.array([0, -1]), {}, ValueError, r"got -1: give padding= if the objectives mask it"),
        (jnp.array([0, -2]), {"padding": -1}, ValueError, r"got -2"),
        (jnp.array([0.0]), {}, TypeError, r"batch\['id'\] must hold integer ids, got float32"),
        (jnp.array([True]), {}, TypeError, "must hold integer ids, got bool"),
        (jnp.array([0]), {"padding": 0}, ValueError, "padding must be negative, got 0"),
        (jnp.array([0]), {"padding": True}, TypeError, "padding must be an int or None, got bool"),
        (jnp.array([0]), {"tables": {"c": "id"}}, ValueError, "unknown table 'c'"),
        (jnp.array([0]), {"tables": {"a": "ids"}}, ValueError, "unknown batch field 'ids'.* id"),
        (jnp.array([0]), {"tables": {"a": []}}, ValueError, "'a' names no field"),
        (jnp.array([0]), {"tables": {"a": 3}}, TypeError, "'a' must be read by .* got 3: give a"),
        (jnp.array([0]), {"tables": {"a": ["id", 3]}}, TypeError, r"got \['id', 3\]: give a str"),
        (jnp.array([0]), {"tables": ["a"]}, TypeError, "tables must be a mapping .* got list"),
        (
            jnp.array([0]),
            {"tables": {"a": "id", "b": ["id", "x"]}, "x": jnp.array([0])},
            ValueError,
            "'id' is read by 'a' and 'b'.*name the same fields for both",
        ),
        (
            jnp.array([0]),
            {"tables": {"a": "id", "b": "id"}, "params": {"a": jnp.ones(3), "b": jnp.ones(4)}},
            ValueError,
            r"must have as many rows each, got \{'a': \(3,\), 'b': \(4,\)\}",
        ),
        (
            jnp.array([0]),
            {"params": {"a": jnp.ones((1, 2))}},
            ValueError,
            r"'a' must have at least 2 rows .* got shape \(1, 2\): leave it out",
        ),
    ],
)
def test_what_is_wrong_is_named(ids, options, error, message):
    with pytest.raises(error, match=message):
        gather(ids, **options)


@pytest.mark.parametrize("batch", [(jnp.array([0]),), jnp.array([0])])
def test_a_batch_without_fields_is_refused(batch):
    with pytest.raises(TypeError, match=f"batch must be a mapping .* got {type(batch).__name__}"):
        moo.sparse.gather(PARAMS, batch, tables={"a": "id"})


def test_updates_of_full_tables_are_refused():
    _, _, rows = gather(jnp.array([0, 3]))
    with pytest.raises(ValueError, match=r"must have shape \(3, 2\) as its small one, got \(6, 2"):
        moo.sparse.apply_updates(PARAMS, PARAMS, rows)
