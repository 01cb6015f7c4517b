"""Models of `moo.models` on the rows of a batch: found, built and fitted as on whole tables."""

import functools
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

import moo
from moo._fit import FitState
from moo.models import SocialColdStart, TargetAttention, apply, embedding_tables
from moo.sparse import lazy
from tests.sparse.dense import assert_close

pytestmark = pytest.mark.usefixtures("unoptimised")

ITEMS, TAGS = 40, 25
ITEM = SimpleNamespace(name="item", kind="categorical", vocabulary=ITEMS)
SEEN = SimpleNamespace(name="seen", kind="sequence", vocabulary=ITEMS, of="item")
MULTI = SimpleNamespace(name="tags", kind="multi", vocabulary=TAGS)
FRIENDLY = functools.partial(SocialColdStart, user="item", friends="seen", count="age")
AGE = SimpleNamespace(name="age", kind="numeric", vocabulary=None)
DAY = SimpleNamespace(name="day", kind="categorical", vocabulary=3)
FRIENDS = SimpleNamespace(name="seen", kind="multi", vocabulary=ITEMS)
COLUMNS = [ITEM, MULTI, SEEN, AGE]


def make(name, **options):
    options = {"hidden": (8,), "columns": COLUMNS, "batch_norm": name == "mmoe"} | options
    return lambda: moo.models.build(name, num_tasks=2, rngs=nnx.Rngs(0), **options)


def batches(steps=3, size=12):
    draw = np.random.default_rng(3)
    for _ in range(steps):
        click = draw.integers(0, 2, size)
        yield {
            "item": jnp.asarray(draw.integers(0, ITEMS, size)),
            "tags": jnp.asarray(draw.integers(-1, TAGS, (size, 3))),
            "seen": jnp.asarray(draw.integers(-1, ITEMS, (size, 4))),
            "age": jnp.asarray(draw.normal(size=size), jnp.float32),
            "click": jnp.asarray(click),
            "conversion": jnp.asarray(click * draw.integers(0, 2, size)),
        }


def fit(model, method, rule, **options):
    """Fit densely, or sparsely with `tables`."""
    graphdef, params, rest = moo.models.functional(model)

    def losses(params, model_state, batch):
        logits, model_state = apply(graphdef, params, model_state, batch)
        return moo.models.esmm_losses(*logits.T, batch["click"], batch["conversion"]), model_state

    rule = lazy(rule) if "tables" in options else rule
    tx = moo.optimizer(method, rule, num_objectives=2)
    return moo.fit(
        losses, tx, params, batches(), model_state=rest, progress=False,
        shared=model().shared, **options,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "method", "rule"),
    [("esmm", "mgda", optax.sgd(0.3)), ("mmoe", "mean", optax.adagrad(0.1))],
)
def test_a_model_fits_as_on_whole_tables(name, method, rule):
    model = make(name)
    params, state, path = fit(model, method, rule)
    found, sparse, trace = fit(model, method, rule, tables=embedding_tables(model), padding=-1)
    assert_close(trace.objectives, path.objectives)
    assert_close(found, params, atol=5e-6)
    assert_close(sparse.optimizer[1].inner, state.optimizer[1], atol=5e-6)
    assert_close(sparse.model, state.model, atol=5e-6)


def test_donated_tables_stay_where_they_are():
    params = {"e": jnp.ones((1000, 3)), "b": jnp.ones(3)}
    tx = moo.optimizer("mean", lazy(optax.adam(0.1)), num_objectives=2)
    start = FitState(jnp.zeros((), jnp.int32), tx.init(params), None)
    given = [{"id": jnp.array([i, 7])} for i in range(4)]

    def losses(params, batch):
        rows = params["e"][batch["id"]] - 2 * params["b"]
        return jnp.stack([(rows**2).sum(), rows.sum()])

    def places(params, state):
        held = params["e"], state.optimizer[1].inner[0].mu["e"]
        return [table.unsafe_buffer_pointer() for table in held]

    before = places(params, start)
    params, state, path = moo.fit(
        losses, tx, params, given, state=start, tables={"e": "id"}, donate=True, progress=False
    )
    assert places(params, state) == before
    assert_close(path.objectives[0, -1], losses(params, given[-1]))
    assert np.flatnonzero((params["e"] != 1).any(axis=1)).tolist() == [0, 1, 2, 3, 7]


def test_a_model_made_inside_a_program_is_that_model():
    model = make("mmoe", dropout=0.5)
    given, wanted = moo.models.functional(model), moo.models.functional(model())
    assert given[0] == wanted[0]
    assert_close(given[1], wanted[1])
    assert jax.tree.structure(given[2]) == jax.tree.structure(wanted[2])


def test_tables_are_found_with_the_columns_that_read_them():
    paths = {"features.tables.item.embedding": ["item", "seen"],
             "features.tables.tags.embedding": ["tags"]}  # fmt: skip
    assert embedding_tables(make("esmm")) == embedding_tables(make("mmoe")()) == paths
    assert list(embedding_tables(make("esmm"), min_rows=TAGS + 1)) == [*paths][:1]
    with pytest.raises(ValueError, match="min_rows must be at least 1, got 0"):
        embedding_tables(make("esmm"), min_rows=0)
    with pytest.raises(TypeError, match=r"model must be a flax nnx\.Module or make one, got dict"):
        embedding_tables({})


@pytest.mark.parametrize(
    ("model", "number"),
    [
        (make("pepnet", domain=["tags"], personal=["item"]), 4),  # main, and one of each prior
        (make("stem"), 6),  # shared, and those of two tasks
        (make("star", columns=[*COLUMNS, DAY], domain="day"), 2),  # not the domain's
        (make("esmm", inputs=TargetAttention), 2),
        (make("mmoe", columns=[ITEM, FRIENDS, AGE], inputs=FRIENDLY, batch_norm=False), 1),
    ],
    ids=["pepnet", "stem", "star", "attention", "friends"],
)
def test_every_reader_of_a_table_is_found(model, number):
    """Where one is not, its ids read other rows of the small table."""
    graphdef, params, rest = moo.models.functional(model())
    tables = embedding_tables(model)
    assert len(tables) == number
    batch = next(batches()) | {"day": jnp.arange(12) % 3}
    small, placed, _ = moo.sparse.gather(params, batch, tables=tables, padding=-1)
    logits = jax.jit(lambda params, batch: apply(graphdef, params, rest, batch)[0])
    found, wanted = logits(small, placed), logits(params, batch)
    np.testing.assert_array_equal(found, wanted)
