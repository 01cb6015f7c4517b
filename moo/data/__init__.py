"""Data: a validated `Dataset`, loaders of the real formats, and the entire-space simulator.

`moo.data.load(name)` reads a real data set, `moo.data.simulate(preset, ...)` draws one whose truth
is known. Both return a `Dataset`: columns with a schema, and arrays that were checked against it.

Example:
    >>> import moo
    >>> people = moo.data.load("adult", part="test")
    >>> len(people), [label.name for label in people.labels]
    (16281, ['income_over_50k', 'never_married'])
"""

from moo._lazy import attach

_PUBLIC = {
    "Batches": "moo.data._batches",
    "Column": "moo.data._column",
    "DATASETS": "moo.data._registry",
    "DataError": "moo.data._error",
    "Dataset": "moo.data._dataset",
    "load": "moo.data._registry",
    "PRESETS": "moo.data._presets",
    "simulate": "moo.data._simulate",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
