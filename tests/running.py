"""A plugin that reduces the messages between pytest-xdist's processes to those that are read.

For a test that passes, the first process needs the result of the call, and that the test has finished. It gets the rest
if that has output, or if the options ask for durations or every test by its name. In a report in XML, the time of a
passed test is that of its call.
"""

from __future__ import annotations

import marshal
from typing import Any

import pytest
from _pytest import reports
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

Json = dict[str, Any]
Report = pytest.CollectReport | pytest.TestReport

_PACKED = "packed"
_LEFT_OUT: Json = {"left out": True}
"""The placeholder for a report that is not sent."""


class Files(LoadFileScheduling):  # type: ignore[misc] # xdist has no types for mypy
    """A file of tests for a process, as with `--dist=loadfile`, without searching the list of all tests."""

    _places: dict[str, int] | None = None

    def _assign_work_unit(self, node: WorkerController) -> None:
        if self._places is None:  # every process has the same tests in the same order
            self._places = {test: place for place, test in enumerate(self.registered_collections[node])}
        file, tests = self.workqueue.popitem(last=False)
        self.assigned_work.setdefault(node, {})[file] = tests
        node.send_runtest_some([self._places[test] for test, completed in tests.items() if not completed])

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        super().mark_test_complete(node, item_index, duration)
        test = self.registered_collections[node][item_index]
        file = self._split_scope(test)
        work = self.assigned_work[node]
        del work[file][test]  # otherwise it is counted for every other test
        if not work[file]:
            del work[file]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Files | None:  # noqa: ANN401 - of xdist
    """Give a process one file of tests at a time, if the options ask for this."""
    return Files(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_configure(config: pytest.Config) -> None:
    """Let a process of tests omit reports that are not read."""
    for interactor in config.pluginmanager.get_plugins():
        if type(interactor).__name__ == "WorkerInteractor" and _is_brief(config):
            told = interactor.sendevent

            def tell(name: str, *, told: Any = told, **what: object) -> None:  # noqa: ANN401 - of xdist
                if name != "logstart" and what.get("data") is not _LEFT_OUT:
                    told(name, **what)

            interactor.sendevent = tell


@pytest.hookimpl(tryfirst=True)
def pytest_report_to_serializable(config: pytest.Config, report: Report) -> Json:
    """Return a report as one value, or omit it. execnet takes about a hundred steps for a report's parts."""
    is_read = report.when not in ("setup", "teardown") or not report.passed or report.sections
    if is_read or not hasattr(config, "workerinput") or not _is_brief(config):
        return {_PACKED: marshal.dumps(reports.pytest_report_to_serializable(report))}
    return _LEFT_OUT


@pytest.hookimpl(tryfirst=True)
def pytest_report_from_serializable(data: Json) -> Report | None:
    """Return a report that another process has sent."""
    return reports.pytest_report_from_serializable(marshal.loads(data[_PACKED]))  # noqa: S302 - of this run


def _is_brief(config: pytest.Config) -> bool:
    asked = (config.getoption("durations", None), config.getoption("verbose") > 0)
    return not any(asked)
