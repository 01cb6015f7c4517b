"""All metrics of a click and conversion model, each named after the space it is measured on."""

import warnings
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moo.metrics._calibration import mean_log_loss, pcoc
from moo.metrics._checks import (
    Float64,
    UndefinedMetricWarning,
    as_labels,
    as_probabilities,
    resolution,
)
from moo.metrics._ranking import auc, grouped_auc


class _Measured(NamedTuple):
    """One task on one space: the rows of the space, labels and predictions on every row."""

    task: str
    space: str
    rows: NDArray[np.bool_]
    labels: Float64
    predictions: Float64


def entire_space(
    p_ctr: ArrayLike,
    p_cvr: ArrayLike,
    click: ArrayLike,
    conversion: ArrayLike,
    *,
    potential_conversion: ArrayLike | None = None,
    true_cvr: ArrayLike | None = None,
    groups: ArrayLike | None = None,
) -> dict[str, float]:
    """AUC, log-loss and PCOC of CTR, CVR and CTCVR, each on the spaces where it can be measured.

    Keys are `{task}_{metric}_{space}`:

    - `ctr_*_impressions`: p_ctr against clicks, on all rows;
    - `cvr_*_clicks`: p_cvr against conversions, on clicked rows only;
    - `ctcvr_*_impressions`: p_ctr p_cvr against conversions, on all rows;
    - `cvr_*_impressions`, `cvr_*_unclicked`: p_cvr against the conversion that would have followed
      a click, on all rows and on the rows without one; only with `potential_conversion`.

    The metric is `auc`, `log_loss` or `pcoc`; with groups also `gauc` (weighted by impressions),
    with `true_cvr` also `bias`, the mean of p_cvr - true_cvr, for CVR on all three spaces.

    Args:
        p_ctr: predicted chance of a click, `(n,)`.
        p_cvr: predicted chance of a conversion after a click, `(n,)`.
        click: 0 or 1, `(n,)`.
        conversion: 0 or 1, `(n,)`; 0 wherever click is 0.
        potential_conversion: 0 or 1 on every row, `(n,)`, known in simulations and randomised
            experiments only.
        true_cvr: true chance of a conversion after a click on every row, `(n,)`.
        groups: group of each row, usually the user, `(n,)`.

    Returns:
        Metric by name. Those without a value are NaN, with one `UndefinedMetricWarning` that
        lists them; a space without rows has no keys.

    Raises:
        ValueError: if an argument is empty, has another shape, or values out of its range, or a
            row has a conversion and no click.

    Example:
        >>> from moo.metrics import entire_space
        >>> found = entire_space([0.9, 0.8, 0.3], [0.5, 0.1, 0.5], [1, 1, 0], [1, 0, 0])
        >>> [name for name in found if "auc" in name]
        ['ctr_auc_impressions', 'cvr_auc_clicks', 'ctcvr_auc_impressions']
    """
    y, z = _outcomes(click, conversion)
    p, q = as_probabilities("p_ctr", p_ctr, y), as_probabilities("p_cvr", p_cvr, y)
    tasks = [*_observed(p, q, y, z)]
    if potential_conversion is not None:
        tasks += _counterfactual(q, y, as_labels("potential_conversion", potential_conversion, y))
    eps = resolution(p_ctr, p_cvr)
    found: dict[str, float] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        for task in tasks:
            found |= _metrics(task, groups, eps)
    if true_cvr is not None:
        found |= _bias(q - as_probabilities("true_cvr", true_cvr, y), y)
    if without := [name for name, value in found.items() if np.isnan(value)]:
        message = f"entire_space: labels of one class only, NaN for {', '.join(without)}"
        warnings.warn(message, UndefinedMetricWarning, stacklevel=2)
    return found


def _outcomes(click: ArrayLike, conversion: ArrayLike) -> tuple[Float64, Float64]:
    y = as_labels("click", click)
    z = as_labels("conversion", conversion, y)
    if (bad := z > y).any():
        raise ValueError(f"conversion: row {int(np.argmax(bad))} has a conversion and no click")
    return y, z


def _observed(p: Float64, q: Float64, y: Float64, z: Float64) -> Iterator[_Measured]:
    spaces = _spaces(y)
    yield _Measured("ctr", "impressions", spaces["impressions"], y, p)
    yield _Measured("cvr", "clicks", spaces["clicks"], z, q)
    yield _Measured("ctcvr", "impressions", spaces["impressions"], z, p * q)


def _counterfactual(q: Float64, y: Float64, potential: Float64) -> Iterator[_Measured]:
    spaces = _spaces(y)
    for space in ("impressions", "unclicked"):
        yield _Measured("cvr", space, spaces[space], potential, q)


def _spaces(y: Float64) -> dict[str, NDArray[np.bool_]]:
    return {"impressions": np.ones(len(y), bool), "clicks": y == 1, "unclicked": y == 0}


def _metrics(measured: _Measured, groups: ArrayLike | None, eps: float) -> dict[str, float]:
    task, space, rows, labels, predictions = measured
    if not rows.any():
        return {}
    y, p = labels[rows], predictions[rows]
    loss = mean_log_loss(y, p, np.ones(len(y)), eps)
    values = {"auc": auc(y, p), "log_loss": loss, "pcoc": pcoc(y, p)}
    if groups is not None:
        names = np.asarray(groups)
        if names.shape != rows.shape:
            raise ValueError(f"groups: must have shape {rows.shape}, got {names.shape}")
        values["gauc"] = grouped_auc(y, p, names[rows])
    return {f"{task}_{metric}_{space}": value for metric, value in values.items()}


def _bias(error: Float64, y: Float64) -> dict[str, float]:
    spaces = {space: rows for space, rows in _spaces(y).items() if rows.any()}
    return {f"cvr_bias_{space}": float(error[rows].mean()) for space, rows in spaces.items()}
