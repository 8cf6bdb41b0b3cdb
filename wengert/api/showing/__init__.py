"""Programs shown: in notebooks, as plots, and as pages with an editor."""
