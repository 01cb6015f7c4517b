"""Regressions: the pupils of 139 schools, and tables with several numbers to predict a row."""

import functools
from collections.abc import Callable

import numpy as np

import moo
from benchmarks.studies._masked import Labels, Rows, masked_study
from benchmarks.studies._study import Metrics, Study
from moo.data import MultiTarget, TaskSet

MODELS = ("shared_trunk",)
_SHARES = (0.6, 0.15, 0.25)
_HIDDEN = (64, 32)


def school(model: str, *, batch_size: int = 512, split: int = 0) -> Study:
    """Return a trunk that all schools share, with a head and an objective a school.

    A pupil counts for the own school only, so that most batches leave some schools out.

    Args:
        model: one of `MODELS`.
        batch_size: pupils in a step.
        split: which random split of each school's pupils, at least 0.

    Raises:
        DataError: if the data cannot be read.
    """
    return task_study(moo.data.load("school"), batch_size=batch_size, split=split)


def table(name: str) -> Callable[..., Study]:
    """Return the study of a table of `moo.data.load("multi_target")`, an objective a target."""

    def study(model: str, *, batch_size: int = 64, split: int = 0) -> Study:
        data = moo.data.load("multi_target", table=name)
        return target_study(data, batch_size=batch_size, split=split)

    return study


def task_study(data: TaskSet, *, batch_size: int, split: int = 0) -> Study:
    """Return the study of many tasks with rows of their own."""
    parts = [_rows_of(part) for part in data.split_at_random(_SHARES, seed=split)]
    features = parts[0].features
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scaled = [
        rows._replace(features=(rows.features - mean) / np.where(scale > 0, scale, 1))
        for rows in parts
    ]
    names = tuple(f"task_{task}" for task in range(len(data)))
    return _study(names, scaled, batch_size, one_unit=True)._replace(checksum=data.checksum)


def target_study(data: MultiTarget, *, batch_size: int, split: int = 0) -> Study:
    """Return the study of a table whose targets are all measured."""
    parts = data.split_at_random(_SHARES, seed=split)
    rows = [
        Rows(part.standardize(parts[0]).features, part.targets, np.ones(part.targets.shape, bool))
        for part in parts
    ]
    study = _study(data.target_names, rows, batch_size, one_unit=False)
    return study._replace(checksum=data.checksum)


def _study(names: tuple[str, ...], parts: list[Rows], batch_size: int, *, one_unit: bool) -> Study:
    labels = Labels(names, (True,) * len(names), {name: (name,) for name in names})
    training = parts[0]
    mean = training.labels.sum(axis=0, dtype=np.float64) / training.mask.sum(axis=0)
    score = functools.partial(scored, names, mean, one_unit)
    size = min(batch_size, len(training.labels))
    return masked_study(labels, parts, score, batch_size=size, hidden=_HIDDEN)


def _rows_of(data: TaskSet) -> Rows:
    """Return all tasks' rows below each other: a row has a label of its own task only."""
    task, place = np.nonzero(data.mask)
    mask = task[:, None] == np.arange(len(data))
    targets = data.targets[task, place]
    return Rows(data.features[task, place], np.where(mask, targets[:, None], 0), mask)


def scored(
    names: tuple[str, ...], baseline: np.ndarray, one_unit: bool, rows: Rows
) -> Callable[[np.ndarray], Metrics]:
    r"""Return predictions (n, T) -> metrics on the rows where each target was measured.

    Of each target `_rmse` and `_explained_variance`, $1 - \sum (y - p)^2 / \sum (y - \bar y)^2$;
    over the targets `mean_explained_variance` and `mean_relative_rmse`, the mean of
    $\sqrt{\sum (y - p)^2 / \sum (y - b)^2}$, in which b predicts the mean of the training rows.
    What has no value, since the target does not vary, is left out of the means.

    Args:
        names: of the T targets.
        baseline: the mean of each over the training rows, (T,).
        one_unit: whether all targets have one unit; then `rmse` and `explained_variance` are there
            for all rows together.
        rows: the rows.

    Source: relative RMSE, Spyromitros-Xioufis et al., Machine Learning 2016, arXiv:1211.6581.
    """
    truth, mask = rows.labels.astype(np.float64), rows.mask
    count = mask.sum(axis=0)
    varied = _squares(truth - truth.sum(axis=0) / np.maximum(count, 1), mask)
    beaten = _squares(truth - baseline, mask)
    overall = _squares(truth - truth[mask].mean(), mask).sum()

    def metrics(predicted: np.ndarray) -> Metrics:
        squares = _squares(predicted - truth, mask)
        explained = 1 - _ratio(squares, varied)
        found = {"mean_relative_rmse": _mean(np.sqrt(_ratio(squares, beaten))),
                 "mean_explained_variance": _mean(explained)}  # fmt: skip
        if one_unit:
            found["rmse"] = float(np.sqrt(squares.sum() / count.sum()))
            found["explained_variance"] = float(1 - _ratio(squares.sum(), overall))
        for task, name in enumerate(names):
            found[f"{name}_rmse"] = float(np.sqrt(_ratio(squares[task], count[task])))
            found[f"{name}_explained_variance"] = float(explained[task])
        return found

    return metrics


def _squares(errors: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the sum of squares a target, (T,), where it was measured."""
    return np.where(mask, errors**2, 0).sum(axis=0)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Divide; NaN where the whole is 0."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1), np.nan)


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")
