"""What RDKit computes from the structure of a molecule."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from moo._rdkit import molecule, rdkit, silent
from moo.data._drug_labels import BITS, DESCRIPTORS


class Structure(NamedTuple):
    """A molecule that RDKit could read.

    Attributes:
        inchikey: its hashed structure, by which molecules of several files are one.
        molecule: RDKit's.
    """

    inchikey: str
    molecule: Any

    @property
    def smiles(self) -> str:
        """The canonical structure."""
        return str(rdkit("Chem").MolToSmiles(self.molecule))

    @property
    def scaffold(self) -> str:
        """Bemis-Murcko scaffold; `""` for a molecule without rings."""
        scaffolds = rdkit("Chem.Scaffolds.MurckoScaffold")
        return str(scaffolds.MurckoScaffoldSmiles(mol=self.molecule))

    @property
    def fingerprint(self) -> NDArray[np.uint8]:
        """Morgan fingerprint of radius 2, (1024,) of 0 and 1."""
        return np.asarray(_morgan().GetFingerprintAsNumPy(self.molecule), np.uint8)

    @property
    def descriptors(self) -> NDArray[np.float32]:
        """The values of `DESCRIPTORS`, (8,)."""
        return np.array([compute(self.molecule) for compute in _computed()], np.float32)


def structure(smiles: str) -> Structure | None:
    """Read a structure; None where RDKit cannot, or finds no atom."""
    found = molecule(smiles)
    if found is None or not found.GetNumAtoms():
        return None
    with silent():
        return Structure(str(rdkit("Chem").MolToInchiKey(found)), found)


@cache
def _morgan() -> Any:
    return rdkit("Chem.rdFingerprintGenerator").GetMorganGenerator(radius=2, fpSize=BITS)


@cache
def _computed() -> tuple[Callable[[Any], float], ...]:
    counts = rdkit("Chem.rdMolDescriptors")
    known = {
        "mw": rdkit("Chem.Descriptors").MolWt,
        "clogp": rdkit("Chem.Crippen").MolLogP,
        "tpsa": counts.CalcTPSA,
        "qed": rdkit("Chem.QED").qed,
        "sa": rdkit("Contrib.SA_Score.sascorer").calculateScore,
        "hbd": counts.CalcNumHBD,
        "hba": counts.CalcNumHBA,
        "rotb": counts.CalcNumRotatableBonds,
    }
    return tuple(known[name] for name in DESCRIPTORS)
