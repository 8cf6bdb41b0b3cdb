"""The ground of the package: errors, limits, names, and a page on each diagnostic code."""
