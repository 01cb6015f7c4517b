"""Methods that project gradients until they no longer conflict."""
