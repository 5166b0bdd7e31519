"""Fixtures every test folder may use."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Tests run side by side (``make test``): threads of numpy's would only get in each other's way. Before its import."""


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The development data that is not part of the repository; tests that need it are skipped without it."""
    folder = Path(os.environ.get("TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("development data is not on this machine (TEST_DATA)")
    return folder


@pytest.fixture
def screenshots(request: pytest.FixtureRequest) -> Path | None:
    """Where pictures of pages go: ``--screenshots docs/console``."""
    folder = request.config.getoption("--screenshots")
    return Path(folder) if folder else None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", metavar="FOLDER", help="put pictures of the console's pages there")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Cheapest first: what is wrong shows early.

    What happens in real time with real processes is tried three times before it counts as failed, since a busy
    machine may hold up any of them; the summary tells each rerun.
    """
    cost = {"servers": 1, "calls": 2}
    for item in items:
        if any(mark.name in cost for mark in item.iter_markers()) or "integrations" in item.path.parts:
            item.add_marker(pytest.mark.flaky(reruns=2))
    items.sort(key=lambda item: max((cost.get(mark.name, 0) for mark in item.iter_markers()), default=0))
