"""Drug screening: hydrophobicity, solubility and toxicity of molecules with unseen scaffolds."""

import functools
import itertools
import warnings
from collections.abc import Callable, Mapping, Sequence

import numpy as np

import moo
from benchmarks.studies import _screening
from benchmarks.studies._masked import Labels, Rows, masked_study
from benchmarks.studies._study import Metrics, Study
from moo.data import Molecules
from moo.metrics import UndefinedMetricWarning

BATCH_SIZE = 512
CHOSEN = 5
# More for validation and test than usual: few molecules have labels of two kinds.
_SHARES = (0.6, 0.15, 0.25)
_NUMBERS = {"logD74": "hydrophobicity", "logS": "solubility"}
_TOXICITY = "toxicity"


def grouped(data: Molecules) -> Mapping[str, Sequence[str]]:
    """Return three objectives: the numbers one each, and toxicity, all classes together."""
    classes = [name for name in data.tasks if name not in _NUMBERS]
    return {_NUMBERS[name]: (name,) for name in data.tasks if name in _NUMBERS} | {
        _TOXICITY: classes
    }


def one_a_label(data: Molecules) -> Mapping[str, Sequence[str]]:
    """Return an objective a label."""
    return {name: (name,) for name in data.tasks}


MODELS: dict[str, Callable[[Molecules], Mapping[str, Sequence[str]]]] = {
    "shared_trunk": grouped,
    "shared_trunk_by_label": one_a_label,
}


def molecules(model: str, *, batch_size: int = BATCH_SIZE, descriptors: bool = False) -> Study:
    """Return a shared trunk on the molecules of `moo.data`, split by scaffold.

    Args:
        model: a key of `MODELS`: how labels are grouped into objectives.
        batch_size: rows in a step.
        descriptors: whether the model sees the descriptors beside the fingerprints.

    Raises:
        DataError: if the data cannot be read.
    """
    return study_of(_parts(), model, batch_size=batch_size, descriptors=descriptors)


def study_of(
    parts: Sequence[Molecules], model: str, *, batch_size: int, descriptors: bool = False
) -> Study:
    """Return a shared trunk on training, validation and test molecules."""
    data = parts[0]
    regression = tuple(kind == "regression" for kind in data.kinds)
    labels = Labels(data.tasks, regression, MODELS[model](data))
    rows = [_rows(part, data, descriptors) for part in parts]

    def score(part: Rows) -> Callable[[np.ndarray], Metrics]:
        return _score(data, part, listed=part is rows[-1])

    study = masked_study(labels, rows, score, batch_size=batch_size)
    return study._replace(checksum=data.checksum)


@functools.lru_cache(maxsize=1)
def _parts() -> tuple[Molecules, ...]:
    return moo.data.load("molecules").split_by_scaffold(_SHARES)


def _rows(part: Molecules, training: Molecules, descriptors: bool) -> Rows:
    features = part.fingerprints
    if descriptors:
        scale = training.descriptors.std(axis=0)
        shifted = part.descriptors - training.descriptors.mean(axis=0)
        scaled = shifted / np.where(scale > 0, scale, 1)
        features = np.concatenate([features, scaled], axis=1, dtype=np.float32)
    return Rows(features, part.labels, part.mask)


def screened_goals(data: Molecules) -> list[tuple[str, str]]:
    """Return the pairs of goals that are screened for: toxicity and each other one."""
    return [goals for goals in itertools.combinations(grouped(data), 2) if _TOXICITY in goals]


def _score(data: Molecules, rows: Rows, *, listed: bool) -> Callable[[np.ndarray], Metrics]:
    """Score each label on the rows where it was measured, and the choices by each two goals."""
    screenings = [
        screening_metrics(goals, data, rows, listed=listed) for goals in screened_goals(data)
    ]

    def metrics(predicted: np.ndarray) -> Metrics:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UndefinedMetricWarning)
            found = _by_label(data, rows, predicted)
        for screening in screenings:
            found |= screening(predicted)
        return found

    return metrics


def _by_label(data: Molecules, rows: Rows, predicted: np.ndarray) -> Metrics:
    found: Metrics = {}
    for task, (name, kind) in enumerate(zip(data.tasks, data.kinds, strict=True)):
        measured = rows.mask[:, task]
        truth, guess = rows.labels[measured, task], predicted[measured, task]
        if kind == "regression":
            found[f"{name}_rmse"] = _root_mean_square(guess - truth)
        else:
            found[f"{name}_auc"] = moo.metrics.auc(truth, guess)
            found[f"{name}_log_loss"] = moo.metrics.log_loss(truth, guess)
    for metric in ("auc", "log_loss"):
        values = np.array([value for name, value in found.items() if name.endswith(f"_{metric}")])
        found[f"mean_{metric}"] = _mean(values[np.isfinite(values)])
    return found


def screening_metrics(
    goals: Sequence[str], data: Molecules, rows: Rows, *, listed: bool = False
) -> Callable[[np.ndarray], Metrics]:
    """Return predictions (n, T) -> what a choice of five by these goals is worth.

    The pool is those rows on which the goals were measured: no other choice can be scored. The
    metrics, by the goals' names: `_share` of the pool's hypervolume, `_hypervolume`, `_pool`, the
    number of molecules that could be chosen, and `_chance`, the share of a random choice.

    Args:
        goals: names of goals, see `goal_values`.
        data: says what the labels are.
        rows: the molecules.
        listed: whether to name the choice too: `_row_1` and so on, in the order of choice.
    """
    truth, pool = screening_pool(goals, data, rows)
    name = screening_name(goals)
    if len(pool) < 2:
        return lambda predicted: {f"{name}_pool": float(len(pool))}
    chance = _screening.by_chance(truth[pool], CHOSEN)

    def metrics(predicted: np.ndarray) -> Metrics:
        every = np.ones(predicted.shape, bool)
        guess = goal_values(goals, data, predicted, every)[pool]
        chosen = _screening.choose(guess, CHOSEN, partitions=CHOSEN - 1)
        found = _screening.score(truth[pool], chosen)
        ranked = enumerate(pool[chosen], start=1) if listed else ()
        return {
            f"{name}_share": found.share,
            f"{name}_hypervolume": found.hypervolume,
            f"{name}_pool": float(found.pool),
            f"{name}_chance": chance,
        } | {f"{name}_row_{rank}": float(row) for rank, row in ranked}

    return metrics


def screening_name(goals: Sequence[str]) -> str:
    """Return what the names of a screening's metrics start with."""
    return "screening_" + "_".join(goals)


def screening_pool(
    goals: Sequence[str], data: Molecules, rows: Molecules | Rows
) -> tuple[np.ndarray, np.ndarray]:
    """Return what was measured of the goals, (n, m), and the rows on which all of them were."""
    truth = goal_values(goals, data, rows.labels, rows.mask)
    return truth, np.flatnonzero(np.isfinite(truth).all(axis=1))


def goal_values(
    goals: Sequence[str], data: Molecules, labels: np.ndarray, mask: np.ndarray
) -> np.ndarray:
    """Return what is minimised, (n, m) float64; NaN where a goal was not measured.

    Hydrophobicity, which carries a drug through membranes, and solubility are wanted, so they are
    -logD and -logS. Toxicity is the mean over the assays, of which at least half must have been
    measured. Alerts in the structure do not stand for it: they hardly predict the assays.

    Args:
        goals: names, of "hydrophobicity", "solubility" and "toxicity".
        data: says what the labels are.
        labels: (n, T), measured or predicted.
        mask: (n, T), where they count.
    """
    groups = grouped(data)
    columns = []
    for goal in goals:
        members = [data.tasks.index(name) for name in groups[goal]]
        count = mask[:, members].sum(axis=1)
        total = np.where(mask[:, members], labels[:, members], 0).sum(axis=1, dtype=np.float64)
        mean = total / np.maximum(count, 1)
        sign = 1 if goal == _TOXICITY else -1
        columns.append(np.where(2 * count >= len(members), sign * mean, np.nan))
    return np.stack(columns, axis=1)


def _root_mean_square(errors: np.ndarray) -> float:
    return float(np.sqrt(_mean(errors.astype(np.float64) ** 2)))


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")
