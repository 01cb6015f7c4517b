"""Loader of the screening set: Tox21, Lipophilicity, ESOL and ClinTox merged by structure."""

from pathlib import Path

import numpy as np

from moo.data._drug_labels import BITS, DESCRIPTORS, KINDS, LABELS, NAME, TASKS
from moo.data._error import DataError
from moo.data._moleculenet import LIPOPHILICITY, moleculenet
from moo.data._molecules import Molecules
from moo.data._npz import Layout, read_npz
from moo.data._source import find_source, provenance
from moo.data._table import NATURAL, SKIP, TEXT, Field, Table, read_table

_TABLE, _FINGERPRINTS = "screening_core.csv", "screening_core_morgan1024.npz"
_FIELDS = {
    **dict.fromkeys(("inchikey", "smiles", "scaffold"), TEXT),
    "sources": SKIP,
    "mw": Field("float", 0),
    "clogp": Field("float"),
    "tpsa": Field("float", 0),
    "qed": Field("float", 0, 1),
    "sa": Field("float", 1, 10),
    **dict.fromkeys(("hbd", "hba", "rotb"), NATURAL),
    # ClinTox's other label is nearly the complement of CT_TOX: it would give it away.
    "FDA_APPROVED": SKIP,
    **LABELS,
}


def molecules(root: Path) -> Molecules:
    """Read 12,998 molecules: measured logD, solubility, and the toxicity assays of Tox21.

    Tasks: `logD74` (hydrophobicity, octanol and buffer at pH 7.4) and `logS` (solubility, log10 of
    mol/l), to be regressed, and 13 to be classified, 1 is toxic: the 12 assays of Tox21 and
    `CT_TOX`, a failed clinical trial. Only 397 molecules have both logD and an assay: train with
    masked losses. The conflict is real: what is hydrophobic is more often toxic.

    Inputs: Morgan fingerprints (radius 2, 1,024 bits), and eight descriptors that are computed
    from the structure, no measurements: weight, clogP, polar surface, QED, synthetic
    accessibility, donors and acceptors of hydrogen bonds, rotatable bonds.

    Args:
        root: folder that holds screening_core.csv (or .gz, .xz) and
            screening_core_morgan1024.npz, or whose folder `molecules` does; or in their place
            MoleculeNet's own files, from which they are computed: Lipophilicity.csv,
            delaney-processed.csv, tox21.csv, and clintox.csv if wanted.

    Returns:
        The molecules, in the file's order; split them by scaffold.

    Raises:
        DataError: for a missing file, fingerprints of another number of molecules, or a value the
            format forbids, with its line.
        ModuleNotFoundError: for MoleculeNet's files without RDKit: `pip install "moo-jax[chem]"`.

    Source: Tox21 (US government, public domain); Lipophilicity, ChEMBL (CC BY-SA 3.0); ESOL,
    Delaney, J. Chem. Inf. Comput. Sci. 2004; ClinTox; all through MoleculeNet, Wu et al., Chemical
    Science 2018, arXiv:1703.00564.
    """
    path = find_source(NAME, root, (NAME,), _TABLE, LIPOPHILICITY)
    if not path.name.startswith(_TABLE):
        return moleculenet(root)
    bits_path = find_source(NAME, root, (NAME,), _FINGERPRINTS)
    table = read_table(path, _FIELDS)
    _check_unique(table)
    packed = read_npz(bits_path, {"fp": Layout("uint8", (None, BITS // 8))})["fp"]
    if len(packed) != table.rows():
        raise DataError(f"{bits_path}: {len(packed)} fingerprints of {table.rows()} molecules")
    labels = np.column_stack([table[task] for task in TASKS])
    return Molecules(
        name=NAME,
        inchikeys=table["inchikey"],
        smiles=table["smiles"],
        scaffolds=table["scaffold"],
        fingerprints=np.unpackbits(packed, axis=1),
        descriptors=np.column_stack([table[name] for name in DESCRIPTORS]).astype(np.float32),
        labels=np.nan_to_num(labels).astype(np.float32),
        mask=~np.isnan(labels),
        descriptor_names=DESCRIPTORS,
        tasks=TASKS,
        kinds=KINDS,
        **provenance(NAME, [path, bits_path], {"rows read": table.rows()}),
    )


def _check_unique(table: Table) -> None:
    keys, first = np.unique(table["inchikey"].astype(str), return_index=True)
    if len(keys) < table.rows():
        row = int(np.setdiff1d(np.arange(table.rows()), first)[0])
        table.fail(row, "inchikey", f"{table['inchikey'][row]} stands in an earlier line too")
