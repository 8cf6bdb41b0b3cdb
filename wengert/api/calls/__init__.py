"""How calls of a Function are answered: by sweeps, or by kernels once these pay off."""
