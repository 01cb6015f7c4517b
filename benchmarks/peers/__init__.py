"""moo beside TorchJD and LibMTL: the same Jacobians, method by method."""
