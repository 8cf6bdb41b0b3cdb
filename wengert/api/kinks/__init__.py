"""Derivatives where programs are not smooth: which points these are, and the answers there."""
