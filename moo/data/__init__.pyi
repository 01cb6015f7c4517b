# Made by .ci/stubs.py from the _PUBLIC table beside it.
from moo.data._batches import Batches as Batches
from moo.data._column import Column as Column
from moo.data._dataset import Dataset as Dataset
from moo.data._error import DataError as DataError
from moo.data._presets import PRESETS as PRESETS
from moo.data._registry import DATASETS as DATASETS
from moo.data._registry import load as load
from moo.data._simulate import simulate as simulate

__all__ = [
    "DATASETS",
    "PRESETS",
    "Batches",
    "Column",
    "DataError",
    "Dataset",
    "load",
    "simulate",
]
