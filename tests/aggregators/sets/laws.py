"""By how much a method of sets misses a law, for the worst of its solutions."""

import numpy as np

from moo.aggregators import SETS
from tests.aggregators.conformance.laws import LAWS
from tests.aggregators.conformance.probe import Answer, probe
from tests.aggregators.sets.table import TABLE

ALONE = ("non_conflicting", "stationary", "equal_projections")


def missed(name, law, asked, found):
    """Return the error of a law.

    Args:
        name: the method, as the table calls it.
        law: the law.
        asked: what was asked, with its variants after it.
        found: (state, v) of each.
    """
    answers = [read(name, one, *other) for one, other in zip(asked, found, strict=True)]
    if law in ALONE:
        return max(LAWS[law].error([one], [own]) for one, own in each(name, asked[0], answers[0]))
    return LAWS[law].error(asked, answers)


def read(name, asked, state, v):
    """Return an answer with solutions in the place of steps."""
    v = np.atleast_2d(np.float64(v))
    lengths = np.linalg.norm(np.float64(asked.rows), axis=2)
    if SETS[name].linear:
        terms = (np.abs(state.weights) * lengths).sum(axis=1)
        mass = terms.mean(keepdims=True) if TABLE[name].rays else terms
    else:
        mass = lengths.max() + np.linalg.norm(v, axis=1)
    return Answer(v, None, None, np.maximum(mass, 1e-30))


def each(name, asked, answered):
    """Yield what laws of one matrix compare: a solution's own rows, or those of all rays."""
    for k, v in enumerate(answered.v):
        rows = asked.rows.reshape(-1, asked.rows.shape[2]) if TABLE[name].rays else asked.rows[k]
        yield probe(rows), Answer(v[None], None, None, answered.mass[k : k + 1])
