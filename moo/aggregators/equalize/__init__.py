"""Methods that make the objectives equal in what they gain or how they project."""
