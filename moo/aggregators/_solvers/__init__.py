"""Certified solvers: jit- and vmap-able, on cosines and norms, masked by the active objectives."""
