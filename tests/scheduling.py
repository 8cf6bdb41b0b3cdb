"""How pytest-xdist hands thousands of tests to its workers, in time that grows as their number does.

Its own scheduler counts, after each test, all that a worker has ever been given, and looks for each test in the list of
all. Of 27,000 tests that takes a minute of the cores that the tests need.
"""

from __future__ import annotations

from xdist.scheduler import LoadGroupScheduling
from xdist.workermanage import WorkerController


class Scheduling(LoadGroupScheduling):
    """The scheduling of `--dist loadgroup`: the same order, and the same groups."""

    def _pending_of(self, workload: dict[str, dict[str, bool]]) -> int:
        """How many tests of a worker are still to be done; groups that are done are dropped."""
        for scope in [scope for scope, tests in workload.items() if all(tests.values())]:
            del workload[scope]
        return sum(list(tests.values()).count(False) for tests in workload.values())

    def _assign_work_unit(self, node: WorkerController) -> None:
        scope, tests = self.workqueue.popitem(last=False)
        self.assigned_work.setdefault(node, {})[scope] = tests
        collection = self.registered_collections[node]
        if not isinstance(collection, Collection):
            collection = self.registered_collections[node] = Collection(collection)
        node.send_runtest_some([collection.places[test] for test, done in tests.items() if not done])


class Collection(list[str]):
    """The tests of a worker, and the place of each."""

    def __init__(self, tests: list[str]) -> None:
        super().__init__(tests)
        self.places = {test: k for k, test in enumerate(tests)}
