"""What the data sets of a comparison are, in a line each."""

from benchmarks.reports._compare import Comparison
from benchmarks.studies._data_sets import DATA_SETS
from benchmarks.studies._records import RECORDS


def data_sets(found: Comparison) -> list[tuple[str, str]]:
    """Return name and description of the data sets that models were trained on, sorted by name.

    Test problems have none; nor has a data set that is not known any more.
    """
    names = {run.cell.problem for run in found.runs if run.cell.model}
    known = {name: entry.description for name, entry in (DATA_SETS | RECORDS).items()}
    return [(name, known[name]) for name in sorted(names & known.keys())]
