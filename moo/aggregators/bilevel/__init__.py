"""Methods that choose weights by a validation batch."""
