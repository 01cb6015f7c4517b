"""Certified solvers: jit- and vmap-able, on cosines and norms, masked by the active objectives.

They are jitted themselves: a loop that is called eagerly would be compiled anew at every call.
"""
