"""Methods that use the matrix shape of parameters."""
