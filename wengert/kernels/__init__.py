"""From lists to fast callables: lists prepared for calls, kernels, Jacobians and traces."""
