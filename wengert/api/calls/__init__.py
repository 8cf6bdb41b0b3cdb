"""How calls of a Function are answered: by sweeps, or by kernels that were made for them."""
