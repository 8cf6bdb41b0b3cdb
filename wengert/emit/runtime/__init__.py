"""Functions that emitted programs carry besides the ops' own."""
