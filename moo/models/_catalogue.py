"""Names of the models, kept apart from their code so that listing them needs no jax."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple

from moo._names import find_name


class Model(NamedTuple):
    """One row of `MODELS`.

    Attributes:
        factory: `module:class` of the model.
        summary: its definition in one line.
        paper: key of the paper in `moo/references.bib`.
    """

    factory: str
    summary: str
    paper: str


MODELS: dict[str, Model] = {
    "shared_bottom": Model(
        factory="moo.models._shared_bottom:SharedBottom",
        summary="h = f(e); a_t = tower_t(h)",
        paper="caruana1997multitask",
    ),
    "mmoe": Model(
        factory="moo.models._mmoe:MMoE",
        summary="h_t = sum_e softmax(W_t x)_e f_e(x); a_t = tower_t(h_t)",
        paper="ma2018modeling",
    ),
    "esmm": Model(
        factory="moo.models._esmm:ESMM",
        summary="a CTR and a CVR tower on shared embeddings; pCTCVR = pCTR pCVR",
        paper="ma2018entire",
    ),
}


def build(name: str, **options: Any) -> Any:
    """Build a model by its name in `MODELS`.

    Args:
        name: a key of `MODELS`.
        **options: keyword arguments of the model's constructor (columns, num_tasks,
            embedding_dim, hidden, dropout, batch_norm, rngs, ...).

    Returns:
        The `nnx.Module`; hand it to `functional`.

    Raises:
        ValueError: if no model bears that name.

    Example:
        >>> from types import SimpleNamespace
        >>> from flax import nnx
        >>> item = SimpleNamespace(name="item", kind="categorical", vocabulary=5)
        >>> type(build("mmoe", columns=[item], num_tasks=2, rngs=nnx.Rngs(0))).__name__
        'MMoE'
    """
    module, _, attribute = find_name("model", name, MODELS).factory.partition(":")
    return getattr(importlib.import_module(module), attribute)(**options)
