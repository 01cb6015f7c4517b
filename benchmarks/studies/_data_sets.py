"""The data sets of the studies: how each is read, split once for all seeds, and scored."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

import moo
from benchmarks.studies._metrics import AT_RANDOM, Scores, by_funnel, by_label, by_selection
from benchmarks.studies._workers import as_funnel
from moo.data import PRESETS, Column, Dataset
from moo.data.simulator._preset import Preset

Parts = tuple[Dataset, Dataset, Dataset]

_SHARES = (0.7, 0.1, 0.2)
# A third of KuaiRand's columns: identities, context and the most telling user features.
_KUAIRAND_FEATURES = (
    "user_id", "video_id", "hour", "log_duration", "user_active_degree", "register_days_range",
    "onehot_feat3", "onehot_feat8",
)  # fmt: skip
# A third of the census's: the person, the job, and capital.
_CENSUS_FEATURES = (
    "age", "education", "race", "sex", "citizenship", "class_worker", "major_ind_code",
    "major_occ_code", "num_emp", "own_or_self", "capital_gains", "capital_losses",
    "stock_dividends", "year",
)  # fmt: skip
# Mean rates of click and of conversion after it; all else is as in `shop`, `short_video` and
# `deep_funnel`, which differ in nothing but their rates.
_RATES = {"rates_0025": (0.05, 0.05), "rates_0900": (0.3, 0.3), "rates_8100": (0.9, 0.9)}


class DataSet(NamedTuple):
    """One data set.

    Attributes:
        parts: reads it, and returns training, validation and test rows.
        score: how predictions on its rows are scored.
        description: what it is and how it is split, in one line.
        folder: where its files are under the data's root; "" where it has none.
        columns: the features that models see; empty: all of them.
        preset: what the simulator drew it by, where it is simulated.
    """

    parts: Callable[..., Parts]
    score: Callable[[Dataset], Scores]
    description: str
    folder: str = ""
    columns: tuple[str, ...] = ()
    preset: Preset | None = None

    @property
    def funnel(self) -> bool:
        """Whether its second label is observed where the first one is 1."""
        return self.score is not by_label


def load_parts(name: str, **options: Any) -> Parts:
    """Read and split a data set; numeric columns are scaled by what the training rows show.

    Raises:
        DataError: if it cannot be read.
        TypeError: if it has no such option.
    """
    training, *others = DATA_SETS[name].parts(**options)
    validation, test = (part.standardize(training) for part in others)
    return training.standardize(training), validation, test


def _simulated(preset: str, **rates: float) -> DataSet:
    chosen = dataclasses.replace(PRESETS[preset], **rates)

    def parts(num_rows: int = 40_000, shares: Sequence[float] = _SHARES, **options: Any) -> Parts:
        data = moo.data.simulate(preset, num_rows=num_rows, seed=0, **rates, **options)
        return _three(data.split_by_time(tuple(shares)))

    return DataSet(
        parts, by_funnel,
        f"simulated, so that conversions are known on all impressions; {chosen.ctr:g} of them are "
        f"clicked, {chosen.cvr:g} of the clicks convert; split by time",
        preset=chosen,
    )  # fmt: skip


def _adult() -> Parts:
    training, validation = moo.data.load("adult", part="train").split_at_random((0.85, 0.15))
    return training, validation, moo.data.load("adult", part="test")


def _adult_workers() -> Parts:
    return _three([as_funnel(part, "hours_per_week", 40, "income_over_50k") for part in _adult()])


def _census_workers() -> Parts:
    people = moo.data.load("census_income")
    funnel = as_funnel(people, "weeks_worked", 52, "income_50k")
    return _three(funnel.split_at_random(_SHARES))


def _exchangeable(name: str) -> Callable[[], Parts]:
    return lambda: _three(moo.data.load(name).split_at_random(_SHARES))


def _coat() -> Parts:
    """Hold pairs back to test the choice, beside those that chance chose, which test the rest."""
    training, validation, held = moo.data.load("coat").split_at_random((0.8, 0.1, 0.1))
    return training, validation, _marked(held, moo.data.load("coat", part="test"))


def _marked(chosen: Dataset, drawn: Dataset) -> Dataset:
    arrays = {name: np.concatenate([chosen[name], drawn[name]]) for name in chosen.arrays} | {
        AT_RANDOM: np.repeat(np.array([0, 1], np.float32), (len(chosen), len(drawn)))
    }
    columns = (*chosen.columns, Column(AT_RANDOM, "truth"))
    return dataclasses.replace(chosen, columns=columns, arrays=arrays)


def _kuairand() -> Parts:
    return _three(moo.data.load("kuairand_subset").split_by_time(_SHARES))


def _three(parts: Sequence[Dataset]) -> Parts:
    training, validation, test = parts
    return training, validation, test


DATA_SETS: dict[str, DataSet] = {
    **{preset: _simulated(preset) for preset in PRESETS},
    **{name: _simulated("shop", ctr=ctr, cvr=cvr) for name, (ctr, cvr) in _RATES.items()},
    "adult": DataSet(
        _adult, by_label, "people of the 1994 census; the official test rows"
    ),
    "census_income": DataSet(
        _exchangeable("census_income"), by_label,
        "people of the 1994 and 1995 surveys; split at random", folder="census_income",
    ),
    "adult_workers": DataSet(
        _adult_workers, by_funnel,
        "people of the 1994 census; 40 hours of work a week or more are the click, an income over "
        "50,000 dollars after it the conversion; the official test rows",
    ),
    "census_workers": DataSet(
        _census_workers, by_funnel,
        "people of the 1994 and 1995 surveys; 52 weeks of work in the year are the click, an "
        "income over 50,000 dollars after it the conversion; split at random",
        folder="census_income", columns=_CENSUS_FEATURES,
    ),
    "coat": DataSet(
        _coat, by_selection,
        "coats that people chose, and their ratings; choices are tested on pairs held back, "
        "ratings on coats that chance chose", folder="coat",
    ),
    "hillstrom": DataSet(
        _exchangeable("hillstrom"), by_funnel,
        "customers of an e-mail campaign, none left out; split at random", folder="hillstrom",
    ),
    "kuairand_subset": DataSet(
        _kuairand, by_funnel,
        "a sample selected on likes, so an illustration and no evidence; split by time",
        folder="kuairand", columns=_KUAIRAND_FEATURES,
    ),
}  # fmt: skip
