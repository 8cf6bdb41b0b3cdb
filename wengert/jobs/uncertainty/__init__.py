"""Propagation of uncertainty, by derivatives and by sampling, and the report on it."""
