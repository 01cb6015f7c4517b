"""The per-example Jacobian as its layers' inputs and output cotangents."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import ClosedJaxpr

from moo._jacobian._base import Jacobian
from moo._jacobian._checks import check_weights
from moo._jacobian._gram import Gram, gram_of_rows
from moo._jacobian._layers import Factors
from moo._jacobian._pairs import factors_of_rows, gram_of_factors, side_by_side
from moo._jacobian._sites import Site, factors_are_cheaper, make_plan, tapped
from moo._jacobian._sketch import Sketch
from moo._jacobian._stacked import combine_rows, shared_rows
from moo._jacobian._walk import varying_as
from moo._types import Array, Params, PyTree


class FactoredJacobian(Jacobian):
    """A per-example Jacobian whose backward pass is done, down to the layers' outputs."""

    def __init__(
        self, lazy: Any, trace: Callable[[Sequence[Array]], ClosedJaxpr], params: Params
    ) -> None:
        self.num_objectives, self.aux, self.active = lazy.num_objectives, None, lazy.active
        self.shared, self._lazy = lazy.shared, lazy
        leaves, self._tree = jax.tree.flatten(params)
        self._leaves, self._back = jax.vjp(self._as_losses, [jnp.asarray(leaf) for leaf in leaves])
        self._plan = make_plan(trace(self._leaves), len(leaves))
        self._losses, pull, self._operands = jax.vjp(self._forward, self._taps(), has_aux=True)
        ones = jnp.ones_like(self._losses)
        (cotangents,) = pull(ones if self.active is None else self.active.astype(ones.dtype))
        self._cotangents = cotangents[: len(self._plan.sites)]
        whole = (leaf for leaf, is_whole in enumerate(self._plan.whole) if is_whole)
        self._whole = dict(zip(whole, cotangents[len(self._plan.sites) :], strict=True))

    @property
    def losses(self) -> Array:
        """The losses, shape (n,)."""
        return self._losses

    def combine(self, weights: Array) -> PyTree:
        r"""Return $J^\top w$: one product a layer, since a loss has its own cotangents alone."""
        weights = check_weights(weights, self.num_objectives)
        totals = [self._total(leaf, weights) for leaf in range(len(self._leaves))]
        return jax.tree.unflatten(self._tree, self._back(totals)[0])

    def rows(self) -> PyTree:
        """Return every example's gradient, zero where inactive."""
        rows = [self._rows(leaf) for leaf in range(len(self._leaves))]
        return jax.tree.unflatten(self._tree, rows)

    def gram(self, other: Jacobian | None = None) -> Gram:
        r"""Return $J J^\top$ over the shared leaves by layers, or $J J_2^\top$ by rows."""
        if other is not None:
            others = shared_rows(other.rows(), self.shared)
            return gram_of_rows(shared_rows(self.rows(), self.shared), others)
        shared = enumerate(jax.tree.leaves(self.shared))
        return gram_of_factors([self._factors(leaf) for leaf, keep in shared if keep])

    def materialize(self) -> Jacobian:
        """Return itself."""
        return self

    def split(self, k: int) -> Any:
        """Refuse as the lazy Jacobian does."""
        return self._lazy.split(k)

    def at(self, params: Params) -> Any:
        """Return the lazy Jacobian at other parameters, with the same batch."""
        return self._lazy.at(params)

    def sketched_gram(self, key: Any, probes: int) -> Sketch:
        """Estimate the Gramian as the lazy Jacobian does."""
        sketch: Sketch = self._lazy.sketched_gram(key, probes)
        return sketch

    def losses_at(self, params: Params) -> Array:
        """Return the losses at other parameters, with the same batch."""
        losses: Array = self._lazy.losses_at(params)
        return losses

    def _taps(self) -> list[Array]:
        """Return zeros for each layer's output, then for each parameter that is read otherwise."""
        whole = zip(self._leaves, self._plan.whole, strict=True)
        shapes = [site.output for site in self._plan.sites]
        shapes += [jax.typeof(leaf) for leaf, is_whole in whole if is_whole]
        return self._as_losses(
            [jnp.zeros((self.num_objectives, *x.shape), x.dtype) for x in shapes]
        )

    def _as_losses(self, leaves: list[Array]) -> list[Array]:
        return [varying_as(self._lazy.losses, leaf) for leaf in leaves]

    def _forward(self, taps: list[Array]) -> tuple[Array, list[Array]]:
        examples = self._lazy.examples

        def one(taps: list[Array], args: Sequence[Array]) -> tuple[Array, list[Array]]:
            return tapped(self._plan, self._leaves, taps, args)

        pair: tuple[Array, list[Array]] = jax.vmap(one, (0, examples.axes))(taps, examples.leaves)
        return pair

    def _layers(self, leaf: int) -> Iterator[tuple[Site, Array, Array]]:
        """Return each layer of a parameter with its inputs and cotangents."""
        layers = zip(self._plan.sites, self._operands, self._cotangents, strict=True)
        return (layer for layer in layers if layer[0].leaf == leaf)

    def _total(self, leaf: int, weights: Array) -> Array:
        if leaf in self._whole:
            return combine_rows(self._whole[leaf], weights)
        like = self._leaves[leaf]
        total = jnp.zeros_like(like)
        for site, operand, cotangent in self._layers(leaf):
            column = weights.reshape((-1,) + (1,) * (cotangent.ndim - 1))
            weighted = cotangent * column.astype(cotangent.dtype)
            total += site.total(like, operand, weighted)
        return total

    def _rows(self, leaf: int) -> Array:
        if leaf in self._whole:
            return self._whole[leaf]
        like = self._leaves[leaf]
        rows = jnp.zeros((self.num_objectives, *like.shape), like.dtype)
        for site, operand, cotangent in self._layers(leaf):
            rows += site.rows(like, operand, cotangent)
        return rows

    def _factors(self, leaf: int) -> Factors:
        """Return a parameter's factors where they are cheaper than its rows."""
        layers = list(self._layers(leaf))
        if not layers and leaf not in self._whole:
            return factors_of_rows(jnp.zeros(self.num_objectives, self._leaves[leaf].dtype))
        sites = [site for site, _, _ in layers]
        if not sites or not factors_are_cheaper(sites, self.num_objectives):
            return factors_of_rows(self._rows(leaf))
        return side_by_side([site.factors(x, d) for site, x, d in layers])
