"""A list made ready to be called, and the calls: values, derivatives, traces."""
