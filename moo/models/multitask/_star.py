"""STAR: a star of domains, each with the shared weights times its own."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from moo._types import Params, PyTree
from moo.models._layers import Dense, Tower, check_count
from moo.models._masks import all_but
from moo.models.features._columns import Column
from moo.models.features._features import Inputs, feature_layer
from moo.models.features._named import columns_named
from moo.models.multitask._partitioned_norm import PartitionedNorm


class STAR(nnx.Module):
    r"""Layers whose weights are shared ones times those of the row's domain.

    $$W_d^\star = W \otimes W_d, \qquad b_d^\star = b + b_d, \qquad
    h^l = \mathrm{relu}(W_d^{\star l} h^{l-1} + b_d^{\star l}), \qquad
    a_t = w_{t,d}^\star h^L + b_{t,d}^\star + \mathrm{aux}_t(x)$$

    with $h^0$ the features x after partitioned normalisation and an auxiliary tower a task on x,
    which holds the domain's embedding. W_d starts at 1 and b_d at 0, so all domains start equal.
    Every row is computed for all D domains and one result kept: a cost of D shared layers.

    Parameters above w features, with h the last width of `hidden` and |w, ...| those of an MLP of
    these widths: 2 w (1 + D) + (1 + D) (|w, hidden| + T |h, 1|) + T |w, auxiliary, 1|.

    Args:
        columns: the features, see `FeatureLayer`, the domain among them.
        num_tasks: number T of outputs.
        domain: name of the categorical column that says a row's domain; D is its vocabulary.
        embedding_dim: width of each feature's vector.
        hidden: widths of the star's layers, at least one.
        auxiliary: widths of each auxiliary tower's hidden layers.
        dropout: rate in [0, 1) after every hidden layer.
        batch_norm: whether features are normalised by the moments of their domain, and every
            hidden layer by the batch's; without, only the normalisation's scale and shift stay.
        inputs: what makes features of a batch, called as `inputs(columns, embedding_dim,
            rngs=rngs)`: an input tower; `FeatureLayer` by default.
        rngs: random streams.

    Raises:
        ValueError: on columns, widths, rates or counts out of range, or a `domain` that is no
            categorical column.
        TypeError: on widths or counts that are no ints.

    Example:
        >>> import jax.numpy as jnp
        >>> from flax import nnx
        >>> from types import SimpleNamespace
        >>> item = SimpleNamespace(name="item", kind="categorical", vocabulary=5)
        >>> page = SimpleNamespace(name="page", kind="categorical", vocabulary=3)
        >>> model = STAR(columns=[item, page], num_tasks=2, domain="page", rngs=nnx.Rngs(0))
        >>> model({"item": jnp.array([0, 4]), "page": jnp.array([2, 0])}).shape
        (2, 2)

    Source: Sheng et al., "One Model to Serve All: Star Topology Adaptive Recommender for
    Multi-Domain CTR Prediction", CIKM 2021, arXiv:2101.11427.

    Differs from the paper: several tasks, each with an output layer and an auxiliary network.
    """

    def __init__(
        self,
        *,
        columns: Iterable[Column],
        num_tasks: int,
        domain: str,
        embedding_dim: int = 8,
        hidden: Sequence[int] = (64, 32),
        auxiliary: Sequence[int] = (16,),
        dropout: float = 0.0,
        batch_norm: bool = False,
        inputs: Inputs | None = None,
        rngs: nnx.Rngs,
    ) -> None:
        check_count("num_tasks", num_tasks)
        if not hidden:
            raise ValueError("hidden must name at least one width: without there is no star")
        columns = tuple(columns)
        self.domain = domain
        num_domains = _num_domains(domain, columns)
        options: dict[str, Any] = {"dropout": dropout, "batch_norm": batch_norm, "rngs": rngs}
        self.features = feature_layer(columns, embedding_dim, inputs, rngs)
        width = self.features.width
        self.auxiliaries = nnx.List(Tower(width, auxiliary, **options) for _ in range(num_tasks))
        self.norm = PartitionedNorm(width, num_domains, moments=batch_norm)
        widths = (width, *hidden)
        for out in hidden:
            check_count("each of widths", out)
        self.layers = nnx.List(
            _StarDense(widths[level], out, num_domains, options) for level, out in enumerate(hidden)
        )
        plain = options | {"dropout": 0.0, "batch_norm": False}
        self.logits = nnx.List(
            _StarDense(hidden[-1], 1, num_domains, plain) for _ in range(num_tasks)
        )

    def __call__(self, batch: Mapping[str, jax.Array]) -> jax.Array:
        """Return the logits (n, T) of a batch of features."""
        features = self.features(batch)
        domain = jnp.asarray(batch[self.domain])
        hidden = self.norm(features, domain)
        for layer in self.layers:
            hidden = layer.activate(layer.affine(hidden, domain))
        logits = [
            logit.affine(hidden, domain)[:, 0] + auxiliary(features)
            for logit, auxiliary in zip(self.logits, self.auxiliaries, strict=True)
        ]
        return jnp.stack(logits, axis=-1)

    def reads(self) -> dict[str, str]:
        """Return the domain -> "": its ids are numbers of kernels, too."""
        return {self.domain: ""}

    @staticmethod
    def shared(params: Params) -> PyTree:
        """Return which parameters several tasks share: all but outputs and auxiliary networks."""
        return all_but(params, "logits", "auxiliaries")


class _StarDense(Dense):
    """A hidden layer whose weights are multiplied, and its biases moved, by the domain's."""

    def __init__(
        self, width_in: int, width: int, num_domains: int, options: dict[str, Any]
    ) -> None:
        super().__init__(width_in, width, **options)
        self.kernels = nnx.Param(jnp.ones((num_domains, width_in, width), jnp.float32))
        self.biases = nnx.Param(jnp.zeros((num_domains, width), jnp.float32))

    def affine(self, inputs: jax.Array, domain: jax.Array) -> jax.Array:
        """Map (n, width_in) of domains (n,) to (n, width)."""
        shared: Any = self.linear
        kernels = shared.kernel[...] * self.kernels[...]
        biases = shared.bias[...] + self.biases[...]
        every = jnp.einsum("ni,dio->ndo", inputs, kernels) + biases
        return jnp.take_along_axis(every, domain[:, None, None], axis=1)[:, 0]


def _num_domains(name: str, columns: Iterable[Column]) -> int:
    (column,) = columns_named("domain", [name], columns)
    if column.kind != "categorical":
        raise ValueError(f"domain must name a categorical column, {name!r} is {column.kind}")
    return column.vocabulary or 0
