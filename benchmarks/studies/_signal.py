"""What is left of the clicks' signal at each layer of a funnel's model, where nobody converted."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.studies._study import Arrays

ROWS = 512
# Of a parameter's path, what tells the layer; the first task is the click.
LAYERS = {
    "click_tower": ("['ctr_tower']", "['towers'][0]"),
    "experts": ("['experts']", "['levels']"),
    "embeddings": ("['features']",),
}
KEPT, COSINE = "click_signal_kept", "click_signal_cosine"


def unconverted(arrays: Arrays, click: str, conversion: str) -> Arrays:
    """Return the first 512 rows with a click and no conversion.

    Args:
        arrays: all rows.
        click: name of the click's label.
        conversion: name of the conversion's label.
    """
    rows = np.flatnonzero((arrays[click] == 1) & (arrays[conversion] == 0))[:ROWS]
    return {name: column[rows] for name, column in arrays.items()}


def signal(losses: Callable[[Any, Arrays], Any], params: Any, arrays: Arrays) -> dict[str, Any]:
    r"""Measure what is left of the clicks' signal on rows that are clicked and not converted.

    With $g_k$ the gradient of loss k over these rows, with respect to one layer's parameters, and
    $g_1$ that of the click's loss,

    - `click_signal_kept`: $\langle g_1, \sum_k g_k \rangle / |g_1|^2$. 1 where the other losses
      leave the click alone; below 0 a click teaches the layer that there was none;
    - `click_signal_cosine`: the cosine of $g_1$ and $\sum_{k>1} g_k$; 0 where the latter is 0.

    Losses are added up as they are: by what a method weights them is not in it.

    Args:
        losses: (parameters, arrays) -> losses (m,), the click's first.
        params: the parameters.
        arrays: those rows.

    Returns:
        Number by quantity and layer, such as `click_signal_kept_embeddings`; NaN where no loss of
        clicks reaches the layer or there are no rows. Layers that a model lacks are not named.
    """
    found = {}
    for layer, gramian in _gramians(jax.jacrev(losses)(params, arrays)).items():
        own, with_others, others = gramian[0, 0], gramian[0, 1:].sum(), gramian[1:, 1:].sum()
        cosine = with_others / (jnp.sqrt(own) * jnp.sqrt(others))
        found[f"{KEPT}_{layer}"] = 1 + with_others / own
        found[f"{COSINE}_{layer}"] = jnp.where((own > 0) & (others == 0), 0.0, cosine)
    return found


def _gramians(gradients: Any) -> dict[str, Any]:
    """Return the inner products of the losses' gradients by layer, each (m, m)."""
    leaves = [
        (jax.tree_util.keystr(path), leaf.reshape(len(leaf), -1))
        for path, leaf in jax.tree.leaves_with_path(gradients)
    ]
    by_layer = {
        layer: [rows for path, rows in leaves if path.startswith(starts)]
        for layer, starts in LAYERS.items()
    }
    return {
        layer: jnp.stack([rows @ rows.T for rows in found]).sum(0)
        for layer, found in by_layer.items()
        if found
    }
