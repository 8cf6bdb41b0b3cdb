"""temporary"""

from functools import lru_cache

import numpy as np


@lru_cache(None)
def over_arrays(row):
    f = np.frompyfunc(row.forward, max(1, row.params.count(" ") + 1), 1) if "*" not in row.params else None

    def g(*a):
        h = f or np.frompyfunc(row.forward, len(a), 1)
        return np.asarray(h(*[x.astype(object) if hasattr(x, "astype") else x for x in a]), dtype=float)

    return g
