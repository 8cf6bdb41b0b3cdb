"""What everything stands on: errors, limits, names, and a page on each diagnostic code."""
