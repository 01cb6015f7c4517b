"""Loader of the files that MoleculeNet publishes, merged by structure."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from moo._rdkit import silent
from moo.data._drug_labels import (
    ASSAYS,
    CLASS,
    DESCRIPTORS,
    KINDS,
    NAME,
    NUMBER,
    REGRESSIONS,
    TASKS,
    TRIAL,
)
from moo.data._error import DataError
from moo.data._molecules import Molecules
from moo.data._source import find_source, provenance
from moo.data._structures import Structure, structure
from moo.data._table import SKIP, TEXT, Field, Table, read_table

LIPOPHILICITY = "Lipophilicity.csv"


class _File(NamedTuple):
    """A file: its columns besides `smiles`, and which of them are which label."""

    name: str
    skipped: tuple[str, ...]
    labels: Mapping[str, str]
    field: Field
    optional: bool = False


_FILES = (
    _File(LIPOPHILICITY, ("CMPD_CHEMBLID",), {"exp": "logD74"}, NUMBER),
    _File(
        "delaney-processed.csv",
        (
            "Compound ID", "ESOL predicted log solubility in mols per litre", "Minimum Degree",
            "Molecular Weight", "Number of H-Bond Donors", "Number of Rings",
            "Number of Rotatable Bonds", "Polar Surface Area",
        ),
        {"measured log solubility in mols per litre": "logS"},
        NUMBER,
    ),
    # Its other label is nearly the complement of CT_TOX: it would give it away.
    _File("clintox.csv", ("FDA_APPROVED",), {TRIAL: TRIAL}, CLASS, optional=True),
    _File("tox21.csv", ("mol_id",), {name: name for name in ASSAYS}, CLASS),
)  # fmt: skip


def moleculenet(root: Path) -> Molecules:
    """Read the official files, and compute from the structures what `molecules` has in columns.

    A molecule is one row whatever files it is in: those of one InChIKey are merged, and the first
    structure stands. Numbers that were measured several times are averaged; classes that disagree
    count as not measured. Structures that RDKit cannot read are left out. All three are counted in
    `report`. The descriptors take most of the time, about a minute for all files.

    Args:
        root: folder that holds Lipophilicity.csv, delaney-processed.csv and tox21.csv, each plain,
            .gz or .xz, or whose folder `molecules` does; clintox.csv is read where it is there,
            and `CT_TOX` is not measured where it is not.

    Raises:
        DataError: for a missing file, or a value the format forbids, with its line.
        ModuleNotFoundError: without RDKit: `pip install "moo-jax[chem]"`.
    """
    tables = [(file, table) for file in _FILES if (table := _read(root, file)) is not None]
    merged = _Merged()
    for file, table in tables:
        merged.add(file, table)
    if not merged.structures:
        raise DataError(f"{tables[0][1].path}: no structure of any file can be read")
    labels = merged.labels()
    return Molecules(
        name=NAME,
        **_columns(merged.structures),
        labels=np.nan_to_num(labels).astype(np.float32),
        mask=~np.isnan(labels),
        descriptor_names=DESCRIPTORS,
        tasks=TASKS,
        kinds=KINDS,
        **provenance(NAME, [table.path for _, table in tables], merged.report),
    )


def _columns(structures: Mapping[str, Structure]) -> dict[str, Any]:
    """Return what follows from the structures, by InChIKey, in arrays (n, ...)."""
    found = structures.values()
    with silent():
        return {
            "inchikeys": np.array(list(structures), object),
            "smiles": np.array([one.smiles for one in found], object),
            "scaffolds": np.array([one.scaffold for one in found], object),
            "fingerprints": np.stack([one.fingerprint for one in found]),
            "descriptors": np.stack([one.descriptors for one in found]),
        }


def _read(root: Path, file: _File) -> Table | None:
    fields = {"smiles": TEXT, **dict.fromkeys(file.skipped, SKIP)}
    fields |= dict.fromkeys(file.labels, file.field)
    try:
        path = find_source(NAME, root, (NAME,), file.name)
    except DataError:
        if file.optional:
            return None
        raise
    return read_table(path, fields)


class _Merged:
    """Molecules by InChIKey, in the order in which they come, and all that was measured of them."""

    def __init__(self) -> None:
        self.structures: dict[str, Structure] = {}
        self.report = {"rows read": 0, "structures not read": 0, "classes that disagree": 0}
        self._values: dict[tuple[str, str], list[float]] = {}

    def add(self, file: _File, table: Table) -> None:
        """Add the rows of a file."""
        for row, smiles in enumerate(table["smiles"]):
            self.report["rows read"] += 1
            found = structure(smiles)
            if found is None:
                self.report["structures not read"] += 1
                continue
            self.structures.setdefault(found.inchikey, found)
            for column, task in file.labels.items():
                value = float(table[column][row])
                if not np.isnan(value):
                    self._values.setdefault((found.inchikey, task), []).append(value)

    def labels(self) -> NDArray[np.float64]:
        """Return one value a molecule and task, NaN where there is none, (n, T)."""
        place = {inchikey: row for row, inchikey in enumerate(self.structures)}
        labels = np.full((len(place), len(TASKS)), np.nan)
        for (inchikey, task), values in self._values.items():
            if task not in REGRESSIONS and len(set(values)) > 1:
                self.report["classes that disagree"] += 1
            else:
                labels[place[inchikey], TASKS.index(task)] = np.mean(values)
        return labels
