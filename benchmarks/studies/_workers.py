"""Funnels of real people: who works all the time, and who of these earns much."""

import dataclasses

import numpy as np

from moo.data import Column, Dataset

WORKS, EARNS = "works", "earns_over_50k"


def as_funnel(people: Dataset, work: str, full: float, income: str) -> Dataset:
    """Return a census with two steps for labels: much work, and a high income after it.

    As in a feed the second label is 0 where the first one is.

    Args:
        people: a census; its own labels are dropped, and the column that the first step is made of.
        work: the column of how much a person works.
        full: from where on it is the first step.
        income: the label of a high income.

    Example:
        >>> import moo
        >>> people = moo.data.load("adult")
        >>> found = as_funnel(people, "hours_per_week", 40, "income_over_50k")
        >>> [f"{label.name} {found[label.name].mean():.2f}" for label in found.labels]
        ['works 0.76', 'earns_over_50k 0.22']
        >>> len(people.features) - len(found.features)
        1
    """
    works = (people[work] >= full).astype(np.float32)
    kept = [c for c in people.columns if c.kind != "label" and c.name != work]
    steps = (Column(WORKS, "label", space="impression"), Column(EARNS, "label", space=WORKS))
    arrays = {column.name: people[column.name] for column in kept}
    arrays |= {WORKS: works, EARNS: works * people[income]}
    return dataclasses.replace(people, columns=(*kept, *steps), arrays=arrays)
