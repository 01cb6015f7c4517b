"""The one stack of probes, m = 4 and d = 6: degenerate matrices, masks, and what laws compare."""

import numpy as np

from tests.aggregators.conformance.laws import LAWS, VARIANTS
from tests.aggregators.conformance.probe import Probe, probe, stacked
from tests.aggregators.matrices import masks, pairs, quadruples

M, D = 4, 6
BAD = {"NaN": np.nan, "infinity": np.inf}


def _fours():
    given = {name: J for name, J in quadruples().items() if name != "sign trap"}
    spread = given["random 5"] * np.float32([[1e6], [1], [1e-6], [1]])
    return given | {"sign trap": quadruples()["sign trap"], "row spread 1e12": spread}


def _pair(J):
    """Set two rows between two inactive ones."""
    rows = np.full((M, D), 3, np.float32)
    rows[[0, 2]] = np.pad(J, ((0, 0), (0, D - J.shape[1])))
    return probe(rows, active=[True, False, True, False])


FOURS = {name: probe(J) for name, J in _fours().items()}
PAIRS = {f"pair, {name}": _pair(J) for name, J in pairs().items()}
BASES = FOURS | PAIRS


def _masked():
    """Mask every matrix in some ways, and random ones in all."""
    every = masks(M)
    for k, (name, asked) in enumerate(FOURS.items()):
        chosen = every if name in ("random 0", "random 1") else every[1 + k % 3 :: 4]
        for mask in chosen:
            yield f"{name}, {mask.astype(int)}", asked._replace(active=mask)


def _hidden():
    """Put what must not matter into an inactive row: garbage, NaN and infinity."""
    asked = FOURS["random 0"]
    mask = np.arange(M) != 1
    for name, value in {"garbage": 1e6, **BAD}.items():
        rows = asked.rows.copy()
        rows[1] = value
        losses = np.where(mask, asked.losses, 100).astype(np.float32)
        yield name, asked._replace(rows=rows, losses=losses, active=mask)


def _spoilt():
    """Put NaN and infinity into an active row."""
    for name, value in BAD.items():
        rows = FOURS["random 0"].rows.copy()
        rows[1, 2] = value
        yield name, FOURS["random 0"]._replace(rows=rows)


def _lanes():
    """Name every lane by what it is for."""
    lanes = {("base", name): asked for name, asked in BASES.items()}
    lanes |= {("masked", name): asked for name, asked in _masked()}
    lanes |= {("hidden", name): asked for name, asked in _hidden()}
    lanes |= {("spoilt", name): asked for name, asked in _spoilt()}
    lanes["none", "active"] = FOURS["random 0"]._replace(active=np.zeros(M, bool))
    for kind, variants in VARIANTS.items():
        for k, (name, asked) in enumerate(BASES.items()):
            for i, other in enumerate(variants(asked, np.random.default_rng([k, 7]))):
                lanes[kind, name, i] = other
    return lanes


LANES = _lanes()
PLACES = {key: place for place, key in enumerate(LANES)}
PROBES: Probe = stacked(LANES.values())


def places(kind):
    """Return the names and places of the lanes of one kind."""
    return {key[1]: place for key, place in PLACES.items() if key[0] == kind}


def compared(law, case):
    """Return the places of a case and of the variants that a law compares with it."""
    kind = LAWS[law].variants
    others = [place for key, place in PLACES.items() if key[:2] == (kind, case)]
    return [PLACES["base", case], *others]
