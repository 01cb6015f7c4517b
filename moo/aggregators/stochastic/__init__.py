"""Methods for noisy gradients, and those that spread their work over steps."""
