"""What a method is asked, and what it answers: five steps on rows that stay, losses that fall."""

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax

import moo
from moo.aggregators._registry import METHODS
from tests.aggregators.table import TABLE

STEPS = 5
COPIES = 6


class Probe(NamedTuple):
    """One Jacobian with its losses.

    `order` says which objective each row belongs to, so that what else belongs to it (an extra, the
    course of its loss) stays with it under a permutation, and in a smaller problem.
    """

    rows: Any  # (m, d)
    losses: Any  # (m,)
    active: Any  # (m,), bool
    order: Any  # (m,), int32

    @property
    def matrix(self):
        """The active rows, in float64."""
        return np.asarray(self.rows, np.float64)[np.asarray(self.active)]


class Answer(NamedTuple):
    """Five steps of a method; `mass` is the length that its rounding is relative to."""

    v: Any  # (steps, d)
    weights: Any  # (steps, m), or None
    converged: Any  # (steps,), bool
    mass: Any  # (steps,)


def probe(rows, losses=None, active=None):
    """Make a probe of a matrix."""
    rows = np.asarray(rows, np.float32)
    m = len(rows)
    losses = start_losses(m) if losses is None else np.asarray(losses, np.float32)
    active = np.ones(m, bool) if active is None else np.asarray(active, bool)
    return Probe(rows, losses, active, np.arange(m, dtype=np.int32))


def start_losses(m):
    return np.resize(np.float32([1.3, 0.7, 2.1, 0.4, 1.1, 0.9, 1.7]), m)


def course(m):
    """Return the factors of the losses at each step, shape (steps, m)."""
    fall = np.random.default_rng(5).uniform(0.6, 0.95, (STEPS - 1, m))
    return np.vstack([np.ones((1, m)), np.cumprod(fall, axis=0)]).astype(np.float32)


def jacobian(name, asked, losses):
    """Give the rows as they are, or as the gradients of linear objectives of a batch."""
    if not TABLE[name].lazy:
        return moo.stacked_jacobian(asked.rows, losses, active=asked.active)

    def objectives(x, batch):
        known = jnp.where(asked.active[:, None] | jnp.isfinite(batch), batch, 0)
        slope = jnp.mean(known, axis=0)
        values = losses + slope @ x
        if METHODS[name].placement == "wraps":
            # They stay positive after any step, and their changes unlike; the gradients stay.
            values = losses * jnp.exp(jnp.arcsinh(slope @ x / losses))
        return lax.stop_gradient(values) + slope @ (x - lax.stop_gradient(x))

    m, d = asked.rows.shape
    batch = jnp.broadcast_to(asked.rows, (COPIES, m, d))
    point = jnp.zeros(d, asked.rows.dtype)
    return moo.jacobian(
        objectives, point, batch, batched=(True,), active=lambda batch: asked.active
    )


def extras(name, asked):
    """Return what else `update` needs, in the order of the rows."""
    m = max(len(asked.losses), 4)
    given = {key: jnp.asarray(x) for key, x in TABLE[name].extras(m).items()}
    return {key: x[asked.order] if x.shape[:1] == (m,) else x for key, x in given.items()}


def fallen(name, asked):
    """Return the losses at each step, shape (steps, m); level ones stay."""
    m, dtype = max(len(asked.losses), 4), asked.losses.dtype
    if TABLE[name].level:
        return jnp.tile(asked.losses / jnp.asarray(start_losses(m), dtype)[asked.order], (STEPS, 1))
    return asked.losses * jnp.asarray(course(m), dtype)[:, asked.order]


def stepper(name, tx, dtype=jnp.float32, extras=extras):
    """Return (state, probe, losses) -> (state, v, weights or None, converged) of one step."""

    def step(state, asked, losses):
        point = jnp.zeros(asked.rows.shape[1], dtype)
        jac = jacobian(name, asked, losses)
        update, state = tx.update(jac, state, point, **extras(name, asked))
        v = -update if METHODS[name].placement == "wraps" else update
        converged = moo.find(state, "converged")
        done = jnp.bool_(True) if converged is None else converged
        return state, v, moo.find(state, "weights"), done

    return step


def follower(name, m, dtype=jnp.float32):
    """Return probe -> (v, weights or None, converged), each with a leading axis of steps."""
    tx = TABLE[name].build(m)
    step = stepper(name, tx, dtype)

    def follow(asked):
        def one(state, losses):
            state, *answer = step(state, asked, losses)
            return state, answer

        state = tx.init(jnp.zeros(asked.rows.shape[1], dtype))
        return lax.scan(one, state, fallen(name, asked))[1]

    return follow


def stacked(probes):
    return Probe(*(np.stack(field) for field in zip(*probes, strict=True)))


def answers(name, probes, raw):
    """Read what a program of probes returned, in float64."""
    v, weights, converged = raw
    v = np.asarray(v, np.float64)
    weights = None if weights is None else np.asarray(weights, np.float64)
    return Answer(v, weights, np.asarray(converged), _mass(name, probes, v, weights))


def _mass(name, probes, v, weights):
    """Return the sum of the lengths of v's terms; where they are not known, of v or a row."""
    rows = np.where(probes.active[..., None], probes.rows, 0).astype(np.float64)
    lengths = np.linalg.norm(rows, axis=-1)[:, None]
    if METHODS[name].scale in ("unit", "adam"):
        terms = np.ones_like(v)
    elif weights is None:
        terms = np.max(lengths, axis=-1, keepdims=True) + np.abs(v)
    else:
        with np.errstate(invalid="ignore"):
            terms = np.abs(weights) * lengths
    return np.maximum(np.sum(terms, axis=-1), 1e-30)
