"""docs/metrics.md says what is so."""

from pathlib import Path
from types import ModuleType

import pytest

from tests.scripts import loaded

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def reference() -> ModuleType:
    return loaded(DOCS / "metrics_reference.py")


def test_the_table_of_metrics_is_current(reference: ModuleType) -> None:
    page = (DOCS / "metrics.md").read_text(encoding="utf-8")
    assert reference.with_table(page) == page, "run: python docs/metrics_reference.py --write"


def test_every_metric_is_fed_by_a_call_or_a_look_at_the_machine(reference: ModuleType) -> None:
    assert [family.name for family in reference.fed().registry.collect() if not family.samples] == []
