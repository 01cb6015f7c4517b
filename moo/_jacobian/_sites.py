"""The places of a traced function where a layer reads one parameter."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
from jax.extend.core import ClosedJaxpr, JaxprEqn

from moo._jacobian._layers import LAYERS, Factors, layout
from moo._jacobian._walk import Value, evaluate, typed, view, walk
from moo._types import Array


@dataclasses.dataclass(frozen=True)
class Site:
    """One operation that is linear in one parameter.

    Attributes:
        leaf: the index of the parameter.
        views: the changes of layout between the parameter and the operation.
        eqn: the operation.
        position: which of its operands the parameter is.
    """

    leaf: int
    views: tuple[JaxprEqn, ...]
    eqn: JaxprEqn
    position: int

    @property
    def output(self) -> jax.ShapeDtypeStruct:
        """The shape and dtype of the operation's output."""
        return typed(self.eqn.outvars[0])

    @property
    def layout(self) -> Any:
        """Equal for two sites whose factors of one parameter can be put side by side."""
        views = [(eqn.primitive.name, str(eqn.params)) for eqn in self.views]
        return views, layout(self.eqn, self.position)

    def factors(self, operand: Array, cotangent: Array) -> Factors:
        """Return the factors of every example's gradient."""
        read = LAYERS[self.eqn.primitive.name].factors
        return jax.vmap(lambda x, d: read(self.eqn, self.position, x, d))(operand, cotangent)

    def rows(self, like: Array, operand: Array, cotangent: Array) -> Array:
        """Return every example's gradient with respect to the parameter."""

        def one(x: Array, d: Array) -> Array:
            return jax.linear_transpose(lambda p: self._apply(p, x), like)(d)[0]

        return jax.vmap(one)(operand, cotangent)

    def total(self, like: Array, operand: Array, cotangent: Array) -> Array:
        """Return the sum of the examples' gradients, without any of them."""
        each = jax.vmap(self._apply, (None, 0))
        return jax.linear_transpose(lambda p: each(p, operand), like)(cotangent)[0]

    def _apply(self, param: Array, operand: Array) -> Array:
        operands = [operand, operand]
        operands[self.position] = view(param, self.views)
        return evaluate(self.eqn, operands)[0]


@dataclasses.dataclass(frozen=True)
class Plan:
    """Which parameters are read by layers alone, and where.

    Attributes:
        program: one example's loss, traced; its first arguments are the parameters.
        sites: the layers, in the order of evaluation.
        whole: for each parameter, whether it is also read otherwise.
    """

    program: ClosedJaxpr
    sites: tuple[Site, ...]
    whole: tuple[bool, ...]


def factors_are_cheaper(sites: Sequence[Site], num_examples: int) -> bool:
    """Say whether one parameter's products of factors cost less than the examples' gradients."""
    sizes = [LAYERS[site.eqn.primitive.name].sizes(site.eqn, site.position) for site in sites]
    tokens, first = sum(size.tokens for size in sizes), sizes[0]
    pairs = tokens**2 * (first.inner + first.outputs)
    return pairs <= first.inputs * first.outputs * (1 + tokens / num_examples)


def make_plan(program: ClosedJaxpr, num_leaves: int) -> Plan:
    """Find the layers of a program whose first arguments are the parameters."""
    sites: list[Site] = []
    lost: set[int] = set()

    def visit(eqn: JaxprEqn, values: list[Value]) -> None:
        site = _site(eqn, values)
        if site is None:
            lost.update(value.leaf for value in values if value.leaf is not None)
        else:
            sites.append(site)

    def trace(*arrays: Array) -> None:
        outputs = walk(program, _tracked(arrays, range(num_leaves)), visit)
        lost.update(value.leaf for value in outputs if value.leaf is not None)

    jax.eval_shape(trace, *program.in_avals)
    for leaf in range(num_leaves):
        own = [site.layout for site in sites if site.leaf == leaf]
        if any(found != own[0] for found in own):
            lost.add(leaf)
    kept = tuple(site for site in sites if site.leaf not in lost)
    return Plan(program, kept, tuple(leaf in lost for leaf in range(num_leaves)))


def tapped(
    plan: Plan, params: Sequence[Array], taps: Sequence[Array], args: Sequence[Array]
) -> tuple[Array, list[Array]]:
    """Evaluate one example's loss with a perturbation added where a parameter is read.

    Args:
        plan: the layers.
        params: the parameters.
        taps: what is added to each layer's output, then to each parameter that is `whole`.
        args: the program's further arguments.

    Returns:
        The loss, and the other operand of each layer.
    """
    saved: list[Array] = []
    given = iter(taps[len(plan.sites) :])
    leaves = [p + next(given) if whole else p for p, whole in zip(params, plan.whole, strict=True)]
    layers = [leaf for leaf, whole in enumerate(plan.whole) if not whole]

    def visit(eqn: JaxprEqn, values: list[Value]) -> Array:
        site = plan.sites[len(saved)]
        saved.append(values[1 - site.position].array)
        return evaluate(eqn, [value.array for value in values])[0] + taps[len(saved) - 1]

    (loss,) = walk(plan.program, _tracked([*leaves, *args], layers), visit)
    return loss.array, saved


def _tracked(arrays: Sequence[Array], leaves: Sequence[int]) -> list[Value]:
    kept = set(leaves)
    return [Value(array, i if i in kept else None) for i, array in enumerate(arrays)]


def _site(eqn: JaxprEqn, values: list[Value]) -> Site | None:
    tracked = [i for i, value in enumerate(values) if value.leaf is not None]
    layer = LAYERS.get(eqn.primitive.name)
    if layer is None or len(values) != 2 or len(tracked) != 1:
        return None
    (position,) = tracked
    value = values[position]
    if value.leaf is None or not layer.matches(eqn, position):
        return None
    return Site(value.leaf, value.views, eqn, position)
