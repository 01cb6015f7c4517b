"""Methods around the shortest vector in the convex hull of the gradients."""
