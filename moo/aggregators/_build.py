"""Methods by name, and the one way in which drivers build an optimizer."""

import functools
import importlib
import inspect
from collections.abc import Callable
from types import UnionType
from typing import Any, Union, get_args, get_origin

import optax

from moo.aggregators._base import Aggregator
from moo.aggregators._checks import expect_transformation
from moo.aggregators._registry import Method, lookup


def aggregator(name: str, *, num_objectives: int, **hyperparameters: Any) -> Aggregator:
    """Build a method by its name.

    Args:
        name: a key of `moo.aggregators.METHODS`.
        num_objectives: the number m of objectives.
        **hyperparameters: the method's own arguments.

    Returns:
        The aggregator, to come first in an `optax.chain`.

    Raises:
        ValueError: if the name is unknown, or the method needs `moo.optimizer`.

    Example:
        >>> import moo
        >>> moo.aggregator("cagrad", num_objectives=2, c=0.5).linear
        True
    """
    method = lookup(name)
    if method.placement == "wraps":
        raise ValueError(
            f"{name} needs the losses after the whole step, so it wraps the optimizer: use "
            f"moo.optimizer({name!r}, optax.adam(...), num_objectives={num_objectives})"
        )
    built: Aggregator = _called(method, num_objectives, **hyperparameters)
    return built


def optimizer(
    name_or_aggregator: str | optax.GradientTransformation,
    *after: optax.GradientTransformation,
    num_objectives: int | None = None,
    **hyperparameters: Any,
) -> optax.GradientTransformationExtraArgs:
    """Build a whole optimizer: an aggregator and what comes after it.

    Args:
        name_or_aggregator: a method's name, or an aggregator.
        *after: optax transformations to come after the aggregator, such as
            `optax.clip_by_global_norm(1.0), optax.adam(1e-3)`. A method that needs the losses
            after the whole step (FAMO) is placed around them.
        num_objectives: the number m of objectives; needed with a name.
        **hyperparameters: the method's own arguments, with a name.

    Returns:
        An optax transformation whose `update` receives a `moo.Jacobian`.

    Raises:
        TypeError: if something is no optax transformation.
        ValueError: if the name is unknown, or arguments are missing or out of place.

    Example:
        >>> import moo, optax
        >>> tx = moo.optimizer("famo", optax.adam(1e-3), num_objectives=2)
    """
    for member in after:
        expect_transformation(member, "each member of after")
    if not isinstance(name_or_aggregator, str):
        expect_transformation(name_or_aggregator, "name_or_aggregator")
        _expect_nothing_else(name_or_aggregator, num_objectives, hyperparameters)
        _expect_nothing_after(name_or_aggregator, after)
        return optax.chain(name_or_aggregator, *after)
    if num_objectives is None:
        raise ValueError(f"num_objectives is missing: {name_or_aggregator!r} needs num_objectives=")
    method = lookup(name_or_aggregator)
    if method.placement == "wraps":
        if not after:
            raise ValueError(f"{name_or_aggregator!r} wraps an optimizer: give one after the name")
        wrapped: Aggregator = _called(
            method, num_objectives, optax.chain(*after), **hyperparameters
        )
        return wrapped
    first = aggregator(name_or_aggregator, num_objectives=num_objectives, **hyperparameters)
    return optax.chain(first, *after)


def inject_hyperparams(
    factory: Callable[..., optax.GradientTransformation],
) -> Callable[..., optax.GradientTransformationExtraArgs]:
    """Let schedules stand for an aggregator's numeric hyper-parameters.

    `optax.inject_hyperparams` with the arguments that shape the program, such as
    `num_objectives`, kept static.

    Args:
        factory: an aggregator's factory, or any function that returns a transformation.

    Returns:
        The factory, with schedules allowed. What it builds is a plain optax transformation:
        wrap weights inside, as in
        `inject_hyperparams(lambda c: moo.ema_weights(moo.cagrad(2, c=c)))`.

    Example:
        >>> import moo, optax
        >>> scheduled = moo.inject_hyperparams(moo.cagrad)
        >>> tx = optax.chain(scheduled(2, c=optax.linear_schedule(0.5, 0.1, 1000)), optax.sgd(0.1))
    """
    static = [
        parameter.name
        for parameter in inspect.signature(factory).parameters.values()
        if parameter.name == "num_objectives" or _is_static(parameter.annotation)
    ]
    injected = optax.inject_hyperparams(factory, static_args=static)
    return functools.wraps(factory)(injected)


def _is_static(annotation: Any) -> bool:
    """Whether values of this type shape the program; optax takes any function for a schedule."""
    union = get_origin(annotation) in (Union, UnionType)
    members = get_args(annotation) if union else (annotation,)
    function = any(get_origin(member) is Callable for member in members)
    return annotation in (int, bool, str, int | None) or (function and float not in members)


def _called(method: Method, *args: Any, **hyperparameters: Any) -> Any:
    """Call a method's factory, after naming the arguments that it does not have."""
    module, name = method.factory.split(":")
    factory = getattr(importlib.import_module(module), name)
    known = list(inspect.signature(factory).parameters)[len(args) :]
    for given in hyperparameters:
        if given not in known:
            have = ", ".join(known) or "none"
            raise TypeError(f"{name} has no hyper-parameter {given!r}: it has {have}")
    return factory(*args, **hyperparameters)


def _expect_nothing_after(
    given: optax.GradientTransformation, after: tuple[optax.GradientTransformation, ...]
) -> None:
    if after and getattr(given, "placement", "first") == "wraps":
        raise ValueError(
            "this aggregator holds the rest of the chain itself, and must see the losses after "
            "all of it: give what comes after it to its factory"
        )


def _expect_nothing_else(
    given: optax.GradientTransformation, num_objectives: int | None, hyperparameters: dict[str, Any]
) -> None:
    if hyperparameters:
        raise ValueError(
            f"{', '.join(hyperparameters)} came with a built aggregator: give hyper-parameters to "
            "its factory, or give its name"
        )
    own = getattr(given, "num_objectives", num_objectives)
    if num_objectives is not None and own != num_objectives:
        raise ValueError(f"num_objectives={num_objectives}, but the aggregator was built for {own}")
