"""The entire-space simulator: impressions, clicks and conversions whose truth is known."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

from moo.data._checks import check_int, check_tables
from moo.data._column import Column
from moo.data._dataset import Dataset
from moo.data._presets import Preset, choose

Floats = NDArray[np.floating[Any]]
_MS_A_DAY = 86_400_000
_TABLES = (("num_rows", "dim"), ("num_rows", "max_tags"))


def simulate(preset: str, *, num_rows: int, seed: int, **options: Any) -> Dataset:
    r"""Draw impressions of a feed with known click and conversion probabilities.

    A user u of taste :math:`\theta_u` is shown item i in context s. With two sets of item, user
    and context effects, one a task and correlated with r across tasks,

    .. math::
        P = \sigma(k\,\theta_u^\top \phi_i^c / \sqrt d + b_u^c + b_i^c + e_s^c + g^c p_i + c_0),
        \quad
        Q = \sigma(k\,\theta_u^\top \phi_i^v / \sqrt d + b_u^v + b_i^v + e_s^v + g^v p_i + v_0),

    click :math:`y \sim B(P)`, potential conversion :math:`C \sim B(Q)` in *every* row (clicked or
    not), and the observed conversion is :math:`z = yC`. Given the features, C does not depend on
    the click (missing at random): :math:`E[C \mid y = 1, x] = Q`. The intercepts :math:`c_0, v_0`
    are solved so that the means over the drawn rows, of P and of Q weighted by P, are the
    requested rates exactly; what is left is the noise of the draws.

    Items follow Zipf's law, users a log-normal activity. Half of the variance of an item's taste
    vector is its category's, and a user's tags are the categories closest to its taste, so that
    content says something where an id is rare.

    Args:
        preset: `alicpp_like` (click .04, conversion .005), `shop` (.15, .10) or
            `short_video` (.5, .5); `moo.data.PRESETS`.
        num_rows: impressions to draw, at least 1.
        seed: a non-negative int. One seed fixes the population; users and items stay the same
            when `num_rows` or the rates change.
        **options: values that replace the preset's: `ctr`, `cvr`, `correlation`, `num_users`,
            `num_items`, ... (the fields of `Preset`).

    Returns:
        A `Dataset` in time order: features `user`, `item`, `category`, `tags` (multi-valued),
        `context`, `price` (numeric, mean 0, variance 1 over the items); labels `click`
        (observed on impressions) and `conversion` = z (observed on clicks); `time`; and the truth
        `true_ctr` = P, `true_cvr` = Q, `true_ctcvr` = PQ and `potential_conversion` = C.

    Raises:
        ValueError: for an unknown preset or option, with the nearest ones, a value out of range,
            or sizes whose product would make a table of more than 2^29 numbers (4 GiB).
        TypeError: for a value of the wrong type.

    Example:
        >>> feed = simulate("short_video", num_rows=2_000, seed=0)
        >>> round(float(feed["true_ctr"].mean()), 3)
        0.5
        >>> bool((feed["conversion"] == feed["click"] * feed["potential_conversion"]).all())
        True

    Source: own construction; potential outcomes for entire-space models as in Wang et al.,
    ESCM2, SIGIR 2022, arXiv:2204.05125.
    """
    num_rows, seed = check_int("num_rows", num_rows, 1), check_int("seed", seed, 0)
    chosen = choose(preset, options)
    check_tables({"num_rows": num_rows, "dim": chosen.dim, "max_tags": chosen.max_tags}, _TABLES)
    # Separate streams: neither the number of rows nor a rate changes the population.
    people, shown, outcomes = (np.random.default_rng([seed, stream]) for stream in range(3))
    world = _population(people, chosen)
    rows = _impressions(shown, chosen, num_rows)
    arrays = _features(world, rows) | _outcomes(outcomes, chosen, *_logits(world, rows))
    changed = "".join(f", {key}={value}" for key, value in sorted(options.items()))
    source = f"moo.data.simulate({preset!r}, num_rows={num_rows}, seed={seed}{changed})"
    return Dataset(preset, _columns(chosen), arrays, licence="none (synthetic)", source=source)


class _Pair(NamedTuple):
    """One effect on the two logits."""

    click: Floats
    conversion: Floats


class _World(NamedTuple):
    """Users and items, and their effects on either logit."""

    taste: Floats
    tags: NDArray[np.int32]
    category: NDArray[np.int32]
    price: Floats
    appeal: _Pair
    user_bias: _Pair
    item_bias: _Pair
    context: _Pair
    slope: _Pair


class _Rows(NamedTuple):
    """Who was shown what, where and when."""

    user: NDArray[np.int32]
    item: NDArray[np.int32]
    context: NDArray[np.int32]
    time: NDArray[np.int64]


def _pair(rng: np.random.Generator, shape: tuple[int, ...], r: float, scale: float) -> _Pair:
    """Draw an effect on clicks and one on conversions with correlation r."""
    first, other = scale * rng.standard_normal(shape), scale * rng.standard_normal(shape)
    return _Pair(np.asarray(first), np.asarray(r * first + np.sqrt(1 - r * r) * other))


def _population(rng: np.random.Generator, p: Preset) -> _World:
    taste = rng.standard_normal((p.num_users, p.dim))
    category = rng.integers(p.num_categories, size=p.num_items, dtype=np.int32)
    # Half of an item's variance is its category's; the two shares add up to `affinity` squared.
    share = p.affinity * np.sqrt(0.5)
    centre = _pair(rng, (p.num_categories, p.dim), p.correlation, share)
    own = _pair(rng, (p.num_items, p.dim), p.correlation, share)
    appeal = _Pair(*(c[category] + o for c, o in zip(centre, own, strict=True)))
    return _World(
        taste=taste,
        tags=_tags(rng, taste @ centre.click.T, p.max_tags),
        category=category,
        price=rng.standard_normal(p.num_items),
        appeal=appeal,
        user_bias=_pair(rng, (p.num_users,), p.correlation, p.bias),
        item_bias=_pair(rng, (p.num_items,), p.correlation, p.bias),
        context=_pair(rng, (p.num_contexts,), p.correlation, p.context),
        slope=_pair(rng, (), p.correlation, p.context),
    )


def _tags(rng: np.random.Generator, liking: Floats, longest: int) -> NDArray[np.int32]:
    """Give each user 0 to `longest` of its best-liked categories, padded with -1."""
    users, categories = liking.shape
    tags = np.full((users, longest), -1, np.int32)
    width = min(longest, categories)
    tags[:, :width] = np.argsort(-liking, axis=1)[:, :width]
    lengths = rng.integers(longest + 1, size=(users,))
    return np.where(np.arange(longest) < lengths[:, None], tags, np.int32(-1))


def _impressions(rng: np.random.Generator, p: Preset, rows: int) -> _Rows:
    activity = np.exp(p.activity * rng.standard_normal(p.num_users))
    rank = rng.permutation(p.num_items) + 1.0
    return _Rows(
        user=_draw(rng, activity, rows),
        item=_draw(rng, rank**-p.popularity, rows),
        context=_draw(rng, rng.exponential(size=p.num_contexts), rows),
        time=np.sort(rng.integers(p.days * _MS_A_DAY, size=rows, dtype=np.int64)),
    )


def _draw(rng: np.random.Generator, mass: Floats, rows: int) -> NDArray[np.int32]:
    """Draw ids in proportion to their mass."""
    return rng.choice(len(mass), size=rows, p=mass / mass.sum()).astype(np.int32)


def _logits(world: _World, rows: _Rows) -> tuple[Floats, Floats]:
    """Return the logits of click and conversion before their intercepts."""
    taste = world.taste[rows.user] / np.sqrt(world.taste.shape[1])
    price = world.price[rows.item]
    click, conversion = (
        np.einsum("nd,nd->n", taste, world.appeal[task][rows.item])
        + world.user_bias[task][rows.user]
        + world.item_bias[task][rows.item]
        + world.context[task][rows.context]
        + world.slope[task] * price
        for task in range(2)
    )
    return click, conversion


def _outcomes(
    rng: np.random.Generator, p: Preset, click_logit: Floats, conversion_logit: Floats
) -> dict[str, NDArray[Any]]:
    ctr = _with_mean(click_logit, p.ctr, np.ones_like(click_logit))
    cvr = _with_mean(conversion_logit, p.cvr, ctr)
    click = rng.random(len(ctr)) < ctr
    potential = rng.random(len(cvr)) < cvr
    values = {
        "click": click,
        "conversion": click & potential,
        "true_ctr": ctr,
        "true_cvr": cvr,
        "true_ctcvr": ctr * cvr,
        "potential_conversion": potential,
    }
    return {name: value.astype(np.float32) for name, value in values.items()}


def _with_mean(logit: Floats, target: float, weight: Floats) -> Floats:
    """Return the probabilities of shifted logits whose weighted mean is `target`."""
    total = weight.sum()

    def excess(shift: float) -> float:
        return float(weight @ expit(logit + shift) / total) - target

    # The weighted mean grows with the shift, so a bracket wider than the logits holds one root.
    reach = float(np.abs(logit).max()) + 20.0
    probabilities: Floats = expit(logit + brentq(excess, -reach, reach, xtol=1e-10))
    return probabilities


def _features(world: _World, rows: _Rows) -> dict[str, NDArray[Any]]:
    return {
        "user": rows.user,
        "item": rows.item,
        "category": world.category[rows.item],
        "tags": world.tags[rows.user],
        "context": rows.context,
        "price": world.price[rows.item].astype(np.float32),
        "time": rows.time,
    }


def _columns(p: Preset) -> tuple[Column, ...]:
    ids = p.num_categories
    return (
        Column("user", "categorical", p.num_users, role="user"),
        Column("item", "categorical", p.num_items, role="item"),
        Column("category", "categorical", ids, description="the item's category"),
        Column("tags", "multi", ids, description="categories close to the user's taste"),
        Column("context", "categorical", p.num_contexts),
        Column("price", "numeric", description="standardised log price of the item"),
        Column("time", "time", description="milliseconds from the start of the log"),
        Column("click", "label", space="impression"),
        Column("conversion", "label", space="click", description="z = click * potential"),
        Column("true_ctr", "truth", description="P(click | x)"),
        Column("true_cvr", "truth", description="P(conversion | click, x), in every row"),
        Column("true_ctcvr", "truth", description="P(click and conversion | x)"),
        Column("potential_conversion", "truth", description="drawn in every row"),
    )
