"""What emitted programs carry besides the ops' own functions."""
