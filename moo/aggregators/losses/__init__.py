"""Methods that read only the losses: one backward pass a step."""
