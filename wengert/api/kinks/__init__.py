"""Derivatives where programs are not smooth: find these points, and give the derivatives there."""
