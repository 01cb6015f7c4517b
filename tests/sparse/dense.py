"""A small problem with two tables, trained on whole tables and on the rows of each batch."""

import jax
import jax.numpy as jnp
import numpy as np

import moo

TABLES = {"emb.user": "user", "emb.item": ["item", "history"]}
USERS, ITEMS, WIDTH = 37, 50, 3


def parameters(seed=0, dtype=jnp.float32):
    draw = np.random.default_rng(seed).normal
    return {
        "emb": {
            "user": jnp.asarray(draw(size=(USERS, WIDTH)), dtype),
            "item": jnp.asarray(draw(size=(ITEMS, WIDTH)), dtype),
        },
        "kernel": jnp.asarray(draw(size=(2 * WIDTH, 2)), dtype),
    }


def batches(steps, size=6, seed=1):
    """Batches with repeated ids, and a history that reads the table of items too."""
    draw = np.random.default_rng(seed)
    return [
        {
            "user": jnp.asarray(draw.integers(0, USERS, size)),
            "item": jnp.asarray(draw.integers(0, ITEMS, size)),
            "history": jnp.asarray(draw.integers(0, ITEMS, (size, 2))),
            "labels": jnp.asarray(draw.integers(0, 2, (size, 2)), jnp.float32),
        }
        for _ in range(steps)
    ]


def everything(steps):
    """Batches that read every row of both tables."""
    users, items = jnp.arange(ITEMS) % USERS, jnp.arange(ITEMS)
    history = jnp.stack([items, items[::-1]], axis=1)
    return [
        batch | {"user": users, "item": items, "history": history}
        for batch in batches(steps, size=ITEMS)
    ]


def objectives(params, batch):
    """Two logistic losses on the user's row and the mean of the items' rows."""
    items = params["emb"]["item"]
    read = items[batch["item"]] + items[batch["history"]].mean(axis=1)
    inputs = jnp.concatenate([params["emb"]["user"][batch["user"]], read], axis=1)
    logits = inputs @ params["kernel"]
    return jnp.mean(jnp.logaddexp(0, logits) - batch["labels"] * logits, axis=0)


def train(step, tx, given, dtype=jnp.float32):
    """Parameters and state after a step a batch, and the records."""
    params = parameters(dtype=dtype)
    state, records, step = tx.init(params), [], jax.jit(step)
    for batch in given:
        params, state, record = step(params, state, batch)
        records.append(record)
    return params, state, records


def both(method, rule, given, dtype=jnp.float32):
    """Train densely with `rule` and sparsely with `lazy(rule)`."""
    dense = moo.optimizer(method, rule, num_objectives=2)
    sparse = moo.optimizer(method, moo.sparse.lazy(rule), num_objectives=2)
    return (
        train(moo.make_step(objectives, dense), dense, given, dtype),
        train(moo.sparse.make_step(objectives, sparse, tables=TABLES), sparse, given, dtype),
    )


def assert_close(found, wanted, **tolerance):
    tolerance = {"rtol": 1e-6, "atol": 1e-6} | tolerance
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, **tolerance), found, wanted)
