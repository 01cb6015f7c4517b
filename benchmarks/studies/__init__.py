"""Studies: learned models on data sets that are split once into train, validation and test."""

from moo._lazy import attach

_PUBLIC = {
    "DATA_SETS": "benchmarks.studies._data_sets",
    "MODELS": "benchmarks.studies._models",
    "RECORDS": "benchmarks.studies._records",
    "Part": "benchmarks.studies._study",
    "Study": "benchmarks.studies._study",
    "build_study": "benchmarks.studies._build",
    "missing": "benchmarks.studies._build",
    "num_objectives": "benchmarks.studies._build",
    "pairs": "benchmarks.studies._build",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
