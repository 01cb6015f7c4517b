"""What the data sets of a comparison are, in a line each."""

import dataclasses

from benchmarks.reports._compare import Comparison
from benchmarks.studies._data_sets import DATA_SETS
from benchmarks.studies._records import RECORDS
from moo.data.simulator._preset import Preset

_DIGITS = 16


def data_sets(found: Comparison) -> list[tuple[str, str]]:
    """Return name, description and checksum of the data sets that models were trained on.

    Test problems have none; nor has a data set that is not known any more.
    """
    names = {run.cell.problem for run in found.runs if run.cell.model}
    known = {name: entry.description for name, entry in (DATA_SETS | RECORDS).items()}
    return [(name, known[name] + _files(found, name)) for name in sorted(names & known.keys())]


def preset_of(found: Comparison, problem: str) -> Preset | None:
    """Return what the simulator drew a problem of the comparison by; None for other data."""
    cell = found.tried[found.methods[0], problem].runs[0].cell
    known = DATA_SETS.get(cell.problem)
    if known is None or known.preset is None:
        return None
    fields = {field.name for field in dataclasses.fields(Preset)}
    options = {name: cell.problem_options[name] for name in fields & cell.problem_options.keys()}
    return dataclasses.replace(known.preset, **options)


def _files(found: Comparison, name: str) -> str:
    """Return words on the checksum of the files that cells were trained on."""
    read = sorted({run.data for run in found.runs if run.cell.problem == name and run.data})
    if len(read) > 1:
        return f"; {len(read)} different versions of its files: do not compare its cells"
    return f"; sha256 of its files {read[0][:_DIGITS]}" if read else ""
