"""The Jacobian whose Gramian is taken at a shared representation instead of the parameters."""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import jax
import jax.numpy as jnp

from moo._jacobian._autodiff import AutodiffJacobian, Options
from moo._jacobian._base import Jacobian
from moo._jacobian._checks import check_params
from moo._jacobian._engines import each_row
from moo._jacobian._gram import Gram, gram_of_rows
from moo._types import Array, Engine, Heads, Params, PyTree


def feature_jacobian(
    encode: Callable[..., Any],
    decode: Callable[..., Array],
    params: Params,
    *args: Any,
    has_aux: bool = False,
    shared: Any = None,
    heads: Heads = "weighted",
    active: Array | Callable[..., Array] | None = None,
    batched: Sequence[Any] | None = None,
    engine: Engine = "auto",
) -> "FeatureJacobian":
    r"""Take the lazy Jacobian of losses through features, with the Gramian at the features.

    With $z = \mathrm{encode}(\theta)$ and $\ell = \mathrm{decode}(\theta, z)$, the Gramian is
    $Z Z^\top$ with rows $\partial \ell_i / \partial z$, flattened over batch and features: m
    backward passes through the decoder only. `combine` is the full gradient, one backward pass.

    Args:
        encode: `encode(params, *args) -> z`, a pytree of floating-point features; with
            `has_aux`, `(z, aux)`.
        decode: `decode(params, z, *args) -> losses`, shape (m,).
        params: pytree of floating-point arrays.
        *args: further arguments of both functions.
        has_aux: whether `encode` returns auxiliary output.
        shared: as in `moo.jacobian`; it decides only what `heads="plain"` calls a head.
        heads: as in `moo.jacobian`.
        active: as in `moo.jacobian`.
        batched: as in `moo.jacobian`.
        engine: as in `moo.jacobian`.

    Returns:
        The Jacobian. `gram(other)` asks for another feature Jacobian with features of the same
        shape; `materialize` returns it unchanged.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.feature_jacobian(
        ...     lambda p, x: x @ p["trunk"],
        ...     lambda p, z, x: jnp.stack([(z * p["a"]).sum(), (z * p["b"]).sum()]),
        ...     {"trunk": jnp.eye(2), "a": jnp.array([1.0, 0.0]), "b": jnp.array([1.0, 1.0])},
        ...     jnp.ones((1, 2)))
        >>> jac.gram().matrix.round(5).tolist()
        [[1.0, 1.0], [1.0, 2.0]]
    """
    options = Options(has_aux, shared, heads, active, batched, engine)
    return FeatureJacobian(encode, decode, params, args, options)


class FeatureJacobian(AutodiffJacobian):
    """A Jacobian over all parameters whose Gramian is taken at features."""

    def __init__(
        self,
        encode: Callable[..., Any],
        decode: Callable[..., Array],
        params: Params,
        args: Sequence[Any],
        options: Options,
    ) -> None:
        self._encode, self._decode, self._encode_aux = encode, decode, options.has_aux

        def objectives(params: Params, *args: Any) -> Any:
            features, aux = self._features(params, args)
            losses = decode(params, features, *args)
            return (losses, aux) if options.has_aux else losses

        super().__init__(objectives, params, args, options)

    def feature_rows(self) -> PyTree:
        r"""Return $\partial \ell_i / \partial z$, each leaf with a leading axis m."""
        features, _ = self._features(self._params, self._args)
        check_params(features, "features")
        losses, pull = jax.vjp(lambda z: self._decode(self._params, z, *self._args), features)

        def pull_active(weights: Array) -> PyTree:
            if self.active is not None:
                weights = jnp.where(self.active, weights, 0)
            return pull(weights)[0]

        return each_row(pull_active, self.num_objectives, losses.dtype, self._options.engine)

    def gram(self, other: Jacobian | None = None) -> Gram:
        r"""Return $Z Z^\top$ at the features, or $Z Z_2^\top$ with another feature Jacobian."""
        if other is None:
            return gram_of_rows(self.feature_rows())
        if not isinstance(other, FeatureJacobian):
            raise TypeError(
                f"other must be a feature Jacobian, got {type(other).__name__}: a Gramian at "
                "features and one at parameters are different statistics"
            )
        return gram_of_rows(self.feature_rows(), other.feature_rows())

    def sketched_gram(self, key: Any, probes: int) -> NoReturn:
        """Refuse: a Gramian at features is as cheap as one probe."""
        raise ValueError(
            "a feature Jacobian takes its Gramian at the features, which needs no sketch: call "
            "gram(), or build it with moo.jacobian for the Gramian at the parameters"
        )

    def materialize(self) -> Jacobian:
        """Return itself: the Gramian needs no parameter rows."""
        return self

    def _features(self, params: Params, args: Sequence[Any]) -> tuple[PyTree, PyTree]:
        encoded = self._encode(params, *args)
        if not self._encode_aux:
            return encoded, None
        if not (isinstance(encoded, tuple) and len(encoded) == 2):
            raise TypeError(
                "with has_aux=True encode must return (features, aux), got a "
                f"{type(encoded).__name__}"
            )
        return encoded

    def on(self, params: Params, args: Sequence[Any]) -> "FeatureJacobian":
        """Return the same Jacobian at another point and on other arguments."""
        return FeatureJacobian(self._encode, self._decode, params, args, self._options)
