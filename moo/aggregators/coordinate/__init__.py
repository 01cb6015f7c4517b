"""Methods that work entry by entry, or row by row, on the whole Jacobian."""
