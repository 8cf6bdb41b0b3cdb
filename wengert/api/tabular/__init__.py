"""Programs over the rows of tables: frames, files larger than memory, and workers of Dask."""
